"""Films become what a backbone was trained on: three channels, its mean and its deviation."""

from typing import NamedTuple

from torch import Tensor


class Normalisation(NamedTuple):
    """Mean and standard deviation per channel, of pixels in 0..1, that weights were trained with.

    ImageNet weights differ in it: it belongs to the weights, not to the architecture.
    """

    mean: tuple[float, float, float]
    std: tuple[float, float, float]


SYMMETRIC = Normalisation((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
"""Pixels in [-1, 1], as Li et al. 2018 put them in; the choice where no weights ask for another."""

IMAGENET = Normalisation((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
"""Mean and deviation of ImageNet, which torchvision's weights ask for."""


def normalise(films: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """Return films [N, 1, H, W] in 0..255, uint8 or float, as [N, 3, H, W] of the type of `mean`.

    The grey channel stands in all three; `mean` and `std` [3] are of pixels in 0..1.
    """
    scale = 1 / (255 * std)
    shift = -mean / std
    return films.to(mean.dtype) * scale[:, None, None] + shift[:, None, None]
