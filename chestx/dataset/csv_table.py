"""A table that a user hands in: CSV with commas, semicolons or tabs."""

import csv
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chestx.errors import ChestxError

DELIMITERS = ",;\t"
MALFORMED = "malformed row: a quote is missing or out of place"


@dataclass(frozen=True, slots=True)
class Table:
    """The names of the columns, the `rows` with the line on which each begins, and the `faults`.

    A row has as many fields as the header, each `plain`; `faults` gives the line and the reason of
    any other. Empty rows are left out.
    """

    header: tuple[str, ...]
    rows: Sequence[tuple[int, Sequence[str]]]
    faults: Sequence[tuple[int, str]]


def plain(text: str) -> str:
    """Return a text as it is compared: in Unicode's NFC, without white space around it.

    One letter may be written in several ways: files that come from macOS have names in NFD.
    """
    return unicodedata.normalize("NFC", text.strip())


def read_table(path: Path) -> Table:
    """Read a table whose first line names the columns; raise `ChestxError` if it cannot be read."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _read(file)
    except UnicodeDecodeError as error:
        raise ChestxError(f"'{path}' is not text in UTF-8: save it as CSV in UTF-8") from error
    except OSError as error:
        raise ChestxError(
            f"cannot read '{path}' ({error.strerror}): name a table that you may read"
        ) from error


def _read(lines: Iterable[str]) -> Table:
    lines = iter(lines)
    first = next(lines, "")
    delimiter = max(DELIMITERS, key=first.count)
    header = tuple(plain(name) for name in next(csv.reader([first], delimiter=delimiter), []))
    rows: list[tuple[int, Sequence[str]]] = []
    faults: list[tuple[int, str]] = []
    for line, row in _rows(lines, delimiter):
        if row is None:
            faults.append((line, MALFORMED))
        elif len(row) != len(header):
            faults.append((line, f"{len(row)} fields, not {len(header)} as in the header"))
        else:
            rows.append((line, [plain(field) for field in row]))
    return Table(header, rows, faults)


def _rows(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str] | None]]:
    """Yield the line on which a row begins with the row, `None` for a malformed one."""
    # Strict: a lenient reader would make one field of all that follows an open quote.
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 2
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, None
        else:
            if any(row):
                yield line, row
