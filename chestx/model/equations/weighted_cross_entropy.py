"""W-CEL: cross entropy in which positives and negatives weigh the same (ChestX-ray8, Eq. 1)."""

import torch
import torch.nn.functional as F
from torch import Tensor
from torch import distributed as dist

from chestx.model.equations.tensors import at_least_float32, require_shape


def weighted_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Return Eq. 1 of ChestX-ray8 divided by |P| + |N|.

    That is the mean of -ln f(x) over the positives plus the mean of -ln(1 - f(x)) over the
    negatives, f being the logistic function. P and N count over batch and classes; an empty side
    adds 0.

    In training by several processes P and N are those of all processes, and a process's loss is
    scaled so that the average over processes, of loss and gradients, is that of the whole batch:
    every process must call it. Where gradients are off, a process is on its own.

    Args:
        logits: [N, C]; a half precision is computed in float32.
        targets: [N, C], 0 or 1.

    Returns:
        A scalar, in float32 at least.

    Raises:
        ValueError: the shapes differ.
    """
    require_shape("targets", targets, logits.shape)
    z = at_least_float32(logits)
    positive = targets > 0.5
    count = torch.stack([(~positive).sum(), positive.sum()])
    processes = 1
    if _trains_in_parallel():
        dist.all_reduce(count)
        processes = dist.get_world_size()
    weight = processes / count.clamp(min=1).to(z.dtype)
    losses = -F.logsigmoid(torch.where(positive, z, -z))
    return (torch.where(positive, weight[1], weight[0]) * losses).sum()


def _trains_in_parallel() -> bool:
    return (
        torch.is_grad_enabled()
        and dist.is_available()
        and dist.is_initialized()
        and dist.get_world_size() > 1
    )
