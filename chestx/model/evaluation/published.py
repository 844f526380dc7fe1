"""The figures of the papers on NIH's ChestX-ray14, to stand beside others."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from chestx.model.evaluation.localization import Measure


@dataclass(frozen=True, slots=True)
class PublishedAuc:
    """A mean AUC over the 14 classes, `low` to `high` where a paper has several models.

    Only figures on the "official" `split` compare with each other; on a "random" one they do not.
    """

    title: str
    source: str
    split: str
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PublishedLocalization:
    """Mean localization accuracies over the 8 classes with boxes, by threshold.

    `overlap` is "iou" or "iobb" (IoBB or IoR).
    """

    title: str
    source: str
    overlap: Measure
    accuracy: Mapping[float, float]


def published_aucs() -> tuple[PublishedAuc, ...]:
    """Return the mean AUCs of the papers."""
    return tuple(
        PublishedAuc(row["title"], row["source"], row["split"], min(row["mean"]), max(row["mean"]))
        for row in _table()["auc"]
    )


def published_localizations(overlap: Measure) -> tuple[PublishedLocalization, ...]:
    """Return the localization accuracies of the papers at "iou" or at "iobb"."""
    return tuple(
        PublishedLocalization(
            row["title"],
            row["source"],
            row["overlap"],
            {float(threshold): value for threshold, value in row["accuracy"].items()},
        )
        for row in _table()["localization"]
        if row["overlap"] == overlap
    )


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("published.toml").read_text(encoding="utf-8"))
