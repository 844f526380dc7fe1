"""Stored values become the value of Pixel Data, in the transfer syntaxes of PS3.5 annex A."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.uid import (
    UID,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

Pixels = npt.NDArray[np.uint8 | np.uint16 | np.int16]
# Quality of lossy JPEG: a few levels are lost at edges.
_QUALITY = 97


def codestream(pixels: Pixels, syntax: UID, bits: int) -> bytes | None:
    """Return the compressed frame, None where the transfer syntax does not compress."""
    encoder = _ENCODERS.get(syntax)
    if encoder is None:
        return None
    data = encoder(pixels, bits)
    return data + b"\0" * (len(data) % 2)


def _jpeg(pixels: Pixels, bits: int) -> bytes:
    import imagecodecs

    return bytes(imagecodecs.jpeg8_encode(pixels, _QUALITY))


def _jpeg_lossless(predictor: int) -> Callable[[Pixels, int], bytes]:
    def encode(pixels: Pixels, bits: int) -> bytes:
        import imagecodecs

        return bytes(
            imagecodecs.jpeg8_encode(pixels, lossless=True, predictor=predictor, bitspersample=bits)
        )

    return encode


def _jpeg_ls(pixels: Pixels, bits: int) -> bytes:
    """Encode 8 or 16 bits: the binding knows no others."""
    import imagecodecs

    return bytes(imagecodecs.jpegls_encode(pixels))


def _jpeg_2000(pixels: Pixels, bits: int) -> bytes:
    import imagecodecs

    return bytes(
        imagecodecs.jpeg2k_encode(
            pixels, level=0, codecformat="j2k", bitspersample=bits, reversible=True, numthreads=1
        )
    )


def _run_length(pixels: Pixels, bits: int) -> bytes:
    """Encode bytes apart, the high ones first, and rows apart (PS3.5 G.3.1)."""
    import imagecodecs

    size = pixels.dtype.itemsize
    planes: npt.NDArray[Any] = np.ascontiguousarray(pixels).view(np.uint8)
    segments = []
    for byte in reversed(range(size)):
        segment = bytes(imagecodecs.packbits_encode(np.ascontiguousarray(planes[:, byte::size])))
        segments.append(segment + b"\0" * (len(segment) % 2))
    offsets = 64 + np.cumsum([0, *map(len, segments[:-1])])
    header = np.zeros(16, "<u4")
    header[0], header[1 : size + 1] = size, offsets
    return header.tobytes() + b"".join(segments)


_ENCODERS: Mapping[UID, Callable[[Pixels, int], bytes]] = {
    JPEGBaseline8Bit: _jpeg,
    JPEGLosslessSV1: _jpeg_lossless(1),
    JPEGLossless: _jpeg_lossless(5),
    JPEGLSLossless: _jpeg_ls,
    JPEG2000Lossless: _jpeg_2000,
    RLELossless: _run_length,
}
