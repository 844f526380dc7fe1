"""What an evaluation finds, and `metrics.json`."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from chestx.model.evaluation.localization import ByThreshold, Localization
from chestx.model.evaluation.roc import Auc, MeanAuc

METRICS = "metrics.json"


@dataclass(frozen=True, slots=True)
class Metrics:
    """A model on a split: `n_boxes` are those of the truth on its images, of any class.

    `auc` has every class of the model, also those that the split lacks. `grid_ceiling` is by
    patches a side (see `grid_ceiling.py`).
    """

    split: str
    n_images: int
    n_patients: int
    n_boxes: int
    auc: Mapping[str, Auc]
    mean_auc: MeanAuc
    localization: Localization
    grid_ceiling: Mapping[int, Localization]


def metrics_json(metrics: Metrics) -> str:
    """Return the content of `metrics.json`; what is undefined is null.

    `localization.kind` is "boxes" or "regions"; in regions `iobb` holds IoR and `afp` is null.
    `grid_ceiling` is {patches: {"iou" | "iobb": {threshold: {class: accuracy}}}}.
    """
    mean = metrics.mean_auc
    ceilings = metrics.grid_ceiling.items()
    content = {
        "split": metrics.split,
        "n_images": metrics.n_images,
        "n_patients": metrics.n_patients,
        "n_boxes": metrics.n_boxes,
        "auc": {name: asdict(auc) for name, auc in metrics.auc.items()},
        "mean_auc": mean.value,
        "mean_auc_low": mean.low,
        "mean_auc_high": mean.high,
        "mean_auc_200": mean.value_200,
        "localization": {
            "kind": metrics.localization.kind,
            "iou": _whole(metrics.localization.iou),
            "iobb": _whole(metrics.localization.iobb),
            "grid_ceiling": {
                str(patches): {"iou": _accuracy(found.iou), "iobb": _accuracy(found.iobb)}
                for patches, found in ceilings
            },
        },
    }
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def _whole(found: ByThreshold) -> dict[str, Any]:
    return {str(t): {name: asdict(s) for name, s in row.items()} for t, row in found.items()}


def _accuracy(found: ByThreshold) -> dict[str, Any]:
    return {str(t): {name: s.accuracy for name, s in row.items()} for t, row in found.items()}
