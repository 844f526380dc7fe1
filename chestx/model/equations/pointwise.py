"""The losses that ChestX-ray8 compares W-CEL with (3.1), which weigh every label the same.

The paper names them alone. Here each is a mean over batch and classes of labels y in {0, 1}, z
being a logit and f = 1 / (1 + exp(-z)), as in its Eq. 1. Logits and targets are [N, C]; a half
precision is computed in float32; shapes that differ are a ValueError.
"""

import torch.nn.functional as F
from torch import Tensor

from chestx.model.equations.tensors import at_least_float32, require_shape


def cel(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the cross entropy, the mean of -y ln f - (1 - y) ln(1 - f).

    It is W-CEL's Eq. 1 with weights of 1, divided by |P| + |N|.
    """
    z, y = _checked(logits, targets)
    return F.binary_cross_entropy_with_logits(z, y)


def hinge(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the hinge loss, the mean of max(0, 1 - t z) with t = 2 y - 1: one against the rest."""
    z, y = _checked(logits, targets)
    return (1 - (2 * y - 1) * z).clamp(min=0).mean()


def euclidean(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the Euclidean loss, the mean of (f - y)^2 / 2."""
    z, y = _checked(logits, targets)
    return F.mse_loss(z.sigmoid(), y) / 2


def _checked(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    require_shape("targets", targets, logits.shape)
    z = at_least_float32(logits)
    return z, targets.to(z.dtype)
