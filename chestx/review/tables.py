"""The files of a merged audit: agreement, conflicts, gold."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from chestx.job.csv_line import csv_line
from chestx.job.sheet import sheet
from chestx.job.tables import Row, markdown_table, text_table
from chestx.review.agreement import Agreement, Measured
from chestx.review.estimates import Precision, Recall, Share
from chestx.review.kappa import Kappa
from chestx.review.settle import ADJUDICATED, REMARK, Cell
from chestx.review.states import CELLS, WORDS, in_words

UNDEFINED = "-"


@dataclass(frozen=True, slots=True)
class Results:
    """All figures of an audit; without a sample there are no estimates."""

    agreement: Sequence[Agreement]
    precision: Sequence[Precision]
    recall: Sequence[Recall]


def results_text(results: Results) -> str:
    """Return the tables for a terminal."""
    parts = [f"{title}\n\n{text_table(rows)}" for title, _, rows in _tables(results)]
    return "\n\n".join(parts)


def results_markdown(results: Results) -> str:
    """Return `agreement.md`."""
    parts = ["# What the readers say"]
    for title, note, rows in _tables(results):
        parts += [f"## {title}", note, markdown_table(rows)]
    return "\n\n".join(parts) + "\n"


def results_json(results: Results) -> str:
    """Return `agreement.json`."""
    content: dict[str, Any] = {
        "agreement": [asdict(one) for one in results.agreement],
        "precision": [
            asdict(one) | {"state": WORDS[one.state]} for one in results.precision if one.archive
        ],
        "recall": [asdict(one) for one in results.recall],
    }
    return json.dumps(content, indent=2) + "\n"


def _tables(results: Results) -> list[tuple[str, str, list[Row]]]:
    found = []
    if results.agreement:
        found.append(("Agreement of the readers", _AGREEMENT, _agreement_rows(results.agreement)))
    if results.precision:
        found.append(("Precision of chestx", _PRECISION, _precision_rows(results.precision)))
    if results.recall:
        found.append(("Recall of chestx", _RECALL, _recall_rows(results.recall)))
    return found


_AGREEMENT = (
    "Pairs of verdicts on the same class of the same report, as drawn and not weighted. The first "
    "`kappa` is Cohen's over the four states, the second that over present or not, with large-"
    "sample 95% intervals. A pair is left out of a measure where a reader called a state wrong, "
    "named no other, and may or may not agree. `-`: undefined, since both chose one category "
    "throughout; an interval is undefined too where they agree in all."
)
_PRECISION = (
    "How often all readers, or the adjudicator, find right what chestx says, estimated for the "
    "archive: what was judged of a stratum of the sample stands for all of it; 95% intervals. What "
    "is still `open` counts as not right: until it is adjudicated, the share is a lower bound."
)
_RECALL = (
    "Of the reports in which a class is truly present, the share that chestx calls present, "
    "estimated for the archive from the settled cells: `found` and `missed` are those of the "
    "sample. Conflicts are left out, so it flatters until they are adjudicated. The interval takes "
    "the worst ends together. `-`: cells of a state, mostly of classes "
    "that chestx does not mention, were not judged, or none is present."
)


def _agreement_rows(agreement: Sequence[Agreement]) -> list[Row]:
    head = ["class", "readers", "both", "n", "agree", "kappa", "n present", "agree", "kappa"]
    rows = [head]
    for one in agreement:
        readers = " and ".join(map(str, one.readers))
        rows.append(
            [one.label, readers, f"{one.both:,}", *_measured(one.states), *_measured(one.present)]
        )
    return rows


def _measured(one: Measured) -> Row:
    return [f"{one.n:,}", _number(one.agreement), _kappa(one.kappa)]


def _kappa(kappa: Kappa) -> str:
    return _with_interval(kappa.value, kappa.low, kappa.high)


def _share(share: Share) -> str:
    return _with_interval(share.value, share.low, share.high)


def _with_interval(value: float | None, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return _number(value)
    return f"{_number(value)} [{_number(low)}, {_number(high)}]"


def _number(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:.3f}"


def _precision_rows(precision: Sequence[Precision]) -> list[Row]:
    rows = [["class", "chestx says", "archive", "judged", "right", "open", "right in archive"]]
    for one in precision:
        if one.archive:
            counts = (one.archive, one.judged, one.right, one.open)
            words = WORDS[one.state]
            rows.append([one.label, words, *(f"{n:,}" for n in counts), _share(one.share)])
    return rows


def _recall_rows(recall: Sequence[Recall]) -> list[Row]:
    rows = [["class", "found", "missed", "recall in archive"]]
    rows += [[o.label, f"{o.found:,}", f"{o.missed:,}", _share(o.share)] for o in recall]
    return rows


def conflicts_csv(cells: Sequence[Cell], readers: Sequence[int]) -> bytes:
    """Return `conflicts.csv`: what the readers have not settled, with room to adjudicate."""
    columns = [f"reader_{number}" for number in readers]
    rows = [["report_id", "class", "chestx", *columns, "reason", "notes", ADJUDICATED, REMARK]]
    for cell in cells:
        judged = ["" if one is None else in_words(one) for one in cell.judged]
        final = cell.adjudication
        settled = "" if cell.adjudicated is None else WORDS[cell.adjudicated]
        remark = "" if final is None else final.note
        notes = zip(readers, cell.notes, strict=True)
        said = "; ".join(f"reader {number}: {note}" for number, note in notes if note)
        rows.append(
            [cell.report, cell.label, WORDS[cell.said], *judged, cell.reason, said, settled, remark]
        )
    return sheet(rows)


def gold_csv(states: Mapping[str, Mapping[str, str]], classes: Sequence[str]) -> bytes:
    """Return `gold.csv`: the state of each of `classes` by report."""
    lines = [csv_line(("report_id", *classes))]
    lines += [csv_line((id, *(CELLS[row[name]] for name in classes))) for id, row in states.items()]
    return "".join(lines).encode()
