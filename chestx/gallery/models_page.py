"""The page of how good the models are: ROC curves, AUC and localization of every evaluated run."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chestx.errors import ChestxError
from chestx.gallery.films import link
from chestx.gallery.html import Cell, figure, section, table
from chestx.gallery.workspace import METRICS, OF_RUN, ROC, Workspace

OVERLAPS = {"iou": "IoU", "iobb": "IoBB"}


def models_page(workspace: Workspace, out: Path) -> str:
    """Return a section for each run with `metrics.json`, empty where there is none."""
    return "".join(_run(run, out) for run in workspace.runs if (run / OF_RUN / METRICS).is_file())


def _run(run: Path, out: Path) -> str:
    path = run / OF_RUN / METRICS
    try:
        found = json.loads(path.read_bytes())
        parts = [_auc(found), *_localization(found)]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ChestxError(f"'{path}' is damaged: run chestx evaluate again") from None
    roc = run / OF_RUN / ROC
    if roc.is_file():
        parts.insert(1, figure(link(roc, out), "ROC curves of all classes"))
    return section(run.resolve().name, *parts)


def _auc(found: Mapping[str, Any]) -> str:
    rows: list[list[Cell]] = [
        [
            name.replace("_", " "),
            auc["value"],
            _interval(auc["low"], auc["high"]),
            auc["n_pos"],
            auc["n_neg"],
        ]
        for name, auc in found["auc"].items()
    ]
    mean = _interval(found.get("mean_auc_low"), found.get("mean_auc_high"))
    rows.append(["Mean", found["mean_auc"], mean, "", ""])
    caption = f"Area under the ROC curve on {found['n_images']:,} images of {found['split']}"
    return table(caption, ["Class", "AUC", "95% interval", "Positive", "Negative"], rows)


def _localization(found: Mapping[str, Any]) -> list[str]:
    if not found["n_boxes"]:
        return []
    tables = []
    for key, name in OVERLAPS.items():
        of = found["localization"][key]
        classes = list(next(iter(of.values()), {}))
        rows: list[list[Cell]] = []
        for threshold, scores in of.items():
            hits = [score["accuracy"] for score in scores.values()]
            rows.append([f"> {threshold}", *hits, _mean(hits)])
        head = ["Overlap", *(one.replace("_", " ") for one in classes), "Mean"]
        caption = f"Localization: share of {found['n_boxes']:,} boxes hit, by {name}"
        tables.append(table(caption, head, rows, "matrix"))
    return tables


def _mean(values: list[Any]) -> float | None:
    there = [value for value in values if value is not None]
    return sum(there) / len(there) if there else None


def _interval(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{low:.3f} to {high:.3f}"  # noqa: RUF001
