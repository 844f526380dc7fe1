"""What every equation asks of the tensors that it gets."""

from collections.abc import Sequence

import torch
from torch import Tensor


def at_least_float32(tensor: Tensor) -> Tensor:
    """Return the tensor, from a half precision in float32: bfloat16 has 6 values in [0.98, 1]."""
    return tensor.float() if tensor.dtype in (torch.bfloat16, torch.float16) else tensor


def require_shape(name: str, tensor: Tensor, shape: Sequence[int]) -> None:
    """Raise ValueError where a tensor would be broadcast in silence."""
    if tuple(tensor.shape) != tuple(shape):
        raise ValueError(f"{name} is {list(tensor.shape)}, not {list(shape)}")
