"""The pixels of a file as they are stored, and those of colour pictures that are grey."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from chestx.dataset.film import UnusableFilmError

Patterns = npt.NDArray[np.uint8 | np.uint16]
# Colours of a grey picture that went through lossy compression, in levels of 255.
GREY_TOLERANCE = 2
_NEUTRAL_CHROMA = 128


@dataclass(frozen=True, slots=True)
class StoredPixels:
    """Pixels as the bits that stand in the file: `patterns` is rows x columns, uint8 or uint16.

    The stored value is the `bits` of a pattern above its lowest `shift`; where `signed`, the
    highest of them is the sign. What lies in other bits (overlays) is no part of it.
    """

    patterns: Patterns
    bits: int
    shift: int = 0
    signed: bool = False

    def values(self) -> npt.NDArray[np.int64]:
        """Return all stored values there can be, in the order of their bits."""
        values = np.arange(1 << self.bits)
        sign = 1 << self.bits - 1
        return (values ^ sign) - sign if self.signed else values

    def by_pattern(self, by_value: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Spread what holds for each of `values` over the 256 or 65,536 bit patterns."""
        spread = np.repeat(by_value, 1 << self.shift)
        return np.tile(spread, (1 << 8 * self.patterns.dtype.itemsize) // len(spread))


def grey_of_colour(pixels: npt.NDArray[Any]) -> Patterns:
    """Return the grey of a picture (rows x columns x 3), be it RGB or luminance and chroma.

    Raises `UnusableFilmError` if it has colours.
    """
    first, second, third = (np.ascontiguousarray(pixels[..., i]) for i in range(3))
    tolerance = GREY_TOLERANCE * (np.iinfo(pixels.dtype).max // 255)
    alike = max(cv2.absdiff(first, other).max() for other in (second, third)) <= tolerance
    if alike or (_neutral(second, tolerance) and _neutral(third, tolerance)):
        return first
    raise UnusableFilmError("a colour picture")


def _neutral(chroma: Patterns, tolerance: int) -> bool:
    middle = _NEUTRAL_CHROMA << 8 * (chroma.dtype.itemsize - 1)
    return middle - int(chroma.min()) <= tolerance and int(chroma.max()) - middle <= tolerance
