"""The spellings in which boxes name the dataset's classes."""

import re
from collections.abc import Sequence

from chestx.dataset.nih.columns import BOX_SYNONYMS


def canonical(label: str, classes: Sequence[str]) -> str | None:
    """Return the class that `label` means whatever its case, blanks and underscores, or None."""
    if label in classes:
        return label
    known = {_plain(name): name for name in classes}
    plain = _plain(label)
    return known.get(plain) or known.get(_SYNONYMS.get(plain, ""))


def _plain(label: str) -> str:
    return re.sub(r"[\W_]+", "", label).casefold()


_SYNONYMS = {_plain(said): _plain(meant) for said, meant in BOX_SYNONYMS.items()}
