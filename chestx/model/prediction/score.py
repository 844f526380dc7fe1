"""Scores and heatmaps of batches: one way, whatever the batch and the device."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch

from chestx.errors import ChestxError
from chestx.model.methods.inference import inference
from chestx.model.methods.method import Method

Floats = npt.NDArray[np.float32]


def score(
    method: Method, inputs: Sequence[npt.NDArray[np.uint8]], device: torch.device
) -> tuple[Floats, Floats]:
    """Return scores [N, C] and heatmaps [N, C, S, S] of inputs [size, size].

    Everything is in float32. Raises `ChestxError` where a score is no number.
    """
    images = torch.from_numpy(np.stack(inputs)[:, None]).to(device)
    with inference():
        scores, heatmaps = method.maps(images)
    if not bool(torch.isfinite(scores).all()):
        raise ChestxError("the model's scores are no numbers: train it again with a lower lr")
    return scores.float().cpu().numpy(), heatmaps.float().cpu().numpy()
