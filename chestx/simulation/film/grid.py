"""The plane of the film in cm, cut into pixels, and the brushes that draw on it.

The plane is the patient's: x grows from the midline to the patient's left, which is the right of
the picture, and y from the lungs' apices downwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from chestx.simulation.film.curves import Points

Map = npt.NDArray[np.float32]
# Binary places of a coordinate that OpenCV's brushes take: a sixteenth of a pixel.
_SHIFT = 4
# A wider blur is done on a smaller picture: the result is smooth anyway.
_WIDEST_BLUR = 4.0
# Of 255: so much more than its path is a tube's brush, lest fine ones drown.
_LEAST = 5


@dataclass(frozen=True)
class Grid:
    """A window of the plane: its upper left corner in cm, pixels per cm, and size in pixels."""

    left: float
    top: float
    scale: float
    rows: int
    columns: int

    @cached_property
    def x(self) -> Map:
        """Centres of the columns, [1, columns]."""
        return (self.left + (np.arange(self.columns) + 0.5) / self.scale).astype(np.float32)[None]

    @cached_property
    def y(self) -> Map:
        """Centres of the rows, [rows, 1]."""
        return (self.top + (np.arange(self.rows) + 0.5) / self.scale).astype(np.float32)[:, None]

    def zeros(self) -> Map:
        """Return an empty map."""
        return np.zeros((self.rows, self.columns), np.float32)

    def around(self, x: float, y: float, reach: float) -> "Grid":
        """Return the part of this grid within `reach` of a point, at least one pixel."""
        first, last = (round((x + way - self.left) * self.scale) for way in (-reach, reach))
        upper, lower = (round((y + way - self.top) * self.scale) for way in (-reach, reach))
        first, upper = min(max(first, 0), self.columns - 1), min(max(upper, 0), self.rows - 1)
        last, lower = min(max(last, first + 1), self.columns), min(max(lower, upper + 1), self.rows)
        return Grid(
            self.left + first / self.scale,
            self.top + upper / self.scale,
            self.scale,
            lower - upper,
            last - first,
        )

    def part(self, inner: "Grid") -> tuple[slice, slice]:
        """Return where in this grid's maps a part of it lies."""
        row = round((inner.top - self.top) * self.scale)
        column = round((inner.left - self.left) * self.scale)
        return slice(row, row + inner.rows), slice(column, column + inner.columns)

    def fill(self, *outlines: Points) -> Map:
        """Return 1 within the outlines, 0 outside, and in between where an edge cuts a pixel."""
        canvas = self._canvas()
        for outline in outlines:
            cv2.fillPoly(canvas, [self._pixels(outline)], 255, cv2.LINE_AA, _SHIFT)
        return canvas.astype(np.float32) / np.float32(255)

    def stroke(self, lines: Sequence[Points], width: float) -> Map:
        """Return 1 on the lines of this width in cm; less where they are thinner than a pixel."""
        canvas = self._canvas()
        self._lines(canvas, lines, width, 255)
        return canvas.astype(np.float32) / np.float32(255)

    def tubes(
        self,
        lines: Sequence[Points | Sequence[Points]],
        radii: Sequence[float],
        most: float,
    ) -> Map:
        """Return the path in cm through tubes, thin ones first; paths above `most` are cut.

        There is a bundle of lines for each radius: a list, or [lines, points, 2].
        """
        canvas = self._canvas()
        for some, radius in zip(lines, radii, strict=True):
            for share, chord in ((1.0, 1.1), (0.7, 1.75)):
                if share < 1 and 2 * radius * self.scale < 3:
                    continue
                value = min(255, round(255 * chord * radius / most) + _LEAST)
                self._lines(canvas, some, 2 * radius * share, value)
        return canvas.astype(np.float32) * np.float32(most / 255)

    def _lines(
        self,
        canvas: npt.NDArray[np.uint8],
        lines: Points | Sequence[Points],
        width: float,
        value: int,
    ) -> None:
        pixels = width * self.scale
        value = max(1, round(value * min(1.0, pixels)))
        paths = (
            list(self._pixels(lines))
            if isinstance(lines, np.ndarray)
            else [self._pixels(line) for line in lines]
        )
        cv2.polylines(canvas, paths, False, value, max(1, round(pixels)), cv2.LINE_AA, _SHIFT)

    def _canvas(self) -> npt.NDArray[np.uint8]:
        return np.zeros((self.rows, self.columns), np.uint8)

    def _pixels(self, points: Points) -> npt.NDArray[np.int32]:
        moved = (points - (self.left, self.top)) * self.scale - 0.5
        return np.rint(moved * (1 << _SHIFT)).astype(np.int32)

    def depth_inside(self, mask: Map) -> Map:
        """Return how far in cm a pixel lies inside of the mask's edge."""
        inside = (mask > 0.5).astype(np.uint8)
        distance: Map = cv2.distanceTransform(inside, cv2.DIST_L2, 5)  # type: ignore[assignment]
        # Where there is no edge, OpenCV calls it infinitely far.
        return as_map(np.minimum(distance, np.float32(1e4)) / np.float32(self.scale))

    def blur(self, field: npt.ArrayLike, sigma: float) -> Map:
        """Return the field blurred by a Gaussian of this width in cm."""
        field, pixels = as_map(field), sigma * self.scale
        if pixels < 0.3:
            return field
        if pixels <= _WIDEST_BLUR:
            return as_map(cv2.GaussianBlur(field, (0, 0), pixels, borderType=cv2.BORDER_REPLICATE))
        less = max(1, int(pixels / 2))
        size = (max(1, self.columns // less), max(1, self.rows // less))
        small = cv2.resize(field, size, interpolation=cv2.INTER_AREA)
        small = cv2.GaussianBlur(small, (0, 0), pixels / less, borderType=cv2.BORDER_REPLICATE)
        return as_map(cv2.resize(small, (self.columns, self.rows), interpolation=cv2.INTER_CUBIC))

    def mottle(self, rng: np.random.Generator, size: float) -> Map:
        """Return noise of mean 0 and deviation 1 or so, whose grains are about `size` cm.

        It is fixed to the plane: the same numbers make the same pattern at every scale.
        """
        lattice = rng.standard_normal((int(_EXTENT / size), int(_EXTENT / size)), np.float32)
        step = 1 / (size * self.scale)
        corner = [(start + _EXTENT / 2) / size for start in (self.left, self.top - _MIDDLE)]
        place = np.array([[step, 0, corner[0]], [0, step, corner[1]]], np.float64)
        return as_map(
            cv2.warpAffine(
                lattice,
                place,
                (self.columns, self.rows),
                flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REFLECT,
            )
        )


# The square that mottle covers, in cm, and the height of its middle.
_EXTENT, _MIDDLE = 64.0, 14.0


def as_map(field: npt.ArrayLike) -> Map:
    """Return a field in the type of all maps."""
    return np.asarray(field, np.float32)


def rise(steps: npt.ArrayLike) -> Map:
    """Return the logistic function: from 0 far below a border to 1 far above it."""
    return as_map(0.5 + 0.5 * np.tanh(0.5 * np.asarray(steps, np.float32)))


def dome_profile(depth: Map, radius: float) -> Map:
    """Return the relative thickness of a round body at a depth inside its outline: 0..1."""
    inward = depth * np.float32(1 / radius)
    np.minimum(inward, 1, out=inward)
    thickness = 2 - inward
    thickness *= inward
    np.sqrt(thickness, out=thickness)
    return thickness
