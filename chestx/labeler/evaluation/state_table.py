"""Reports by classes, each cell one of four states: what labels and gold are compared as."""

import csv
import gzip
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chestx.errors import ChestxError
from chestx.labeler.evaluation.class_names import by_key, class_key

PRESENT, NEGATED, UNCERTAIN, BLANK = 1, 0, -1, -2

CELLS = {
    "1": PRESENT,
    "1.0": PRESENT,
    "true": PRESENT,
    "0": NEGATED,
    "0.0": NEGATED,
    "false": NEGATED,
    "-1": UNCERTAIN,
    "-1.0": UNCERTAIN,
    "": BLANK,
    "nan": BLANK,
}

ID_COLUMNS = ("report_id", "study_id", "note_id", "id", "uid", "filename", "accession")

NOT_CLASSES = frozenset({"finding labels", "subject id", "reports", "report", "text", "split"})
"""Columns (as class keys) that label files carry beside their classes."""


@dataclass(frozen=True)
class StateTable:
    """`states[i, j]` is what report `ids[i]` says about `classes[j]`.

    `unreadable` names the columns of the file with a cell that is no state: they may be no
    classes at all.
    """

    ids: tuple[str, ...]
    classes: tuple[str, ...]
    states: NDArray[np.int8]
    unreadable: tuple[str, ...] = ()

    def rows(self, ids: Iterable[str]) -> "StateTable":
        """Keep these reports, in this order."""
        at = {report: row for row, report in enumerate(self.ids)}
        chosen = tuple(ids)
        states = self.states[[at[report] for report in chosen]]
        return StateTable(chosen, self.classes, states, self.unreadable)

    def columns(self, keys: Sequence[str]) -> NDArray[np.int8]:
        """Return the states of the classes with these keys, in this order."""
        at = {class_key(name): column for column, name in enumerate(self.classes)}
        return self.states[:, [at[key] for key in keys]]


def canonical_id(written: str) -> str:
    """Return a report id without what files add to it: folders, `.xml`, `.txt`, MIMIC's `s`."""
    name = written.strip().rpartition("/")[2]
    name = name.removesuffix(".xml").removesuffix(".txt")
    return name[1:] if name[:1] == "s" and name[1:].isdigit() else name


def make_table(labels: Mapping[str, Mapping[str, int]], classes: Sequence[str]) -> StateTable:
    """Build a table from `{report id: {class: state}}`; an unnamed class is not mentioned."""
    cells = [[row.get(name, BLANK) for name in classes] for row in labels.values()]
    states = np.array(cells, dtype=np.int8).reshape(len(labels), len(classes))
    return StateTable(tuple(map(canonical_id, labels)), tuple(classes), states)


def read_table(path: Path, what: str) -> StateTable:
    """Read a CSV with an id column and class columns; `what` names it in errors."""
    header, rows = _read_csv(path, what)
    id_column = header.index(_id_column(header, what))
    ids = tuple(canonical_id(row[id_column]) for row in rows)
    readable: dict[str, list[int]] = {}
    unreadable = []
    for column, name in enumerate(header):
        if column == id_column or class_key(name) in NOT_CLASSES:
            continue
        states = _states(row[column] for row in rows)
        if states is None:
            unreadable.append(name)
        else:
            readable[name] = states
    by_key(readable, what)
    cells = np.array(list(readable.values()), dtype=np.int8).reshape(len(readable), len(ids)).T
    return _without_doubles(StateTable(ids, tuple(readable), cells, tuple(unreadable)), what)


def _read_csv(path: Path, what: str) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows that hold anything."""
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8-sig", newline="") as file:
            header, *rows = [row for row in csv.reader(file) if any(row)] or [[]]
    except FileNotFoundError:
        raise ChestxError(f"{what} {path} does not exist: check the path") from None
    except (OSError, EOFError, UnicodeDecodeError, csv.Error):
        raise ChestxError(f"{what} {path} cannot be read as CSV in UTF-8: save it so") from None
    if any(len(row) != len(header) for row in rows):
        raise ChestxError(f"{what} {path} has rows longer or shorter than its header: mend them")
    if len(set(header)) != len(header):
        raise ChestxError(f"{what} {path} has two columns of the same name: keep one of them")
    return header, rows


def _states(cells: Iterable[str]) -> list[int] | None:
    """Return the states of a column, None where a cell is none."""
    try:
        return [CELLS[cell.strip().lower()] for cell in cells]
    except KeyError:
        return None


def _id_column(columns: Sequence[str], what: str) -> str:
    keys = {column.strip().casefold().replace(" ", "_"): column for column in columns}
    for name in ID_COLUMNS:
        if name in keys:
            return keys[name]
    raise ChestxError(f"{what} has no id column: name the column of report ids report_id")


def _without_doubles(table: StateTable, what: str) -> StateTable:
    first: dict[str, int] = {}
    conflicts = 0
    for row, report in enumerate(table.ids):
        seen = first.setdefault(report, row)
        conflicts += seen != row and not np.array_equal(table.states[seen], table.states[row])
    if conflicts:
        raise ChestxError(
            f"{what} has {conflicts} rows that repeat a report id with other labels:"
            " keep one row per report"
        )
    return table if len(first) == len(table.ids) else table.rows(first)
