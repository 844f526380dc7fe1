"""A file becomes a network's input, in a worker process that has no need of torch."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chestx.dataset.film import UnusableFilmError
from chestx.dataset.films.reading import read_film
from chestx.dataset.films.window import window
from chestx.model.data.pixels import as_input

Grey = npt.NDArray[np.uint8]

SECONDS = 60.0
"""What a worker may compute on one file."""
MEMORY = 3 * 2**29
"""Bytes that a worker may need beyond what it starts with."""


class ReadFilm(NamedTuple):
    """A film of `rows` x `columns`.

    `input` is [size, size]; `film` the whole of it where it will be drawn; `spacing` the distance
    of columns and of rows in mm.
    """

    rows: int
    columns: int
    spacing: tuple[float, float] | None
    input: Grey
    film: Grey | None


class Reader:
    """Reads films for a network whose input is `size` x `size`; `whole` keeps the films too."""

    def __init__(self, size: int, *, whole: bool) -> None:
        self.size, self.whole = size, whole

    def __call__(self, path: Path) -> ReadFilm | str:
        """Return the film, or the reason why there is none.

        Its grey levels are those of `build-dataset` and its input is made as in training: an image
        of 8 bits that a model was trained on gives the very same input.
        """
        try:
            raw = read_film(path)
            levels, _ = window(raw.stored, raw.grey)
        except UnusableFilmError as error:
            return str(error)
        except OSError as error:
            return f"it cannot be read: {error.strerror}"
        except MemoryError:
            return "too large for the memory"
        film = levels.astype(np.uint8, copy=False)
        rows, columns = film.shape
        whole = film if self.whole else None
        return ReadFilm(rows, columns, raw.spacing, as_input(film, self.size), whole)


def lost(_: Path, reason: str) -> str:
    """Return the reason for a file that a worker did not survive."""
    return reason
