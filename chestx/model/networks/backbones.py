"""A backbone: films in, a map of features out, with weights of its own choice."""

from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn
from torch.func import functional_call

from chestx.errors import ChestxError
from chestx.model.networks.architectures import Architecture, make_architecture
from chestx.model.networks.normalise import SYMMETRIC, Normalisation, normalise
from chestx.model.networks.weights import StateDict, load_weights, read_weights


class Backbone(nn.Module):
    """A network without its head.

    `channels` of its feature map; `stride`, pixels per cell of it; `mean` and `std` [3] of pixels
    in 0..1, which are saved with the weights, since they belong to them.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, name: str, architecture: Architecture, normalisation: Normalisation) -> None:
        super().__init__()
        self.name = name
        self.network = architecture.network
        self.channels = architecture.channels
        self.stride = architecture.stride
        self._image_size = architecture.image_size
        self._features = architecture.features
        self._frozen = False
        self.register_buffer("mean", torch.tensor(normalisation.mean))
        self.register_buffer("std", torch.tensor(normalisation.std))

    def forward(self, images: Tensor) -> Tensor:
        """Return the feature map [N, channels, h, w] of normalised images [N, 3, H, W].

        `ChestxError` for a size that the network does not take.
        """
        size = self._image_size
        if size is not None and images.shape[-2:] != (size, size):
            raise ChestxError(
                f"{self.name} takes images of {size} x {size} alone: use --size {size}"
            )
        return self._features(self.network, images)

    def refuse_size(self, size: int) -> None:
        """Raise `ChestxError` where the network does not take images of `size`; no work is done."""
        named = (*self.named_parameters(), *self.named_buffers())
        hollow = {name: torch.empty_like(tensor, device="meta") for name, tensor in named}
        images = torch.empty(1, 3, size, size, device="meta")
        # In evaluation mode: BatchNorm cannot train on a map of one cell of one image.
        training = self.training
        try:
            with torch.no_grad():
                functional_call(self.eval(), hollow, (images,))
        except RuntimeError as error:  # of a layer that has nothing left to look at
            raise ChestxError(
                f"{self.name} does not take images of {size} x {size}: use a larger --size"
            ) from error
        finally:
            self.train(training)

    def of_films(self, films: Tensor) -> Tensor:
        """Return the feature map of films [N, 1, H, W] in 0..255, uint8 or float."""
        features: Tensor = self(normalise(films, self.mean, self.std))
        return features

    def freeze(self) -> None:
        """Make the backbone a fixed function: for a learning rate of 0.

        Nothing in it learns, and it stays in evaluation mode whatever `train()` says: BatchNorm
        uses the statistics that it was loaded with and does not change them, so that a film has the
        same features in training, in evaluation, and in whatever batch it comes.
        """
        self._frozen = True
        self.requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> Self:
        """Set training mode, unless frozen."""
        return super().train(mode and not self._frozen)


def make_backbone(name: str, weights: str | Path = "imagenet") -> Backbone:
    """Make a backbone by its name in `ARCHITECTURES` or in timm.

    `weights`: "imagenet", from the hub that the architecture comes from (efficientnet_lite0's are
    installed); "none", random, for inputs in [-1, 1]; or the path of a state dict, for which films
    are normalised as for the published weights of that name. Raise `ChestxError` where the name
    is unknown, the hub out of reach, or the file not of this network.
    """
    # First what is known soonest: a missing file need not wait for a network.
    given = None if weights in ("imagenet", "none") else read_weights(Path(weights))
    architecture = make_architecture(name)
    if weights == "none":
        return Backbone(name, architecture, SYMMETRIC)
    state = _imagenet(name, architecture) if given is None else given
    load_weights(architecture.network, state, architecture.heads, name)
    return Backbone(name, architecture, architecture.normalisation)


def _imagenet(name: str, architecture: Architecture) -> StateDict:
    try:
        return architecture.imagenet()
    except Exception as error:  # each hub's client, and each version, fails in a way of its own
        raise ChestxError(
            f"no ImageNet weights of {name} could be had ({type(error).__name__}): give a file by "
            "--weights PATH, or use --weights none or --backbone efficientnet_lite0"
        ) from error
