"""What a perfect patch mask would reach: the grid alone keeps it from fitting a small lesion.

A model of P x P patches that finds exactly the patches that a box touches, which is what it is
trained to, still covers more than the box. No result of such a model should be read without it. A
smaller region may do better, above all at IoR: this is the ceiling of the aim, not of every mask.
"""

from collections.abc import Iterable

from chestx.model.equations.pixels import ImageSize
from chestx.model.evaluation.localization import Localization, localize_regions
from chestx.model.evaluation.overlap import cover
from chestx.model.evaluation.truth import Truth

PATCHES = (12, 16, 20)
"""Patches a side in Li et al. 2018."""


def grid_ceiling(
    truth: Truth, classes: Iterable[str], image_size: ImageSize, patches: int
) -> Localization:
    """Return how the patches that the boxes touch score against the boxes, as regions.

    Boxes in pixels of images of `image_size`.
    """
    wanted = tuple(classes)
    perfect = {
        key: cover(boxes, image_size, patches).cells > 0
        for key, boxes in truth.items()
        if key[1] in wanted
    }
    return localize_regions(perfect, truth, wanted, image_size)
