"""The page of how good the labels are, and where they are wrong."""

import csv
import json
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from chestx.errors import ChestxError
from chestx.gallery.html import Cell, note, section, table
from chestx.gallery.site import Contents
from chestx.gallery.workspace import ERRORS, EVALUATION, LABELS, Workspace
from chestx.labeler.evaluation.state_table import canonical_id

MOST = 2_000
"""Errors on the page; a table of very many is better read as a file."""
STALE = "These are the scores of other labels than those here: run chestx evaluate-labels again."
KINDS = {"FP": "said, not true", "FN": "true, not said"}


def labels_page(workspace: Workspace, contents: Contents) -> str:
    """Return the scores of `evaluation.json` and the rows of `errors.csv`, empty without them."""
    if workspace.blind or workspace.labels is None or not (workspace.labels / EVALUATION).is_file():
        return ""
    path = workspace.labels / EVALUATION
    try:
        found = json.loads(path.read_bytes())
        scores = _scores(found)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ChestxError(f"'{path}' is damaged: run chestx evaluate-labels again") from None
    stale = _is_stale(found, workspace.labels)
    told = section("Not of these labels", note(STALE)) if stale else ""
    return told + scores + _errors(workspace.labels / ERRORS, contents)


def _is_stale(found: Mapping[str, Any], labels: Path) -> bool:
    """Tell whether other labels were judged than those that are there now."""
    return bool(found.get("labels_sha256") != sha256((labels / LABELS).read_bytes()).hexdigest())


def _scores(found: Mapping[str, Any]) -> str:
    rows = [_row(name.replace("_", " "), score) for name, score in found["classes"].items()]
    rows += [_row("All together (micro)", found["micro"]), _row("Mean (macro)", found["macro"])]
    head = ["Class", "Precision", "Recall", "F1", "95% interval", "True", "False", "Missed"]
    caption = f"Labels of {found['n_reports']:,} reports against the gold standard"
    parts = [table(caption, head, rows)]
    if "status" in found:
        states = [[name, *_prf(panel["micro"])] for name, panel in found["status"].items()]
        parts.append(table("By state, all classes", ["State", "Precision", "Recall", "F1"], states))
    return section("Scores", *parts)


def _row(name: str, score: Mapping[str, Any]) -> list[Cell]:
    low, high = score["f1_low"], score["f1_high"]
    interval = "–" if low is None else f"{low:.3f} to {high:.3f}"  # noqa: RUF001
    return [name, *_prf(score), interval, *(score.get(key, "") for key in ("tp", "fp", "fn"))]


def _prf(score: Mapping[str, Any]) -> list[Cell]:
    return [
        None if score[key] is None else float(score[key]) for key in ("precision", "recall", "f1")
    ]


def _errors(path: Path, contents: Contents) -> str:
    if not path.is_file():
        return ""
    studies = contents.studies
    of = {canonical_id(id): id for id in studies.ids[: studies.reports]}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            shown = [_error(row, of) for row in islice(rows, MOST)]
            left = sum(1 for _ in rows)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, csv.Error):
        raise ChestxError(f"'{path}' is damaged: run chestx evaluate-labels again") from None
    if not shown:
        return section("Errors", note("There is none."))
    names = ("Report", "Class", "Error", "Sentence", "Mention", "Status", "Rule and evidence")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    said = f"{len(shown):,} labels that differ from the gold standard"
    said += f", of {len(shown) + left:,} in errors.csv" if left else ""
    return section(
        "Errors",
        f'<div class="wide"><table class="errors"><caption>{said}</caption><thead><tr>{head}</tr>'
        f"</thead>\n<tbody>{''.join(shown)}</tbody></table></div>",
    )


def _error(row: Mapping[str, str], of: Mapping[str, str]) -> str:
    id, name, status = row["report_id"], row["class"], row["status"]
    words = escape(id)
    if id in of:
        target = f"index.html#id={quote(of[id], safe='')}&class={quote(name, safe='')}"
        words = f'<a href="{escape(target)}">{words}</a>'
    known = status if status in ("present", "negated", "uncertain") else ""
    chip = f'<span class="chip {known}">{known}</span>' if known else ""
    cells = (
        escape(name.replace("_", " ")),
        KINDS.get(row["kind"], ""),
        f'<span class="said">{escape(row["sentence"])}</span>',
        escape(row["mention"]),
        chip,
        f"{escape(row['rule'])}<br><code>{escape(row['evidence'])}</code>" if row["rule"] else "",
    )
    return f'<tr><th scope="row">{words}</th>{"".join(f"<td>{c}</td>" for c in cells)}</tr>\n'
