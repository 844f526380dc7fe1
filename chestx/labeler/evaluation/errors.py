"""Why labels are wrong: each false positive and false negative with the words behind it."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from chestx.errors import ChestxError
from chestx.labeler.evaluation.class_names import NORMAL, class_key
from chestx.labeler.evaluation.comparison import Comparison
from chestx.labeler.evaluation.evaluate import FALSE_NEGATIVE, FALSE_POSITIVE, STATUSES, outcomes
from chestx.labeler.evaluation.state_table import canonical_id
from chestx.labeler.report import Report
from chestx.labeler.text.sections import split_sections
from chestx.labeler.text.sentences import split_sentences

COLUMNS = (
    "report_id", "class", "kind", "sentence", "mention", "status", "certainty", "rule",
    "evidence", "report",
)  # fmt: skip
# The mention nearest to "present" explains both kinds of error: it gave a false positive its
# label, and for a false negative its status and rule say what was missing.
NEAREST = ("present", "uncertain", "negated")


@dataclass(frozen=True, slots=True)
class Found:
    """What `mentions.parquet` says about a mention, as far as it explains an error."""

    start: int
    end: int
    text: str
    label: str
    status: str
    certainty: str
    rule: str
    evidence: str


@dataclass(frozen=True, slots=True)
class LabelError:
    """A row of `errors.csv`; what is not known, or does not apply, is empty.

    The mention is the one that gave a false positive its label or came nearest to the label that
    a false negative lacks. `report` holds the sections that are read for labels.
    """

    report_id: str
    name: str
    kind: str
    sentence: str = ""
    mention: str = ""
    status: str = ""
    certainty: str = ""
    rule: str = ""
    evidence: str = ""
    report: str = ""


def label_errors(
    comparison: Comparison, mentions: Path | None, reports: Iterable[Report] = ()
) -> list[LabelError]:
    """Return the errors by class.

    `mentions` is a `mentions.parquet`; `reports`, read as a stream, give sentences and texts.
    """
    wrong = _wrong(comparison)
    ids = {report for report, _, _ in wrong}
    found = {} if mentions is None else read_found(mentions, ids)
    texts = {key: r.text for r in reports if (key := canonical_id(r.id)) in ids}
    return [
        _explain(report, name, kind, found.get(report, []), texts.get(report, ""))
        for report, name, kind in wrong
    ]


def errors_csv(errors: Iterable[LabelError]) -> str:
    """Return the errors as the contents of `errors.csv`."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(error) for error in errors)
    return file.getvalue()


def read_found(mentions: Path, ids: set[str]) -> dict[str, list[Found]]:
    """Return the mentions of these reports."""
    columns = list(Found.__dataclass_fields__)
    found: dict[str, list[Found]] = {}
    try:
        with pq.ParquetFile(mentions) as file:
            for batch in file.iter_batches(columns=["report_id", *columns]):
                raw = batch.column("report_id").to_pylist()
                keys = [canonical_id(written) for written in raw]
                rows = [row for row, key in enumerate(keys) if key in ids]
                kept = batch.select(columns).take(pa.array(rows, pa.int64())).to_pylist()
                for row, cells in zip(rows, kept, strict=True):
                    found.setdefault(keys[row], []).append(Found(**cells))
    except (OSError, KeyError, TypeError, pa.ArrowInvalid):
        raise ChestxError(
            f"{mentions} cannot be read: mine the labels again, it belongs beside labels.csv"
        ) from None
    return found


def sentence_around(text: str, position: int) -> str:
    """Return, on one line, the sentence at a position, as the labeler splits the report."""
    for section in split_sections(text):
        for start, end in split_sentences(text, section.start, section.end):
            if start <= position < end:
                return _one_line(text[start:end])
    return ""


def _wrong(comparison: Comparison) -> list[tuple[str, str, str]]:
    """Return report, class and kind of each error, by class, false positives first."""
    judged = outcomes(comparison.labels, comparison.gold, STATUSES["present"])
    return [
        (comparison.ids[row], name, kind)
        for column, name in enumerate(comparison.classes)
        for kind, outcome in (("FP", FALSE_POSITIVE), ("FN", FALSE_NEGATIVE))
        for row in np.flatnonzero(judged[:, column] == outcome)
    ]


def _explain(report: str, name: str, kind: str, mentions: Sequence[Found], text: str) -> LabelError:
    nearest = _nearest(name, kind, mentions)
    whole = kind == "FN" or nearest is None
    relevant = _relevant_text(text) if whole else ""
    if nearest is None:
        return LabelError(report, name, kind, report=relevant)
    return LabelError(
        report,
        name,
        kind,
        sentence_around(text, nearest.start),
        nearest.text,
        nearest.status,
        nearest.certainty,
        nearest.rule,
        nearest.evidence,
        relevant,
    )


def _nearest(name: str, kind: str, mentions: Sequence[Found]) -> Found | None:
    """Return the mention that explains an error; a finding explains a missed Normal."""
    if class_key(name) != NORMAL:
        candidates = [m for m in mentions if class_key(m.label) == class_key(name)]
    elif kind == "FN":
        candidates = [m for m in mentions if m.status != "negated"]
    else:
        candidates = []
    return min(candidates, key=lambda m: (NEAREST.index(m.status), m.start), default=None)


def _relevant_text(text: str) -> str:
    return _one_line(" ".join(text[s.start : s.end] for s in split_sections(text)))


def _one_line(text: str) -> str:
    return " ".join(text.split())
