"""One film for a notebook or for prediction: its windowed pixels and what is known of them."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chestx.dataset.film import BurnedIn, UnusableFilmError, View, Windowing
from chestx.dataset.films.reading import read_film
from chestx.dataset.films.window import window
from chestx.errors import ChestxError


@dataclass(frozen=True, slots=True)
class XRay:
    """A film of full size; nothing in it tells whose it is.

    `pixels` are rows x columns of uint8, windowed, black at 0 and air dark whatever the file's
    polarity; they are not to be written to. `transfer_syntax` is a UID, "PNG" or "JPEG"; `spacing`
    the distance of columns and of rows in mm.
    """

    pixels: npt.NDArray[np.uint8]
    view: View
    photometric: str
    transfer_syntax: str
    windowing: Windowing
    spacing: tuple[float, float] | None
    burned_in: BurnedIn

    @property
    def rows(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])

    @property
    def columns(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])


def read_xray(path: str | Path) -> XRay:
    """Read a film from DICOM, PNG or JPEG; raise `ChestxError` if it gives none."""
    try:
        film = read_film(Path(path))
        pixels, windowing = window(film.stored, film.grey)
    except UnusableFilmError as error:
        raise ChestxError(
            f"cannot read '{path}' as a chest film: {error}; give a DICOM radiograph, PNG or JPEG"
        ) from error
    except OSError as error:
        raise ChestxError(
            f"cannot read '{path}' ({error.strerror}): name a file that you may read"
        ) from error
    return XRay(
        pixels=pixels.astype(np.uint8, copy=False),
        view=film.view,
        photometric=film.photometric,
        transfer_syntax=film.transfer_syntax,
        windowing=windowing,
        spacing=film.spacing,
        burned_in=film.burned_in,
    )
