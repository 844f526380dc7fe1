"""Which columns of a table, or fields of an object, hold the id and the report."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from chestx.errors import ChestxError
from chestx.labeler.readers.decode import well_formed
from chestx.labeler.report import Rejected, Report

TEXT_COLUMNS = (
    "text", "report", "reporttext", "radiologyreport", "fulltext", "reportbody", "body",
    "narrative", "note", "notetext",
)  # fmt: skip
FINDINGS_COLUMNS = ("findings", "sectionfindings", "reportfindings")
IMPRESSION_COLUMNS = ("impression", "sectionimpression", "reportimpression")
ID_COLUMNS = (
    "reportid", "id", "uid", "studyid", "noteid", "accessionnumber", "accession", "accessionno",
    "studyinstanceuid", "examid",
)  # fmt: skip
COLUMN_NAME = re.compile(r"[^\W\d][\w .()/-]{0,39}")
SHOWN = 30

Texts = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns that the user named; `None` where they are to be guessed."""

    text: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a table: `texts` with the heading that each gets, "" for none."""

    texts: Texts
    id: str | None

    def record(self, row: Mapping[str, object], number_id: str, source: str) -> Report | Rejected:
        """Make a report of a row; `number_id` is its id where the table has no column of ids."""
        name = number_id if self.id is None else _id(row.get(self.id))
        if not name:
            return Rejected("", source, "no id")
        pieces: list[str] = []
        for heading, column in self.texts:
            value = row.get(column)
            if not isinstance(value, str | None):
                return Rejected(name, source, "the report is not text")
            if value and value.strip():
                pieces.append(f"{heading}: {value}" if heading else value)
        if not pieces:
            return Rejected(name, source, "empty report")
        return Report(name, well_formed("\n\n".join(pieces)), source)


@lru_cache(maxsize=256)
def layout(columns: Columns, names: tuple[str, ...]) -> Layout:
    """Find the columns among `names`; `ChestxError` says which there are."""
    texts = _guess_texts(names) if columns.text is None else _named_text(columns.text, names)
    if columns.id is not None:
        return Layout(texts, _named(columns.id, names, "--id-column"))
    return Layout(texts, _guess(ID_COLUMNS, names))


def _id(value: object) -> str:
    if isinstance(value, str):
        return well_formed(value.strip())
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _named(column: str, names: Sequence[str], option: str) -> str:
    if column not in names:
        raise ChestxError(f"there is no column {column!r}: {_available(names, option)}")
    return column


def _named_text(column: str, names: Sequence[str]) -> Texts:
    return (("", _named(column, names, "--text-column")),)


def _guess_texts(names: Sequence[str]) -> Texts:
    text = _guess(TEXT_COLUMNS, names)
    if text is not None:
        return (("", text),)
    sections = {
        "FINDINGS": _guess(FINDINGS_COLUMNS, names),
        "IMPRESSION": _guess(IMPRESSION_COLUMNS, names),
    }
    found = tuple((heading, column) for heading, column in sections.items() if column is not None)
    if not found:
        raise ChestxError(f"no column of report texts: {_available(names, '--text-column')}")
    return found


def _guess(candidates: Sequence[str], names: Sequence[str]) -> str | None:
    plain = {re.sub(r"[\W_]", "", name).casefold(): name for name in reversed(names)}
    return next((plain[candidate] for candidate in candidates if candidate in plain), None)


def _available(names: Sequence[str], option: str) -> str:
    """List the columns, unless they are a first row of data, which no message may show."""
    if not all(COLUMN_NAME.fullmatch(name) for name in names):
        return "the first line does not look like names of columns; add such a line"
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"choose {option} among {', '.join(names[:SHOWN])}{more}"
