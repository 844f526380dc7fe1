"""Where a film lies in the plane of the chest."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chestx.simulation.film.curves import Points, moved
from chestx.simulation.film.grid import Grid

# Pixels of the drawing's longer side at most: 0.5 mm each. Finer there is nothing but noise.
_MOST = 768
# cm of skin and collimation beyond the grid's need, for what is blurred into the film.
_MARGIN = 1.0


class Frame(NamedTuple):
    """The film's middle in the plane, its tilt in radians, and the size of a pixel in cm."""

    centre: tuple[float, float]
    tilt: float
    pixel: float
    rows: int
    columns: int

    def grid(self) -> Grid:
        """Return the grid that the film is drawn on: upright, and large enough to cut it from."""
        corners = self.to_plane(
            np.array([(c, r) for c in (0.0, self.columns) for r in (0.0, self.rows)])
        )
        low, high = corners.min(0) - _MARGIN, corners.max(0) + _MARGIN
        scale = min(1 / self.pixel, _MOST / (self.pixel * max(self.rows, self.columns)))
        size = np.ceil((high - low) * scale).astype(int)
        return Grid(float(low[0]), float(low[1]), scale, int(size[1]), int(size[0]))

    def to_plane(self, pixels: Points) -> Points:
        """Return where pixel corners lie, in cm."""
        x, y = ((pixels - (self.columns / 2, self.rows / 2)) * self.pixel).T
        cos, sin = np.cos(self.tilt), np.sin(self.tilt)
        return moved(np.stack([cos * x - sin * y, sin * x + cos * y], 1), *self.centre)

    def to_film(self, points: Points) -> Points:
        """Return points of the plane in pixels of the film."""
        x, y = (points - np.array(self.centre)).T
        cos, sin = np.cos(self.tilt), np.sin(self.tilt)
        turned = np.stack([cos * x + sin * y, cos * y - sin * x], 1)
        return moved(turned / self.pixel, self.columns / 2, self.rows / 2)

    def warp(self, grid: Grid) -> npt.NDArray[np.float64]:
        """Return the affine matrix that takes centres of the film's pixels to the grid's."""
        first, right, below = (
            (self.to_plane(np.array([place])) - (grid.left, grid.top))[0] * grid.scale - 0.5
            for place in ((0.5, 0.5), (1.5, 0.5), (0.5, 1.5))
        )
        return np.stack([right - first, below - first, first], 1)
