"""Which columns of a table, or fields of an object, hold the id and the report."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from chestx.errors import ChestxError
from chestx.job.rejected import Rejected
from chestx.labeler.readers.decode import not_a_report, well_formed
from chestx.labeler.report import Report

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
KNOWN_COLUMNS = frozenset((*TEXT_COLUMNS, *FINDINGS_COLUMNS, *IMPRESSION_COLUMNS, *ID_COLUMNS))

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
        text = "\n\n".join(pieces)
        fault = not_a_report(text)
        return Rejected(name, source, fault) if fault else Report(name, well_formed(text), source)


@lru_cache(maxsize=256)
def layout(columns: Columns, names: tuple[str, ...]) -> Layout:
    """Find the columns among `names`; `ChestxError` says how to name one that is not there."""
    texts = _guess_texts(names) if columns.text is None else _named_text(columns.text, names)
    id = _guess(ID_COLUMNS, names)
    if columns.id is not None:
        id = _named(columns.id, names, "--id-column")
    used = [column for _, column in texts] + ([id] if id is not None else [])
    if any(names.count(column) > 1 for column in used):
        raise ChestxError(
            "two columns have the name of the one with the ids or the report texts: rename one"
        )
    return Layout(texts, id)


def _id(value: object) -> str:
    if isinstance(value, str):
        return well_formed(value.strip())
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _named(column: str, names: Sequence[str], option: str) -> str:
    if column not in names:
        raise ChestxError(f"there is no column {column!r}; {_available(names, option)}")
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
        raise ChestxError(f"no column of report texts; {_available(names, '--text-column')}")
    return found


def _guess(candidates: Sequence[str], names: Sequence[str]) -> str | None:
    plain = {_plain(name): name for name in reversed(names)}
    return next((plain[candidate] for candidate in candidates if candidate in plain), None)


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).casefold()


def _available(names: Sequence[str], option: str) -> str:
    """Say how to mend it; other names than the usual may be a row of data, and are not shown."""
    known = [name for name in names if _plain(name) in KNOWN_COLUMNS]
    among = f" (such as {', '.join(known)})" if known else ""
    columns = "1 column" if len(names) == 1 else f"{len(names)} columns"
    return (
        f"the table has {columns}{among}: name one with {option}, "
        "or add a first line with the names"
    )
