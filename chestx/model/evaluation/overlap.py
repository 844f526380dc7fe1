"""How far what was found agrees with the truth: IoU, and IoBB or IoR.

IoU is intersection over union. IoBB (Wang et al. 2017, section 4) is intersection over the area of
the detected box, IoR (Li et al. 2018, section 4) over that of the detected region. Boxes are rows
of x, y, width, height: left and upper edge and size in pixels, any fractions of them. A region is
bool [P, P] and covers cells of an image that is cut into P x P. All areas are exact: a pixel is
never counted as a whole.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chestx.model.equations.grid_lines import on_lines
from chestx.model.equations.pixels import XYWH, ImageSize, width_height

Floats = npt.NDArray[np.float64]
Region = npt.NDArray[np.bool_]


class Overlap(NamedTuple):
    """`iou`, and `of_found`: the share of what was found that lies in the truth (IoBB, IoR)."""

    iou: Floats
    of_found: Floats


class Covered(NamedTuple):
    """How much of each cell boxes cover: `cells` [P, P] in square pixels, `total` their area.

    What lies outside of the image is in `total` and in no cell.
    """

    cells: Floats
    total: float


def box_overlap(found: Sequence[XYWH], truth: Sequence[XYWH]) -> Overlap:
    """Return the overlaps [n, m] of n found boxes with each of m boxes of the truth, 0 to 1."""
    a, b = _corners(found), _corners(truth)
    width = _shared(a[:, 0], a[:, 2], b[:, 0], b[:, 2])
    height = _shared(a[:, 1], a[:, 3], b[:, 1], b[:, 3])
    shared = width * height
    area_a, area_b = _areas(a)[:, np.newaxis], _areas(b)[np.newaxis]
    return Overlap(_ratio(shared, area_a + area_b - shared), _ratio(shared, area_a))


def region_overlap(region: Region, truth: Covered, image_size: ImageSize) -> Overlap:
    """Return the overlaps of a region [P, P] with boxes of the truth united, each a scalar array.

    `truth` is `cover(boxes, image_size, P)`.
    """
    shared = np.asarray(truth.cells[region].sum())
    width, height = width_height(image_size)
    area = np.asarray(np.count_nonzero(region) * width * height / region.size)
    return Overlap(_ratio(shared, area + truth.total - shared), _ratio(shared, area))


def cover(boxes: Sequence[XYWH], image_size: ImageSize, patches: int) -> Covered:
    """Return what the union of boxes covers of each of patches x patches cells of an image.

    The edges of the boxes cut the plane into pieces, each wholly inside of a box or outside of all.
    """
    width, height = width_height(image_size)
    corners = _corners(boxes)
    corners[:, 0::2] = _on_grid(corners[:, 0::2], width, patches)
    corners[:, 1::2] = _on_grid(corners[:, 1::2], height, patches)
    xs, ys = np.unique(corners[:, 0::2]), np.unique(corners[:, 1::2])
    inside = np.zeros((max(len(ys) - 1, 0), max(len(xs) - 1, 0)))
    for left, top, right, bottom in corners:
        y, x = np.searchsorted(ys, (top, bottom)), np.searchsorted(xs, (left, right))
        inside[slice(*y), slice(*x)] = 1
    columns = width * np.arange(patches + 1) / patches
    rows = height * np.arange(patches + 1) / patches
    across = _shared(columns[:-1], columns[1:], xs[:-1], xs[1:])
    down = _shared(rows[:-1], rows[1:], ys[:-1], ys[1:])
    total = np.diff(ys) @ inside @ np.diff(xs)
    return Covered(down @ inside @ across.T, float(total))


def _corners(boxes: Sequence[XYWH]) -> Floats:
    """Return left, top, right, bottom of each box."""
    corners = np.array(boxes, np.float64).reshape(-1, 4)
    corners[:, 2:] += corners[:, :2]
    return corners


def _on_grid(edges: Floats, side: int, patches: int) -> Floats:
    """Return edges in pixels, those on a line between cells but for rounding put onto it."""
    cells = edges * patches / side
    lines = on_lines(cells)
    return np.where(lines == np.rint(cells), side * lines / patches, edges)


def _areas(corners: Floats) -> Floats:
    areas: Floats = (corners[:, 2] - corners[:, 0]) * (corners[:, 3] - corners[:, 1])
    return areas


def _shared(start_a: Floats, end_a: Floats, start_b: Floats, end_b: Floats) -> Floats:
    """Return the lengths [n, m] that n intervals share with m others."""
    start = np.maximum(start_a[:, np.newaxis], start_b)
    end = np.minimum(end_a[:, np.newaxis], end_b)
    shared: Floats = np.maximum(end - start, 0.0)
    return shared


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, 0 where both are nothing."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)
