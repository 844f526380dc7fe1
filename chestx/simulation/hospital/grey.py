"""The brightness of a film becomes stored values, so that its window shows it as it was.

The transforms are those of DICOM PS3.3 C.11.1 and C.11.2, followed from the shown to the stored. A
viewer that rounds grey levels down, as DCMTK and chestx do, shows the level nearest to the
brightness.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chestx.simulation.hospital.stations import Station

Floats = npt.NDArray[np.float64]
Values = npt.NDArray[np.int64]
Pixels = npt.NDArray[np.uint16 | np.int16]
# Brightness in so many steps: a film is looked up in a table.
_STEPS = 1 << 16
_LEVELS = 255.0
# The width of a SIGMOID in shares of the values, so that their ends are black and white.
_STEEPNESS = 4.0
_TABLE_BITS = 16


@dataclass(frozen=True, slots=True)
class Window:
    """Center and width, in rescaled values."""

    center: float
    width: float


def window_of(station: Station) -> Window:
    """Return the window that shows all that the station stores, from black to white."""
    first, last = _rescaled(station, np.array([station.low, station.high])).tolist()
    low, high = min(first, last), max(first, last)
    if station.voi == "LINEAR_EXACT":
        return Window((low + high) / 2, high - low)
    if station.voi == "SIGMOID":
        return Window((low + high) / 2, (high - low) / _STEEPNESS)
    return Window((low + high + 1) / 2, high - low + 1)


def lookup_table(station: Station) -> npt.NDArray[np.uint16]:
    """Return the VOI LUT from the lowest value on: steep in the middle, as film is."""
    way = np.linspace(0, 1, station.high - station.low + 1)
    shades = way + 0.12 * np.sin(2 * np.pi * (way - 0.5))
    return np.rint(shades * ((1 << _TABLE_BITS) - 1)).astype(np.uint16)


def stored_values(brightness: npt.NDArray[np.float32], station: Station) -> Pixels:
    """Return rows x columns of what the station stores of brightness in 0..1."""
    steps = np.rint(brightness * np.float32(_STEPS - 1)).astype(np.uint16)
    values = _values_by_brightness(station)
    pixels: Pixels = values.astype(np.int16 if station.signed else np.uint16)[steps]
    return pixels


def _values_by_brightness(station: Station) -> Values:
    values = np.arange(station.low, station.high + 1)
    shades = _shades(values, station)
    if shades[0] > shades[-1]:
        values, shades = values[::-1], shades[::-1]
    wanted = np.linspace(0, 1, _STEPS)
    # Half a level more, since levels are rounded down; but nothing is darker than black.
    wanted[1:] = np.minimum(1.0, wanted[1:] + 0.5 / _LEVELS)
    at = np.floor(np.interp(wanted, shades, np.arange(len(values))) + 1e-6).astype(np.int64)
    return values[at]


def _shades(values: Values, station: Station) -> Floats:
    """Return how bright stored values are shown, in 0..1."""
    rescaled = _rescaled(station, values)
    if station.voi == "TABLE":
        shades: Floats = lookup_table(station) / ((1 << _TABLE_BITS) - 1)
    elif station.voi == "SIGMOID":
        window = window_of(station)
        shades = 1 / (1 + np.exp(-4 * (rescaled - window.center) / window.width))
    else:
        low, high = float(rescaled.min()), float(rescaled.max())
        shades = (rescaled - low) / (high - low)
    return 1 - shades if station.inverted else shades


def _rescaled(station: Station, values: Values) -> Floats:
    return values.astype(np.float64) * station.slope + station.intercept
