"""The box of what a lesion adds to the film."""

import cv2
import numpy as np

from chestx.simulation.film.curves import moved
from chestx.simulation.film.frame import Frame
from chestx.simulation.film.lesions.lesion import Change
from chestx.simulation.study import LesionBox

# Pixels: what is smaller on the film has no box.
_SMALLEST = 2.0


def box_of(label: str, change: Change, frame: Frame) -> LesionBox | None:
    """Return the box in pixels of the film; None where the film misses the lesion."""
    found = cv2.findNonZero((change.outline() > 0).astype(np.uint8))
    if found is None:
        return None
    hull = cv2.convexHull(found)[:, 0].astype(np.float64)
    corners = np.concatenate([moved(hull, x, y) for x in (0, 1) for y in (0, 1)])
    grid = change.grid
    points = frame.to_film(moved(corners / grid.scale, grid.left, grid.top))
    limits = np.array((frame.columns, frame.rows))
    low, high = points.min(0).clip(0, limits), points.max(0).clip(0, limits)
    (x, y), (width, height) = low.tolist(), (high - low).tolist()
    if min(width, height) < _SMALLEST:
        return None
    return LesionBox(label, x, y, width, height)
