"""What a method finds, in pixels of the film as it came."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from chestx.model.equations.pixels import XYWH
from chestx.model.methods.method import Method

_DECIMALS = 2
"""Of a pixel, in what is written."""


class Located(NamedTuple):
    """Where a class is seen on a film.

    `boxes` in pixels of the film; `region` bool [S, S] over the whole film, None for a method that
    gives boxes alone.
    """

    boxes: list[XYWH]
    region: npt.NDArray[np.bool_] | None

    def as_json(self, rows: int, columns: int) -> dict[str, Any]:
        """Return `boxes`, and `region` as boxes side by side: a run of patches in a row each."""
        found: dict[str, Any] = {"boxes": [_rounded(box) for box in self.boxes]}
        if self.region is not None:
            runs = _runs(self.region)
            scale = columns / self.region.shape[1], rows / self.region.shape[0]
            found["region"] = [_rounded(_scaled(run, *scale)) for run in runs]
        return found


def locate(method: Method, heatmap: npt.NDArray[np.float32], rows: int, columns: int) -> Located:
    """Return what `method` finds on a heatmap [S, S] of a film of `rows` x `columns`.

    The film was made square for the network; its boxes are stretched back.
    """
    side = heatmap.shape[0]
    boxes, region = method.localize(heatmap, side)
    return Located([_scaled(box, columns / side, rows / side) for box in boxes], region)


def _runs(region: npt.NDArray[np.bool_]) -> list[XYWH]:
    """Return the runs of cells of each row, in cells, from top to bottom and left to right."""
    padded = np.pad(region.astype(np.int8), ((0, 0), (1, 1)))
    change = np.diff(padded, axis=1)
    starts, ends = np.argwhere(change == 1), np.argwhere(change == -1)
    return [
        (int(start), int(row), int(end - start), 1)
        for (row, start), (_, end) in zip(starts, ends, strict=True)
    ]


def _scaled(box: XYWH, across: float, down: float) -> XYWH:
    x, y, width, height = box
    return x * across, y * down, width * across, height * down


def _rounded(box: XYWH) -> list[float]:
    return [round(edge, _DECIMALS) for edge in box]
