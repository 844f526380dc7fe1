"""Tables: a report in each row, separated by commas, semicolons or tabs."""

import csv
from collections.abc import Iterator

from chestx.errors import ChestxError
from chestx.job.rejected import Rejected
from chestx.labeler.readers.columns import Columns, layout
from chestx.labeler.readers.decode import Lines
from chestx.labeler.readers.member import LIMIT, Member, RecordTooLargeError, reason
from chestx.labeler.report import Report

DELIMITERS = ",;\t"

# The module's own limit of 128 KiB holds for the process; `Lines` sees to ours.
csv.field_size_limit(max(csv.field_size_limit(), 2 * LIMIT))


def read(member: Member, columns: Columns) -> Iterator[Report | Rejected]:
    """Yield a report per row; without a column of ids they are numbered.

    A table without the columns is an error if the user named the file or the column, and
    otherwise a stray file.
    """
    with Lines(member.stream, newline="") as lines:
        yield from _table(member, columns, lines)


def _table(member: Member, columns: Columns, lines: Lines) -> Iterator[Report | Rejected]:
    first = next(lines, "")
    if not first.strip():
        yield member.rejected("empty table")
        return
    delimiter = max(DELIMITERS, key=lambda delimiter: len(_fields(first, delimiter)))
    header = _fields(first, delimiter)
    try:
        found = layout(columns, tuple(header))
    except ChestxError as error:
        if member.typed or columns != Columns():
            raise
        yield member.rejected(str(error))
        return
    for number, (line, row) in enumerate(_rows(lines, delimiter), start=1):
        source = f"{member.source}:{line}"
        if isinstance(row, str):
            yield Rejected("", source, row)
        elif len(row) != len(header):
            yield Rejected("", source, f"{len(row)} fields, not {len(header)} as in the header")
        else:
            fields = dict(zip(header, row, strict=True))
            yield found.record(fields, f"{member.id}:{number}", source)


def _fields(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter))


def _rows(lines: Lines, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Yield the line on which a row begins with the row, or with the reason against it."""
    # Strict: a lenient reader would make one report of all that follow an open quote.
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin_record()
        line = lines.number + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield line, "malformed row: a quote is missing or out of place"
        except RecordTooLargeError as error:
            yield line, reason(error)
        else:
            if row:
                yield line, row
