"""Pixel Data of a DICOM file (PS3.5 8 and annex A), native or encapsulated."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.uid import ExplicitVRBigEndian

from chestx.dataset.film import UnusableFilmError
from chestx.dataset.films.codecs import decode
from chestx.dataset.films.codestream import (
    JPEG_BASELINE,
    JPEG_EXTENDED,
    JPEG_LOSSLESS,
    CodestreamSize,
)
from chestx.dataset.films.dicom_file import UNDEFINED_LENGTH, DicomFile, PixelElement
from chestx.dataset.films.radiograph import GREY, UNCOMPRESSED
from chestx.dataset.films.stored import Patterns, StoredPixels, grey_of_colour
from chestx.dataset.films.values import code, integer

_ITEM = b"\xfe\xff\x00\xe0"
_TRUNCATED = "the pixels are truncated"


@dataclass(frozen=True, slots=True)
class _Layout:
    """The Image Pixel module (PS3.3 C.7.6.3)."""

    rows: int
    columns: int
    samples: int
    allocated: int
    stored: int
    shift: int
    signed: bool
    planar: bool

    @property
    def shape(self) -> tuple[int, ...]:
        if self.samples == 1:
            return self.rows, self.columns
        return self.rows, self.columns, self.samples


def read_pixels(file: DicomFile) -> StoredPixels:
    """Return the pixels of a file that `check_radiograph` has passed.

    Native little-endian pixels are a view of the file. Raises `UnusableFilmError` if they are
    truncated, damaged, or of several colours.
    """
    if file.pixels is None:
        raise UnusableFilmError("no pixel data")
    layout = _layout(file)
    if file.transfer_syntax in UNCOMPRESSED:
        pixels = _native(file, file.pixels, layout)
        return _stored(pixels, layout.stored, layout.shift, layout.signed)
    data = _encapsulated(file.data, file.pixels)
    pixels, own = decode(data, file.transfer_syntax, layout.shape, layout.allocated)
    return _decoded(pixels, layout, own)


def _layout(file: DicomFile) -> _Layout:
    header = file.header
    allocated = integer(header, "BitsAllocated")
    stored = integer(header, "BitsStored", allocated)
    high = integer(header, "HighBit", stored - 1)
    return _Layout(
        rows=integer(header, "Rows"),
        columns=integer(header, "Columns"),
        samples=1 if code(header, "PhotometricInterpretation") in GREY else 3,
        allocated=allocated,
        stored=stored,
        # A high bit that leaves no room for the stored bits is a mistake of the writer.
        shift=high + 1 - stored if stored <= high + 1 <= allocated else 0,
        signed=integer(header, "PixelRepresentation") == 1,
        planar=integer(header, "PlanarConfiguration") == 1,
    )


def _native(file: DicomFile, element: PixelElement, layout: _Layout) -> npt.NDArray[np.generic]:
    if element.length == UNDEFINED_LENGTH:
        raise UnusableFilmError("compressed pixels under an uncompressed transfer syntax")
    if code(file.header, "PhotometricInterpretation") == "YBR_FULL_422":
        return _half_chroma(file.data, element, layout)
    big = file.transfer_syntax == ExplicitVRBigEndian
    dtype = np.dtype("u1" if layout.allocated == 8 else ">u2" if big else "<u2")
    count = layout.rows * layout.columns * layout.samples
    # 8-bit values in words (OW) lie in the words' byte order.
    swapped = big and layout.allocated == 8 and element.vr == "OW"
    pixels = _values(file.data, element, dtype, count + (count % 2 if swapped else 0))
    if swapped:
        pixels = pixels.view("u2").byteswap().view("u1")[:count]
    if layout.samples > 1 and layout.planar:
        planes = pixels.reshape(layout.samples, layout.rows, layout.columns)
        return np.moveaxis(planes, 0, -1)
    return pixels.reshape(layout.shape)


def _half_chroma(
    data: memoryview, element: PixelElement, layout: _Layout
) -> npt.NDArray[np.generic]:
    """Return YBR_FULL_422: two luminances, then the chroma that they share (C.7.6.3.1.2)."""
    if layout.allocated != 8 or layout.columns % 2:
        raise UnusableFilmError("a colour picture")
    pairs = _values(data, element, np.dtype("u1"), layout.rows * layout.columns * 2)
    pairs = pairs.reshape(layout.rows, -1, 4)
    whole = np.stack([pairs[..., [0, 2, 3]], pairs[..., [1, 2, 3]]], axis=2)
    return whole.reshape(layout.shape)


def _values(
    data: memoryview, element: PixelElement, dtype: "np.dtype[np.generic]", count: int
) -> npt.NDArray[np.generic]:
    end = min(element.start + element.length, len(data))
    if end - element.start < count * dtype.itemsize:
        raise UnusableFilmError(_TRUNCATED)
    return np.frombuffer(data, dtype, count, element.start)


def _encapsulated(data: memoryview, element: PixelElement) -> memoryview:
    """Return the codestream of the one frame: all fragments behind the offset table (A.4)."""
    if element.length != UNDEFINED_LENGTH:
        raise UnusableFilmError("uncompressed pixels under a compressed transfer syntax")
    fragments = list(_fragments(data, element.start))[1:]
    if not fragments:
        raise UnusableFilmError(_TRUNCATED)
    return fragments[0] if len(fragments) == 1 else memoryview(b"".join(fragments))


def _fragments(data: memoryview, at: int) -> Iterator[memoryview]:
    while bytes(data[at : at + 4]) == _ITEM:
        start = at + 8
        at = start + int.from_bytes(data[at + 4 : start], "little")
        if at > len(data):
            raise UnusableFilmError(_TRUNCATED)
        yield data[start:at]


def _decoded(
    pixels: npt.NDArray[np.generic], layout: _Layout, own: CodestreamSize | None
) -> StoredPixels:
    """Return decoded samples as patterns of the bits that count.

    JPEG-LS and JPEG 2000 state their own precision, which is right where the header's is not. JPEG
    Lossless and RLE keep the layout of native pixels. Lossy JPEG may overshoot the stored bits,
    and must not be cut to them, as white would turn into black.
    """
    if own is None or own.process == JPEG_LOSSLESS:
        return _stored(pixels, layout.stored, layout.shift, layout.signed)
    if own.process in (JPEG_BASELINE, JPEG_EXTENDED):
        bits = layout.stored if layout.signed else max(layout.stored, own.bits)
        return _stored(pixels, bits, 0, layout.signed)
    return _stored(pixels, own.bits, 0, layout.signed)


def _stored(pixels: npt.NDArray[np.generic], bits: int, shift: int, signed: bool) -> StoredPixels:
    size = pixels.dtype.itemsize
    patterns: Patterns = pixels.view(f"{pixels.dtype.byteorder.replace('|', '=')}u{size}")
    if pixels.ndim == 3:
        patterns = grey_of_colour(patterns)
    if not patterns.dtype.isnative:
        patterns = patterns.astype(f"=u{size}")
    if bits + shift > 8 * size:  # a codestream of fewer bits than the header allocates
        bits, shift = min(bits, 8 * size), 0
    return StoredPixels(patterns, bits, shift, signed)
