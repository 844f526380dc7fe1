"""A file of the hospital becomes an image of the dataset."""

import hashlib
from pathlib import Path
from typing import Literal

import cv2

from chestx.dataset.film import Developed
from chestx.dataset.films.fit import Fit, fit_to
from chestx.dataset.films.png import encode_png
from chestx.dataset.films.reading import read_film
from chestx.dataset.films.window import window


def develop(
    path: Path, *, size: int = 1024, fit: Fit = "squash", bits: Literal[8, 16] = 8
) -> tuple[bytes, Developed]:
    """Return the PNG of a film, size x size of 8 or 16 bits, and its row of the manifest.

    Decoded, windowed, fitted and encoded on this thread alone (OpenCV is set to one thread: many
    films are developed by many processes). Raises `UnusableFilmError` with the reason.
    """
    cv2.setNumThreads(1)
    film = read_film(path)
    picture, windowing = window(film.stored, film.grey, bits)
    fitted, placement = fit_to(picture, size, fit)
    png = encode_png(fitted)
    rows, columns = picture.shape
    return png, Developed(
        sha256=hashlib.sha256(png).hexdigest(),
        bytes=len(png),
        rows=rows,
        columns=columns,
        photometric=film.photometric,
        transfer_syntax=film.transfer_syntax,
        windowing=windowing,
        placement=placement,
    )
