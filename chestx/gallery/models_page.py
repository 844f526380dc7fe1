"""The page of how good the models are: ROC curves, AUC and localization of every evaluated run."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chestx.errors import ChestxError
from chestx.gallery.films import link
from chestx.gallery.html import Cell, figure, section, table
from chestx.gallery.workspace import METRICS, OF_RUN, ROC, Workspace

OVERLAPS = ("iou", "iobb")


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
    caption = f"Area under the ROC curve on {found['n_images']:,} images of {found['split']}; "
    caption += "no interval where a side has fewer than five patients"
    return table(caption, ["Class", "AUC", "95% interval", "Positive", "Negative"], rows)


def _localization(found: Mapping[str, Any]) -> list[str]:
    """Return a table for each kind of overlap, with what perfect masks of patches would reach."""
    if not found["n_boxes"]:
        return []
    localization = found["localization"]
    is_boxes = localization.get("kind", "boxes") == "boxes"
    names = {"iou": "IoU", "iobb": "IoBB" if is_boxes else "IoR"}
    return [_overlap(localization, key, names[key], is_boxes=is_boxes) for key in OVERLAPS]


def _overlap(localization: Mapping[str, Any], key: str, name: str, *, is_boxes: bool) -> str:
    """Return the table of an overlap; boxes are counted, or the images on which a class has one."""
    of = localization[key]
    first: Mapping[str, Any] = next(iter(of.values()), {})
    classes, judged = list(first), sum(scores["n"] for scores in first.values())
    rows: list[list[Cell]] = []
    for threshold, scores in of.items():
        rows.append([f"> {threshold}", *_hits([s["accuracy"] for s in scores.values()])])
        for patches, ceiling in localization.get("grid_ceiling", {}).items():
            shares = ceiling[key][threshold]
            rows.append([f"grid {patches}", *_hits([shares[one] for one in classes])])
    head = [f"T ({name})", *(one.replace("_", " ") for one in classes), "Mean"]
    things = f"{judged:,} boxes" if is_boxes else f"{judged:,} boxed findings of an image"
    caption = f"Localization: share of {things} hit where {name} is above T; grid P is what "
    caption += "a perfect mask of P x P patches would reach"
    return table(caption, head, rows, "matrix")


def _hits(shares: list[float | None]) -> list[Cell]:
    there = [share for share in shares if share is not None]
    return [*shares, sum(there) / len(there) if there else None]


def _interval(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{low:.3f} to {high:.3f}"  # noqa: RUF001
