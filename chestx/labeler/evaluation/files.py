"""An evaluation on disk: `evaluation.json` for programs, `evaluation.md` for people."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from chestx.job.tables import markdown_table
from chestx.labeler.evaluation.evaluate import LEAST_POSITIVES, Evaluation, Panel
from chestx.labeler.evaluation.published import Published
from chestx.labeler.evaluation.tables import notes, score_rows, status_rows


def evaluation_json(evaluation: Evaluation, labels_sha256: str) -> str:
    """Return the scores of an evaluation of labels; an undefined figure is null."""
    content: dict[str, Any] = {
        "labels_sha256": labels_sha256,
        "n_reports": evaluation.n_reports,
    }
    if evaluation.status is not None:
        content["status"] = {name: _panel(panel) for name, panel in evaluation.status.items()}
    content.update(_panel(evaluation.present))
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def evaluation_markdown(
    evaluations: dict[str, Evaluation], columns: Sequence[Published] = ()
) -> str:
    """Return one chapter per gold; `columns` are printed beside ours."""
    parts = ["# Label evaluation"]
    for title, evaluation in evaluations.items():
        parts += [f"## {title}", "\n".join(f"- {note}" for note in notes(evaluation, columns))]
        parts.append(markdown_table(score_rows(evaluation.present, columns)))
        if evaluation.status is not None:
            parts += ["### By state", markdown_table(status_rows(evaluation.status))]
    parts.append(
        "P, R and F1 in per cent of the label 1 (present); n is the number of positives in the"
        " gold; intervals are 95% bootstrap over reports, of classes with"
        f" {LEAST_POSITIVES} positives or more; a dash is an undefined figure."
    )
    parts += [f"- {column.title}: {column.source}." for column in columns]
    return "\n\n".join(parts) + "\n"


def _panel(panel: Panel) -> dict[str, Any]:
    return {
        "classes": {name: asdict(score) for name, score in panel.classes.items()},
        "micro": asdict(panel.micro),
        "macro": asdict(panel.macro),
    }
