"""W-CEL: cross entropy in which positives and negatives weigh the same (ChestX-ray8, Eq. 1)."""

import torch
import torch.nn.functional as F
from torch import Tensor

from chestx.model.equations.tensors import at_least_float32, require_shape


def weighted_cross_entropy(logits: Tensor, targets: Tensor, whole: Tensor | None = None) -> Tensor:
    """Return Eq. 1 of ChestX-ray8 divided by |P| + |N|.

    That is the mean of -ln f(x) over the positives plus the mean of -ln(1 - f(x)) over the
    negatives, f being the logistic function. P and N count over batch and classes; an empty side
    adds 0.

    A batch that is a part of a larger one, which several processes share or whose gradients are
    accumulated, takes |P| and |N| from the larger: the parts then add up to its loss.

    Args:
        logits: [N, C]; a half precision is computed in float32.
        targets: [N, C], 0 or 1.
        whole: |P| and |N| of the larger batch, [2]; None where this is all of it.

    Returns:
        A scalar, in float32 at least.

    Raises:
        ValueError: the shapes differ.
    """
    require_shape("targets", targets, logits.shape)
    z = at_least_float32(logits)
    positive = targets > 0.5
    if whole is None:
        whole = torch.stack([positive.sum(), (~positive).sum()])
    weight = 1 / whole.clamp(min=1).to(z.dtype)
    losses = -F.logsigmoid(torch.where(positive, z, -z))
    return (torch.where(positive, weight[0], weight[1]) * losses).sum()
