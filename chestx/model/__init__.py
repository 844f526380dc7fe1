"""The two papers' models: training, evaluation, prediction."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chestx.model.equations.heatmap_boxes import heatmap_boxes
    from chestx.model.equations.patch_mask import patch_mask
    from chestx.model.equations.patch_mil import bag_log_prob, box_log_likelihood, patch_mil_loss
    from chestx.model.equations.pooling import lse_pool
    from chestx.model.equations.weighted_cross_entropy import weighted_cross_entropy

__all__ = [
    "bag_log_prob",
    "box_log_likelihood",
    "heatmap_boxes",
    "lse_pool",
    "patch_mask",
    "patch_mil_loss",
    "weighted_cross_entropy",
]

_FILES = {
    "bag_log_prob": "patch_mil",
    "box_log_likelihood": "patch_mil",
    "lse_pool": "pooling",
    "patch_mil_loss": "patch_mil",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for alone: torch takes its time."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"chestx.model.equations.{_FILES.get(name, name)}"), name)
