"""Tables as rows with named fields."""

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from chestx.errors import ChestxError

Fields = Mapping[str, str]
MANIFEST = "manifest.csv"


def read_rows(path: Path) -> list[Fields]:
    """Return the rows of a CSV; raise `ChestxError` where it is missing."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    except OSError as error:
        raise ChestxError(
            f"cannot read '{path}' ({error.strerror}): run mine-labels and build-dataset first"
        ) from error


def by(field: str, rows: Iterable[Fields]) -> dict[str, Fields]:
    """Return rows by a field that each has once."""
    return {row[field]: row for row in rows}
