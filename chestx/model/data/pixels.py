"""A film as a model sees it: grey, square, 8 bits. One way for training and for prediction."""

from pathlib import Path

import imagecodecs
import numpy as np
import numpy.typing as npt

from chestx.dataset.film import UnusableFilmError
from chestx.dataset.films.resize import resize
from chestx.dataset.films.stored import Patterns, grey_of_colour


def read_png(path: Path) -> Patterns:
    """Return rows x columns of a PNG, uint8 or uint16.

    A part of NIH's images has four channels, of which three are the same grey. Raises
    `UnusableFilmError` where the file cannot be read, is damaged, or has colours; every checksum
    in it is verified.
    """
    try:
        pixels = np.asarray(imagecodecs.png_decode(path.read_bytes()))
    except OSError as error:
        raise UnusableFilmError(f"it cannot be read: {error.strerror}") from None
    except Exception:  # whatever the codec makes of damaged data
        raise UnusableFilmError("a damaged or truncated PNG") from None
    if pixels.ndim == 2:
        return pixels
    return pixels[..., 0] if pixels.shape[2] < 3 else grey_of_colour(pixels[..., :3])


def as_input(pixels: Patterns, size: int) -> npt.NDArray[np.uint8]:
    """Return size x size of 8 bits: area averages, aspect not kept, rounded.

    Of 16 bits, 0..65535 become 0..255.
    """
    return eight_bits(resize(np.ascontiguousarray(pixels), size, size))


def eight_bits(pixels: Patterns) -> npt.NDArray[np.uint8]:
    """Return rows x columns of 8 or 16 bits as 8 bits: 0..65535 become 0..255, rounded."""
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)
