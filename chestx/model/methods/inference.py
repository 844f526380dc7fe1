"""How a trained method is asked: one way, whatever the batch and the device."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


def device_of(devices: str) -> torch.device:
    """Return where to predict: a GPU where there is one, unless the run was told to use the CPU."""
    gpu = not devices.startswith("cpu") and torch.cuda.is_available()
    return torch.device("cuda" if gpu else "cpu")


@contextmanager
def inference() -> Iterator[None]:
    """Compute without gradients, and without TF32, whose rounding differs with a batch's size."""
    cudnn = torch.backends.cudnn.flags(
        enabled=True, benchmark=False, deterministic=True, allow_tf32=False
    )
    with torch.inference_mode(), cudnn:
        yield
