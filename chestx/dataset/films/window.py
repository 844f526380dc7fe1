"""Stored pixels become grey levels: the whole chain in one table over all bit patterns.

Modality LUT or rescale, then VOI LUT or window, then polarity, in float64 (DICOM PS3.3 C.11.1 and
C.11.2), rounded down. The terms of the linear window are added in the order in which DCMTK adds
them, so that the levels are those of its `dcmj2pnm`, byte for byte. Polarity comes before rounding:
inverted afterwards, all levels would be off by one.
"""

import cv2
import numpy as np
import numpy.typing as npt

from chestx.dataset.film import UnusableFilmError, Windowing
from chestx.dataset.films.grey_levels import GreyLevels
from chestx.dataset.films.stored import Patterns, StoredPixels

Floats = npt.NDArray[np.float64]
_TOPS = {8: 255.0, 16: 65535.0}
_LARGEST_EXPONENT = 700.0


def window(stored: StoredPixels, grey: GreyLevels, bits: int = 8) -> tuple[Patterns, Windowing]:
    """Return the picture, rows x columns of `bits` (8 or 16), and how it was made.

    Black is 0 and air is dark; padding is black. Raises `UnusableFilmError` if there is nothing
    but padding.
    """
    table, windowing = levels_by_pattern(stored, grey, bits)
    if stored.patterns.dtype == table.dtype and np.array_equal(table, np.arange(len(table))):
        return stored.patterns, windowing
    picture: Patterns = cv2.LUT(stored.patterns, table)  # type: ignore[assignment]
    return picture, windowing


def levels_by_pattern(
    stored: StoredPixels, grey: GreyLevels, bits: int = 8
) -> tuple[Patterns, Windowing]:
    """Return the level of each bit pattern (256 or 65,536), and how it was made."""
    raw = stored.values()
    black, white = (_TOPS[bits], 0.0) if grey.inverted else (0.0, _TOPS[bits])
    padding = _padding(raw, grey)
    with np.errstate(all="ignore"):  # headers hold any number
        levels, windowing = _levels(stored, raw, grey, padding, black, white)
    levels = np.floor(np.nan_to_num(levels).clip(0, _TOPS[bits]))
    levels[padding] = 0
    return stored.by_pattern(levels.astype(np.uint8 if bits == 8 else np.uint16)), windowing


def _padding(raw: npt.NDArray[np.int64], grey: GreyLevels) -> npt.NDArray[np.bool_]:
    if grey.padding is None:
        return np.zeros(raw.shape, np.bool_)
    low, high = grey.padding
    return (raw >= low) & (raw <= high)


def _levels(
    stored: StoredPixels,
    raw: npt.NDArray[np.int64],
    grey: GreyLevels,
    padding: npt.NDArray[np.bool_],
    black: float,
    white: float,
) -> tuple[Floats, Windowing]:
    if grey.as_is:
        return raw * white / ((1 << stored.bits) - 1), Windowing("NONE")
    values = _modality(raw, grey)
    if grey.voi_lut:
        shades = grey.voi_lut.look_up(values) / ((1 << grey.voi_lut.bits) - 1)
        return black + shades * (white - black), Windowing("LUT")
    center, width = grey.center, grey.width
    if center is not None and width is not None:
        if grey.function == "LINEAR" and width >= 1:
            levels = _linear(values, center, width, black, white)
            return levels, Windowing("LINEAR", center, width)
        if grey.function != "LINEAR" and width > 0:
            shades = _shades(grey.function, (values - center) / width)
            return black + shades * (white - black), Windowing(grey.function, center, width)
    low, high = _range(values, stored, padding)
    levels = _linear(values, (low + high + 1) / 2, high - low + 1, black, white)
    return levels, Windowing("MINMAX")


def _modality(raw: npt.NDArray[np.int64], grey: GreyLevels) -> Floats:
    """C.11.1: a modality LUT takes the place of slope and intercept."""
    if grey.modality_lut:
        return grey.modality_lut.look_up(raw.astype(np.float64))
    return raw.astype(np.float64) * grey.slope + grey.intercept


def _linear(values: Floats, center: float, width: float, black: float, white: float) -> Floats:
    """C.11.2.1.2.1; a window of width 1 is a threshold."""
    center, width = center - 0.5, width - 1
    gradient = (white - black) / width if width else 0.0
    offset = white - (center / width + 0.5) * (white - black) if width else 0.0
    ramp = offset + values * gradient
    above = np.where(values > center + width / 2, white, ramp)
    return np.where(values <= center - width / 2, black, above)


def _shades(function: str, distance: Floats) -> Floats:
    """C.11.2.1.3: `distance` from the center, in widths."""
    shades: Floats = (distance + 0.5).clip(0, 1)
    if function == "SIGMOID":
        shades = 1 / (1 + np.exp((-4 * distance).clip(-_LARGEST_EXPONENT, _LARGEST_EXPONENT)))
    return shades


def _range(
    values: Floats, stored: StoredPixels, padding: npt.NDArray[np.bool_]
) -> tuple[float, float]:
    """Return the least and the greatest value that occur in the picture, padding left out."""
    patterns = 1 << 8 * stored.patterns.dtype.itemsize
    counts = cv2.calcHist([stored.patterns], [0], None, [patterns], [0, patterns])
    occurs = (counts.reshape(-1, len(values), 1 << stored.shift) > 0).any(axis=(0, 2))
    occurring = values[occurs & ~padding]
    if not occurring.size:
        raise UnusableFilmError("every pixel is padding")
    return float(occurring.min()), float(occurring.max())
