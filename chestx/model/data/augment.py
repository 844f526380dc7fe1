"""A film as it might have been taken: moved, turned and scaled a little, darker or brighter.

Never mirrored: the heart is on the left. The papers use none of this; it is off by default.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from chestx.model.equations.pixels import XYWH

Film = npt.NDArray[np.uint8]
_AUGMENTATION = 2
"""Keeps these numbers apart from those of the order."""
_LEAST = 1.0
"""Pixels that a side of a clipped box must have."""


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How far a film is changed at most, evenly drawn in both directions.

    `shift` in fractions of the film's side, along both axes; `turn` in degrees; `scale` and
    `brightness` in fractions. The defaults are small, and from no paper.
    """

    shift: float = 0.05
    turn: float = 5.0
    scale: float = 0.1
    brightness: float = 0.1

    def apply(
        self, film: Film, boxes: Sequence[XYWH], *, seed: int, epoch: int, place: int
    ) -> tuple[Film, list[XYWH | None]]:
        """Return the film [S, S] and its boxes (pixels) as they are drawn for seed, epoch, place.

        A box becomes the upright box around what is left on the film of the turned one; None where
        that is less than a pixel wide or high.
        """
        source = np.random.Generator(np.random.PCG64([_AUGMENTATION, seed, epoch, place]))
        right, down, turn, scale, brighter = source.uniform(-1, 1, 5)
        size = len(film)
        moved = _matrix(
            size,
            angle=np.deg2rad(turn * self.turn),
            scale=1 + scale * self.scale,
            shift=(right * self.shift * size, down * self.shift * size),
        )
        # OpenCV counts from the centre of the first pixel, boxes from its edge.
        centred = moved.copy()
        centred[:, 2] += moved[:, :2] @ (0.5, 0.5) - 0.5
        warped = cv2.warpAffine(film, centred, (size, size), flags=cv2.INTER_LINEAR)
        levels = np.arange(256) * (1 + brighter * self.brightness)
        table = np.rint(levels).clip(0, 255).astype(np.uint8)
        film = np.asarray(cv2.LUT(warped, table), np.uint8)
        return film, [_moved_box(box, moved, size) for box in boxes]


def _matrix(
    size: int, *, angle: float, scale: float, shift: tuple[float, float]
) -> npt.NDArray[np.float64]:
    """Return the map [2, 3] of points (x, y): turned and scaled about the middle, then moved."""
    turned = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.array([size / 2, size / 2])
    return np.column_stack([turned, middle - turned @ middle + shift])


def _moved_box(box: XYWH, moved: npt.NDArray[np.float64], size: int) -> XYWH | None:
    x, y, width, height = box
    around = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    corners = (np.array(around) @ moved[:, :2].T + moved[:, 2]).tolist()
    for axis in (0, 1):
        corners = _clipped(_clipped(corners, axis, 0.0, 1), axis, float(size), -1)
    if not corners:
        return None
    (left, upper), (right, lower) = np.min(corners, axis=0), np.max(corners, axis=0)
    if right - left < _LEAST or lower - upper < _LEAST:
        return None
    return float(left), float(upper), float(right - left), float(lower - upper)


def _clipped(corners: list[list[float]], axis: int, edge: float, side: int) -> list[list[float]]:
    """Return the part of a convex polygon on one side of an edge (Sutherland and Hodgman 1974).

    Of a turned box that reaches out of the film, no more than what is seen may be boxed.
    """
    kept = []
    for one, other in zip(corners, corners[1:] + corners[:1], strict=True):
        inward, next_inward = side * (one[axis] - edge), side * (other[axis] - edge)
        if inward >= 0:
            kept.append(one)
        if inward * next_inward < 0:
            share = inward / (inward - next_inward)
            crossing = [a + share * (b - a) for a, b in zip(one, other, strict=True)]
            crossing[axis] = edge
            kept.append(crossing)
    return kept
