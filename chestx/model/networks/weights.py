"""Weights of a backbone from a file, fitted to the network without its head."""

import pickle
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from chestx.errors import ChestxError

StateDict = Mapping[str, Tensor]

_DENSE_LAYER = re.compile(r"(denselayer\d+\.(?:norm|conv))\.(?=\d\.)")
"""torchvision's files of DenseNet say `norm.1.weight` for what the networks call `norm1.weight`."""

_COUNTER = "num_batches_tracked"
"""BatchNorm's counter of batches, which files from before PyTorch 0.4.1 do not have."""


def read_weights(path: Path) -> StateDict:
    """Read a state dict from `.safetensors`, or from `.pth` and `.pt` without running its pickle.

    `ChestxError` where there is no such file or it holds anything else than named tensors.
    """
    if not path.is_file():
        raise ChestxError(
            f"there is no file of weights '{path}': --weights takes imagenet, none or a file"
        )
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, EOFError, RuntimeError, pickle.UnpicklingError, SafetensorError) as error:
        raise ChestxError(
            f"'{path}' cannot be read as weights ({type(error).__name__}): give a state dict saved "
            "with torch.save or as .safetensors"
        ) from error
    if not isinstance(state, dict) or not all(isinstance(v, Tensor) for v in state.values()):
        raise ChestxError(
            f"'{path}' does not hold named tensors alone: save the network's state_dict() by itself"
        )
    return state


def load_weights(network: nn.Module, state: StateDict, heads: Sequence[str], name: str) -> None:
    """Put weights into a network that has lost its head.

    Keys below one of `heads` are left out. `ChestxError` names `name`, the backbone, where any
    other tensor is missing, unknown or of another shape: a backbone that is loaded in part would
    train without a sign of it.
    """
    cut = tuple(f"{head}." for head in heads)
    given = {
        _DENSE_LAYER.sub(r"\1", key): tensor
        for key, tensor in state.items()
        if not key.startswith(cut)
    }
    wanted = network.state_dict()
    missing = [key for key in wanted if key not in given and not key.endswith(_COUNTER)]
    unknown = [key for key in given if key not in wanted]
    reshaped = [key for key in given if key in wanted and given[key].shape != wanted[key].shape]
    if misfits := [*missing, *unknown, *reshaped]:
        raise ChestxError(
            f"the weights are not those of {name}: {len(missing)} tensors are missing, "
            f"{len(unknown)} unknown, {len(reshaped)} of another shape, the first '{misfits[0]}': "
            "choose the backbone that they belong to"
        )
    network.load_state_dict(given, strict=False)
