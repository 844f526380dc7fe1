"""Boxes from a heatmap (ChestX-ray8, 3.2)."""

from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt

from chestx.model.equations.pixels import XYWH, ImageSize, width_height


def heatmap_boxes(
    heatmap: npt.ArrayLike,
    image_size: ImageSize,
    thresholds: Sequence[float] = (60, 180),
) -> list[XYWH]:
    """Return the boxes around the connected regions above each threshold.

    The heatmap itself, not an enlarged one, is normalised to 0..255. A region is of cells
    strictly above the threshold that share an edge or a corner; its box lies on cell edges. The
    boxes of all thresholds are pooled; equal ones count once.

    Args:
        heatmap: [S, S] of any range.
        image_size: the side of a square image, or width and height.
        thresholds: on the scale of 0 to 255; the defaults are the paper's.

    Returns:
        Boxes in pixels of the image, in the order of the thresholds, then from top to bottom and
        from left to right; none for a heatmap that is constant or not finite.
    """
    values = np.asarray(heatmap, dtype=np.float64)
    low, high = values.min(), values.max()
    if not (np.isfinite(low) and np.isfinite(high)) or low == high:
        return []
    grey = (values - low) / (high - low) * 255
    width, height = width_height(image_size)
    rows, columns = values.shape
    found = dict.fromkeys(cells for level in thresholds for cells in _regions(grey > level))
    return [
        (x * width / columns, y * height / rows, w * width / columns, h * height / rows)
        for y, x, h, w in found
    ]


def _regions(mask: npt.NDArray[np.bool_]) -> list[tuple[int, int, int, int]]:
    """Return the first row, the first column, rows and columns of each connected region."""
    stats = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)[2]
    left, top = stats[1:, cv2.CC_STAT_LEFT].tolist(), stats[1:, cv2.CC_STAT_TOP].tolist()
    wide, tall = stats[1:, cv2.CC_STAT_WIDTH].tolist(), stats[1:, cv2.CC_STAT_HEIGHT].tolist()
    return sorted(zip(top, left, tall, wide, strict=True))
