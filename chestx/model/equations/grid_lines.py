"""Where the edges of boxes meet the lines of a grid: rounding must not push them over."""

import numpy as np
import numpy.typing as npt

SLACK = 3 * np.finfo(np.float64).eps
"""Relative. Six operations bring a box into a grid, each off by half an epsilon at most. No more
than that: the edges of NIH's boxes have 15 digits, and some are off a line by 4 and count so."""


def on_lines(cells: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return places in cells from the start of a grid, those on a line but for rounding made whole.

    All must be finite.
    """
    place = np.asarray(cells, np.float64)
    line = np.rint(place)
    near = np.abs(place - line) <= SLACK * np.maximum(1, np.abs(line))
    return np.where(near, line, place)
