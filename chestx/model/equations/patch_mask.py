"""A radiologist's box on the grid of patches."""

from math import ceil, floor

import torch
from torch import Tensor

from chestx.model.equations.grid_lines import on_lines
from chestx.model.equations.pixels import XYWH, ImageSize, width_height


def patch_mask(box: XYWH, image_size: ImageSize, patches: int) -> Tensor:
    """Return the patches that a box touches: bool [P, P], rows first.

    A patch is touched where it shares more than an edge with the box; a box without width or
    height touches the patches that it lies in. What lies outside of the image touches none.

    Args:
        box: left and upper edge, width and height in pixels of the image.
        image_size: the side of a square image, or width and height.
        patches: patches a side.

    Raises:
        ValueError: a width or height below 0, or a coordinate that is not finite.
    """
    x, y, w, h = box
    width, height = width_height(image_size)
    mask = torch.zeros(patches, patches, dtype=torch.bool)
    mask[_touched(y, h, height, patches), _touched(x, w, width, patches)] = True
    return mask


def _touched(start: float, extent: float, side: int, patches: int) -> slice:
    """Return the patches along one side that an interval touches."""
    low, high = start * patches / side, (start + extent) * patches / side
    if not (extent >= 0 and abs(low) + abs(high) < float("inf")):
        raise ValueError(f"not an interval in pixels: from {start}, {extent} long")
    low, high = on_lines((low, high)).tolist()
    first = floor(low)
    end = max(ceil(high), first + 1)
    return slice(max(first, 0), max(end, 0))
