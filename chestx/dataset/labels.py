"""The mined labels of the reports, as `mine-labels` writes them: `labels/labels.csv`."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chestx.errors import ChestxError

LABELS = "labels.csv"
REPORT_ID = "report_id"
NOT_CLASSES = ("report_id", "Finding Labels", "Normal", "No Finding")
NO_FINDING = "No Finding"
_STATES = {"1": 1, "-1": -1, "0": 0, "": None}
_RANK = {1: 3, -1: 2, 0: 1, None: 0}
State = int | None
"""1 present, -1 uncertain, 0 negated, None not mentioned."""


@dataclass(frozen=True, slots=True)
class Labels:
    """States of the `classes`, in their order, by report id."""

    classes: tuple[str, ...]
    states: Mapping[str, tuple[State, ...]]

    def of(self, reports: Iterable[str]) -> tuple[State, ...]:
        """Return the states of several reports of one film together: 1 wins over -1 over 0."""
        columns = zip(*(self.states[report] for report in reports), strict=True)
        return tuple(max(column, key=_RANK.__getitem__) for column in columns)


def read_labels(path: Path) -> Labels:
    """Read `labels.csv`, or that of the folder `path`.

    Raises `ChestxError` if it is missing or is no such table.
    """
    if path.is_dir():
        path /= LABELS
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(path, csv.reader(file))
    except FileNotFoundError:
        raise ChestxError(
            f"there are no labels at '{path}': run chestx mine-labels first, or name a file with "
            "--labels"
        ) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ChestxError(f"cannot read '{path}' ({type(error).__name__})") from error


def _read(path: Path, rows: "Iterable[list[str]]") -> Labels:
    rows = iter(rows)
    header = next(rows, [])
    if REPORT_ID not in header:
        raise ChestxError(f"'{path}' has no column '{REPORT_ID}': give a file of mine-labels")
    id_at = header.index(REPORT_ID)
    at = [(i, name) for i, name in enumerate(header) if name and name not in NOT_CLASSES]
    states: dict[str, tuple[State, ...]] = {}
    for number, row in enumerate(rows, 2):
        if not row:
            continue
        try:
            found = tuple(_STATES[_short(row[i])] for i, _ in at)
            report = row[id_at]
        except (KeyError, IndexError):
            raise ChestxError(
                f"row {number} of '{path}' is not of the kind that mine-labels writes: a class is "
                "1, -1, 0 or empty"
            ) from None
        if report in states:
            raise ChestxError(f"row {number} of '{path}' repeats the id of an earlier row")
        states[report] = found
    return Labels(tuple(name for _, name in at), states)


def _short(cell: str) -> str:
    """Return `1` for the `1.0` that spreadsheets and pandas make of it."""
    return cell.strip().removesuffix(".0")


def finding_labels(classes: Sequence[str], states: Sequence[State], *, ones: bool) -> str:
    """Return NIH's `Finding Labels`: the present classes joined by `|`, or `No Finding`.

    With `ones` the uncertain are present too.
    """
    wanted = {1, -1} if ones else {1}
    return "|".join(n for n, s in zip(classes, states, strict=True) if s in wanted) or NO_FINDING
