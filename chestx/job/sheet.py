"""Tables that people open in a spreadsheet, which would carry out a cell such as `=cmd`."""

from collections.abc import Iterable, Sequence

from chestx.job.csv_line import csv_line

_FORMULA = tuple("=+-@\t\r'")


def guarded(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe goes before it."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def unguarded(cell: str) -> str:
    """Return a cell without the apostrophe that `guarded` has put before it."""
    return cell[1:] if cell.startswith("'") else cell


def sheet(rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table of guarded cells as CSV."""
    return "".join(csv_line(map(guarded, row)) for row in rows).encode()
