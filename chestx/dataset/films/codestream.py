"""What a compressed picture says of its own size, before a codec makes room for it."""

from collections.abc import Iterator
from dataclasses import dataclass

from chestx.dataset.film import UnusableFilmError

JPEG_BASELINE, JPEG_EXTENDED, JPEG_LOSSLESS, JPEG_LS, JPEG_2000 = 0xC0, 0xC1, 0xC3, 0xF7, 0x51
_SOC, _SIZ = b"\xff\x4f", b"\xff\x51"
_JP2 = b"\x00\x00\x00\x0cjP  "
_CODESTREAM_BOX = b"jp2c"
_SOI, _END = b"\xff\xd8", b"\xff\xd9"
# What writers leave behind the end of a JPEG.
_PADDING = 1024
_SOS = 0xDA
# SOF0..SOF15 without DHT, JPG and DAC, and the SOF55 of JPEG-LS (ITU-T T.81 B.1, T.87 C.1).
_FRAMES = frozenset((*range(0xC0, 0xD0), 0xF7)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset((0x01, *range(0xD0, 0xDA)))


@dataclass(frozen=True, slots=True)
class CodestreamSize:
    """Rows, columns, samples per pixel, bits of a sample, and the marker that says so."""

    rows: int
    columns: int
    samples: int
    bits: int
    process: int


def codestream_size(data: memoryview) -> CodestreamSize:
    """Read the frame header of a JPEG, JPEG-LS, JPEG 2000 or HTJ2K codestream.

    Raises `UnusableFilmError` where there is none.
    """
    start = bytes(data[:8])
    if start.startswith(_SOI):
        return _jpeg_size(data)
    return _jpeg_2000_size(data[_codestream_box(data) :] if start == _JP2 else data)


def _jpeg_size(data: memoryview) -> CodestreamSize:
    for marker, segment in _segments(data):
        if marker in _FRAMES and len(segment) >= 6:
            rows, columns = _integer(segment[1:3]), _integer(segment[3:5])
            return CodestreamSize(rows, columns, segment[5], segment[0], marker)
        if marker == _SOS:
            break
    raise UnusableFilmError("the compressed pixels are damaged")


def is_whole(data: memoryview, size: CodestreamSize) -> bool:
    """Tell whether a JPEG or JPEG-LS has its end marker; JPEG 2000 can do without."""
    if size.process == JPEG_2000:
        return True
    return _END in bytes(data[-_PADDING:])


def _segments(data: memoryview) -> Iterator[tuple[int, bytes]]:
    at, end = 2, len(data)
    while at + 4 <= end and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _BARE:
            at += 2
        else:
            length = _integer(data[at + 2 : at + 4])
            yield marker, bytes(data[at + 4 : at + 2 + length])
            at += 2 + max(length, 2)


def _codestream_box(data: memoryview) -> int:
    """Return where the codestream begins in a JP2 file (T.800 I.4), which DICOM does not allow."""
    at = 0
    while at + 16 <= len(data):
        length, head = _integer(data[at : at + 4]), 8
        if length == 1:
            length, head = _integer(data[at + 8 : at + 16]), 16
        if bytes(data[at + 4 : at + 8]) == _CODESTREAM_BOX:
            return at + head
        at += max(length, 8)
    return len(data)


def _jpeg_2000_size(data: memoryview) -> CodestreamSize:
    """Read SIZ, which stands right behind SOC (ITU-T T.800 A.5.1)."""
    start = bytes(data[:43])
    if len(start) < 43 or not start.startswith(_SOC + _SIZ):
        raise UnusableFilmError("the compressed pixels are damaged")
    right, bottom, left, top = (_integer(start[at : at + 4]) for at in (8, 12, 16, 20))
    bits = (start[42] & 0x7F) + 1
    return CodestreamSize(bottom - top, right - left, _integer(start[40:42]), bits, JPEG_2000)


def _integer(value: bytes | memoryview) -> int:
    return int.from_bytes(value, "big")
