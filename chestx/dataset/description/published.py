"""The figures that the paper gives for ChestX-ray14 and ChestX-ray8, to stand beside others."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PublishedColumn:
    """A column of the paper: images (`#`) and overlap (`Ov.`) by class and for `No Finding`.

    `note` says what a reader should know of the figures.
    """

    id: str
    title: str
    source: str
    images: int
    note: str
    counts: Mapping[str, tuple[int, int]]


def published_columns() -> tuple[PublishedColumn, ...]:
    """Return ChestX-ray14 and ChestX-ray8 of Table 16 of Wang et al. 2017."""
    table = tomllib.loads(Path(__file__).with_name("published.toml").read_text(encoding="utf-8"))
    return tuple(
        PublishedColumn(
            column["id"],
            column["title"],
            column["source"],
            column["images"],
            column["note"],
            {name: (number, overlap) for name, (number, overlap) in column["counts"].items()},
        )
        for column in table["column"]
    )
