"""A file becomes a network's input, in a worker process that has no need of torch."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chestx.dataset.film import UnusableFilmError
from chestx.dataset.films.reading import read_film
from chestx.dataset.films.stored import Patterns
from chestx.dataset.films.window import window
from chestx.model.data.image_format import ImageFormat
from chestx.model.data.pixels import as_input, eight_bits
from chestx.model.evaluation.located import OnFilm

Grey = npt.NDArray[np.uint8]

SECONDS = 60.0
"""What a worker may compute on one file."""
MEMORY = 3 * 2**29
"""Bytes that a worker may need beyond what it starts with."""


class ReadFilm(NamedTuple):
    """A film, `place` being its size and where it lies in the image that it becomes.

    `input` is [size, size]; `film` is what will be drawn, the film or, where it was padded, the
    image; `spacing` the distance of its columns and of its rows in mm.
    """

    place: OnFilm
    spacing: tuple[float, float] | None
    input: Grey
    film: Grey | None


class Reader:
    """Reads films for a network whose input is `size` x `size`; `whole` keeps the films too.

    `images` is the format of those that the network was trained on.
    """

    def __init__(self, size: int, images: ImageFormat, *, whole: bool) -> None:
        self.size, self.images, self.whole = size, images, whole

    def __call__(self, path: Path) -> ReadFilm | str:
        """Return the film, or the reason why there is none.

        Its grey levels are those of `build-dataset`, and it is made an image of the dataset and
        then an input as in training: the films of a dataset and its images give the very inputs
        that a model was trained on.
        """
        try:
            raw = read_film(path)
            levels, _ = window(raw.stored, raw.grey, self.images.bits)
            return self._read(levels, raw.spacing)
        except UnusableFilmError as error:
            return str(error)
        except OSError as error:
            return f"it cannot be read: {error.strerror}"
        except MemoryError:
            return "too large for the memory"

    def _read(self, levels: Patterns, spacing: tuple[float, float] | None) -> ReadFilm:
        rows, columns = levels.shape
        image, placement = self.images.of_film(levels, self.size)
        padded = self.images.fit == "pad"
        if padded and spacing is not None:
            spacing = spacing[0] / placement.scale_x, spacing[1] / placement.scale_y
        drawn = eight_bits(image if padded else levels) if self.whole else None
        place = OnFilm(rows, columns, image.shape[0], placement)
        return ReadFilm(place, spacing, as_input(image, self.size), drawn)


def lost(_: Path, reason: str) -> str:
    """Return the reason for a file that a worker did not survive."""
    return reason
