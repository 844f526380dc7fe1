"""Writes `Data_Entry_2017.csv` as NIH wrote the version of 2020, byte for byte."""

from collections.abc import Iterable, Iterator

from chestx.dataset.entry import Entry
from chestx.dataset.nih.columns import ENTRY_HEADER
from chestx.job.csv_line import csv_line


def data_entry_text(entries: Iterable[Entry]) -> str:
    """Return the table: lines end in a newline, spacings have all digits of their binary value.

    What is not known (age, sex, view, spacing) is an empty cell.
    """
    return "".join(csv_line(fields) for fields in _rows(entries))


def _rows(entries: Iterable[Entry]) -> Iterator[Iterable[str]]:
    yield ENTRY_HEADER
    for entry in entries:
        x, y = ("", "") if entry.spacing is None else map(repr, entry.spacing)
        yield (
            entry.image,
            entry.finding_labels,
            str(entry.follow_up),
            str(entry.patient),
            "" if entry.age is None else str(entry.age),
            entry.sex,
            entry.view,
            str(entry.width),
            str(entry.height),
            x,
            y,
        )
