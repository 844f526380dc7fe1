"""What a method finds, in pixels of the film as it came."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chestx.dataset.film import Placement
from chestx.model.equations.pixels import XYWH
from chestx.model.methods.method import Method

_DECIMALS = 2
"""Of a pixel, in what is written."""


class OnFilm(NamedTuple):
    """A film of `rows` x `columns`, and where it lies in the square image of `side` pixels."""

    rows: int
    columns: int
    side: float
    placement: Placement

    def box(self, box: XYWH) -> list[float] | None:
        """Return a box in shares of the image in pixels of the film, cut at the film's edges.

        None for a box that lies on the bars beside a film.
        """
        x, y, width, height = (edge * self.side for edge in box)
        at = self.placement
        left, right = ((edge - at.offset_x) / at.scale_x for edge in (x, x + width))
        top, bottom = ((edge - at.offset_y) / at.scale_y for edge in (y, y + height))
        left, top = max(left, 0.0), max(top, 0.0)
        width, height = min(right, self.columns) - left, min(bottom, self.rows) - top
        rounded = [round(edge, _DECIMALS) for edge in (left, top, width, height)]
        return rounded if min(rounded[2:]) > 0 else None


class Located(NamedTuple):
    """Where a class is seen on an image.

    `boxes` in shares of the image's width and height; `region` bool [S, S] over the whole image,
    None for a method that gives boxes alone.
    """

    boxes: list[XYWH]
    region: npt.NDArray[np.bool_] | None

    def on(self, rows: int, columns: int) -> list[XYWH]:
        """Return the boxes in pixels of an image of `rows` x `columns`."""
        return [(x * columns, y * rows, w * columns, h * rows) for x, y, w, h in self.boxes]

    def as_json(self, film: OnFilm) -> dict[str, Any]:
        """Return `boxes`, and `region` as boxes side by side: a run of patches in a row each."""
        found: dict[str, Any] = {"boxes": _boxes(self.boxes, film)}
        if self.region is not None:
            found["region"] = _boxes(_runs(self.region), film)
        return found


def locate(method: Method, heatmap: npt.NDArray[np.float32]) -> Located:
    """Return what `method` finds on a heatmap [S, S] of an image."""
    side = heatmap.shape[0]
    boxes, region = method.localize(heatmap, side)
    return Located([(x / side, y / side, w / side, h / side) for x, y, w, h in boxes], region)


def _boxes(boxes: list[XYWH], film: OnFilm) -> list[list[float]]:
    return [found for box in boxes if (found := film.box(box)) is not None]


def _runs(region: npt.NDArray[np.bool_]) -> list[XYWH]:
    """Return the runs of cells of each row, in shares, from top to bottom and left to right."""
    padded = np.pad(region.astype(np.int8), ((0, 0), (1, 1)))
    change = np.diff(padded, axis=1)
    starts, ends = np.argwhere(change == 1), np.argwhere(change == -1)
    rows, columns = region.shape
    return [
        (int(start) / columns, int(row) / rows, int(end - start) / columns, 1 / rows)
        for (row, start), (_, end) in zip(starts, ends, strict=True)
    ]
