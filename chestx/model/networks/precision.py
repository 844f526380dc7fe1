"""Where float32 is kept although the layers before run in bfloat16 or float16."""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor


def full_precision(tensor: Tensor) -> AbstractContextManager[object]:
    """Switch autocast off on the tensor's device, where it is on.

    bfloat16 has 8 significant bits: too few for logits, of which losses take differences, and for
    probabilities near 1, where patches are multiplied.
    """
    kind = tensor.device.type
    if torch.is_autocast_enabled(kind):
        return torch.autocast(kind, enabled=False)
    return nullcontext()
