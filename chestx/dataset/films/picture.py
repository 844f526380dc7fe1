"""Films that are PNG or JPEG.

A picture that a note in EXIF turns is refused: some tools follow such a note and some do not, so
nobody could say in which way up its boxes count. Neither scanners nor archives write one.
"""

import mmap
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, cast

import numpy as np
from PIL import Image

from chestx.dataset.film import UnusableFilmError
from chestx.dataset.films.content import Format, check_size
from chestx.dataset.films.stored import StoredPixels, grey_of_colour

_ORIENTATION, _UPRIGHT = 0x0112, 1


def picture_size(data: mmap.mmap, kind: Format) -> tuple[int, int]:
    """Return rows and columns; raise `UnusableFilmError` if there is no usable picture."""
    with _opened(data, kind) as image:
        return image.height, image.width


def read_picture(data: mmap.mmap, kind: Format) -> StoredPixels:
    """Return the pixels, 8 or 16 bits; raise `UnusableFilmError` for colour or damaged data."""
    with _opened(data, kind) as image:
        image.load()
        if image.mode in ("I;16", "I"):
            return StoredPixels(np.asarray(image).astype(np.uint16), 16)
        if image.mode == "L":
            return StoredPixels(np.asarray(image), 8)
        if image.mode == "1":
            raise UnusableFilmError("1 bit per pixel: a mask, not a radiograph")
        if image.mode not in ("P", "LA", "PA", "RGB", "RGBA"):
            raise UnusableFilmError("a colour picture")
        pixels = np.asarray(image.convert("RGBA"))
        if pixels[..., 3].min() < np.iinfo(np.uint8).max:
            raise UnusableFilmError("a picture with transparent parts")
        return StoredPixels(grey_of_colour(pixels[..., :3]), 8)


@contextmanager
def _opened(data: mmap.mmap, kind: Format) -> Iterator[Image.Image]:
    """Open the picture; what Pillow raises on the way becomes `UnusableFilmError`."""
    data.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(cast(IO[bytes], data), formats=[kind.upper()]) as image:
                check_size(image.height, image.width)
                if image.getexif().get(_ORIENTATION, _UPRIGHT) != _UPRIGHT:
                    raise UnusableFilmError("turned by a note in its EXIF: save it upright")
                yield image
    except UnusableFilmError:
        raise
    except Exception:
        raise UnusableFilmError(f"a damaged or truncated {kind.upper()}") from None
