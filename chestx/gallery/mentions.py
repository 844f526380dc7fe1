"""The texts of the reports and the mentions in them, each read once, in the order of its file."""

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from chestx.errors import ChestxError
from chestx.gallery.spool import Spool
from chestx.labeler.label_set import LabelSet
from chestx.labeler.readers.mined import Reports

COLUMNS = (
    "start", "end", "label", "concept", "status", "certainty", "rule", "evidence", "section",
    "text",
)  # fmt: skip
START, END, LABEL, STATUS, CERTAINTY, RULE, TEXT = (
    COLUMNS.index(name) for name in ("start", "end", "label", "status", "certainty", "rule", "text")
)


def spool_texts(reports: Reports, number_of: Mapping[str, int], spool: Spool) -> None:
    """Keep the texts of the reports that are wanted; of two with one id the first, as in mining."""
    for report in reports.read():
        number = number_of.get(report.id)
        if number is not None and number not in spool:
            spool.put(number, report.text.encode("utf-8", "replace"))


def spool_mentions(
    file: Path, number_of: Mapping[str, int], spool: Spool, label_set: LabelSet | None
) -> set[str]:
    """Keep the mentions of the reports that are wanted and return the rules that decided them.

    What the label set counts a mention as stands before its words, empty where that is its status.
    """
    rules: set[str] = set()
    for id, rows in groupby(_rows(file), itemgetter("report_id")):
        number = number_of.get(id)
        if number is not None:
            found = [[row[name] for name in COLUMNS] for row in rows]
            for mention in found:
                mention.insert(TEXT, _counts_as(mention, label_set))
                rules.add(mention[RULE])
            spool.put(number, json.dumps(found).encode())
    return rules - {""}


def text_and_mentions(text: bytes | None, mentions: bytes | None) -> tuple[str | None, list[Any]]:
    """Return what is shown of a report.

    A mention keeps its own words only where the text does not have them at its place: there is no
    text, or it was changed since.
    """
    words = None if text is None else text.decode()
    rows: list[list[Any]] = json.loads(mentions or b"[]")
    for row in rows:
        if words is not None and words[row[START] : row[END]] == row[-1]:
            del row[-1]
    return words, rows


def _counts_as(row: list[Any], label_set: LabelSet | None) -> str:
    if label_set is None or not row[LABEL]:
        return ""
    counted = label_set.status(row[STATUS], row[CERTAINTY], row[RULE])
    return "" if counted == row[STATUS] else counted


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file) as table:
            for batch in table.iter_batches(columns=["report_id", *COLUMNS], batch_size=20_000):
                yield from batch.to_pylist()
    except (OSError, KeyError, pa.ArrowInvalid):
        raise ChestxError(
            f"{file} cannot be read: mine the labels again, it belongs beside labels.csv"
        ) from None
