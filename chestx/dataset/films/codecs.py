"""Compressed pixels become arrays: imagecodecs decodes, on one thread.

Of its three decoders of JPEG Lossless, libjpeg-turbo 3 is the fastest; jpegsof3 is asked where it
refuses, ljpeg never, since damaged data can end its process. A codestream is decoded only if it is
of the size that the header states, so that a forged one makes no codec ask for memory, and a JPEG
only if it has its end: without one, libjpeg makes up rows and CharLS reads beyond the data.
"""

from collections.abc import Callable, Sequence
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
from pydicom.uid import RLELossless

from chestx.dataset.film import UnusableFilmError
from chestx.dataset.films.codestream import (
    JPEG_2000,
    JPEG_BASELINE,
    JPEG_EXTENDED,
    JPEG_LOSSLESS,
    JPEG_LS,
    CodestreamSize,
    codestream_size,
    is_whole,
)

Decode = Callable[[Any], Any]
_DAMAGED = "the compressed pixels are damaged or truncated"


def decode(
    data: memoryview, transfer_syntax: str, shape: tuple[int, ...], bits: int
) -> tuple[npt.NDArray[Any], CodestreamSize | None]:
    """Return the samples, rows x columns or rows x columns x 3, and what the codestream states.

    `bits` are those allocated per sample; RLE states nothing. Raises `UnusableFilmError` if the
    data are not of that shape or no codec takes them.
    """
    if transfer_syntax == RLELossless:
        return _run_length(data, shape, bits), None
    size = codestream_size(data)
    if (size.rows, size.columns, size.samples) != (*shape, 1)[:3]:
        raise UnusableFilmError("the compressed pixels are not of the size that the header states")
    if not is_whole(data, size):
        raise UnusableFilmError(_DAMAGED)
    if size.bits > 16:
        raise UnusableFilmError("more than 16 bits per pixel")
    for decoder in _decoders(size):
        try:
            pixels = np.asarray(decoder(data))
        except Exception:  # whatever a codec makes of damaged data
            continue
        if pixels.shape == shape and pixels.dtype.itemsize <= 2:
            return pixels, size
    raise UnusableFilmError(_DAMAGED)


def _decoders(size: CodestreamSize) -> Sequence[Decode]:
    """Choose by what the codestream is, since transfer syntaxes are sometimes wrong."""
    process = size.process
    if process == JPEG_LS:
        return (imagecodecs.jpegls_decode,)
    if process == JPEG_2000:
        return (_jpeg_2000,)
    if process == JPEG_LOSSLESS:
        if size.samples == 1:
            return (imagecodecs.jpeg8_decode, imagecodecs.jpegsof3_decode)
        return (_colour_jpeg,)
    if process in (JPEG_BASELINE, JPEG_EXTENDED):
        return (imagecodecs.jpeg8_decode if size.samples == 1 else _colour_jpeg,)
    raise UnusableFilmError("a process of JPEG that DICOM does not use")


def _colour_jpeg(data: Any) -> Any:
    """Decode without converting colours: whatever the file says they are, grey is grey."""
    return imagecodecs.jpeg8_decode(data, colorspace="YCBCR", outcolorspace="YCBCR")


def _jpeg_2000(data: Any) -> Any:
    """Decode JPEG 2000, with high throughput or without, by OpenJPEG.

    OpenJPH would take half the time for HTJ2K, but its binding keeps errors to itself and returns
    whatever lay in memory.
    """
    return imagecodecs.jpeg2k_decode(data, numthreads=1)


def _run_length(data: Any, shape: tuple[int, ...], bits: int) -> npt.NDArray[Any]:
    """Decode RLE (PS3.5 annex G), whose colours lie one after the other."""
    rows, columns, samples = (*shape, 1)[:3]
    pixels = np.empty(rows * columns * samples, f"<u{bits // 8}")
    try:
        decoded = imagecodecs.dicomrle_decode(data, pixels.dtype, out=pixels.view("u1").data)
    except Exception:
        raise UnusableFilmError(_DAMAGED) from None
    if len(decoded) < pixels.nbytes:
        raise UnusableFilmError(_DAMAGED)
    planes = pixels.reshape(samples, rows, columns)
    return planes[0] if samples == 1 else np.moveaxis(planes, 0, -1)
