"""A drawn film becomes what the detector reads out: frame, faulty pixels, padding."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chestx.simulation.hospital.stations import Station
from chestx.simulation.study import DrawnFilm, LesionBox

# Columns and rows beside the exposed field, in shares of the film.
_MARGIN = 0.02


class Readout(NamedTuple):
    """A film with all that the file holds: brightness in 0..1, boxes, and what is padding."""

    brightness: npt.NDArray[np.float32]
    boxes: tuple[LesionBox, ...]
    padding: npt.NDArray[np.bool_] | None


def read_out(drawn: DrawnFilm, station: Station) -> Readout:
    """Return what the station makes of a film.

    A dead and a hot pixel, as every detector has, are where no window is given: with them the
    range of the pixels is that from black to white. Padding surrounds the film and is black.
    """
    brightness = drawn.brightness
    if station.voi == "NONE":
        brightness = brightness.copy()
        brightness[0, 0], brightness[-1, -1] = 0, 1
    if not station.padding:
        return Readout(brightness, drawn.boxes, None)
    rows, columns = brightness.shape
    top, left = round(rows * _MARGIN), round(columns * _MARGIN)
    edges = ((top, top), (left, left))
    boxes = tuple(box._replace(x=box.x + left, y=box.y + top) for box in drawn.boxes)
    padding = np.pad(np.zeros(brightness.shape, np.bool_), edges, constant_values=True)
    return Readout(np.pad(brightness, edges), boxes, padding)
