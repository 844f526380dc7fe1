"""Global pooling of the transition layer's maps, before the prediction layer (ChestX-ray8, 3.1)."""

from collections.abc import Callable, Mapping
from math import inf

import torch
from torch import Tensor

from chestx.model.equations.tensors import at_least_float32

SIDES = (-2, -1)


def lse_pool(maps: Tensor, r: float) -> Tensor:
    """Pool by Log-Sum-Exp, Eq. 2 of ChestX-ray8: log(mean(exp(r x))) / r.

    It goes from the average (r to 0) to the maximum (r to infinity). The shift is by the maximum,
    not by the maximum of |x| as in Eq. 3, which underflows where every x is negative.

    Args:
        maps: [N, D, H, W]; a half precision is pooled in float32.
        r: above 0.

    Returns:
        [N, D] in the type of the maps.

    Raises:
        ValueError: r is not above 0 and finite.
    """
    if not 0 < r < inf:
        raise ValueError(f"r is {r}, not above 0 and finite")
    x = at_least_float32(maps)
    # The result does not depend on the shift: its gradient is 0.
    top = x.detach().amax(SIDES, keepdim=True)
    below = r * (x - top)
    mean_exp = below.exp().mean(SIDES)
    # Near 1 the logarithm keeps its digits, which 1 / r may magnify, only by way of mean - 1.
    near_1 = mean_exp > 0.5
    less_1 = torch.where(near_1, below.expm1().mean(SIDES), 0)
    log_mean = torch.where(near_1, less_1.log1p(), mean_exp.log())
    return (top[..., 0, 0] + log_mean / r).to(maps.dtype)


def average_pool(maps: Tensor) -> Tensor:
    """Return the average of each map: [N, D, H, W] to [N, D]."""
    return maps.mean(SIDES)


def max_pool(maps: Tensor) -> Tensor:
    """Return the maximum of each map: [N, D, H, W] to [N, D]."""
    return maps.amax(SIDES)


POOLINGS: Mapping[str, Callable[[Tensor, float], Tensor]] = {
    "lse": lse_pool,
    "avg": lambda maps, r: average_pool(maps),
    "max": lambda maps, r: max_pool(maps),
}
"""By name, each called with maps [N, D, H, W] and r, which LSE alone needs."""
