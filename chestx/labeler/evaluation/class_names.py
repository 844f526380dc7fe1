"""One name for a class that data sets spell differently."""

from collections.abc import Iterable

from chestx.errors import ChestxError

NORMAL = "normal"
NO_FINDING = "no finding"

ALIASES = {
    "pleural effusion": "effusion",
    "infiltrate": "infiltration",
    "airspace opacity": "lung opacity",
    "enlarged cardiom.": "enlarged cardiomediastinum",
}

CHESTX_RAY8 = (
    "Atelectasis",
    "Cardiomegaly",
    "Effusion",
    "Infiltration",
    "Mass",
    "Nodule",
    "Pneumonia",
    "Pneumothorax",
)
"""The classes of Table 2 of Wang et al. 2017."""


def class_key(name: str) -> str:
    """Return what the spellings of a class have in common: compare keys, show names."""
    key = " ".join(name.replace("_", " ").replace("-", " ").casefold().split())
    return ALIASES.get(key, key)


def by_key(names: Iterable[str], where: str) -> dict[str, str]:
    """Map each key to its name; two spellings of one class in `where` are an error."""
    found: dict[str, str] = {}
    for name in names:
        key = class_key(name)
        if key in found:
            raise ChestxError(f"{where} has two columns for the class {key!r}: keep one of them")
        found[key] = name
    return found
