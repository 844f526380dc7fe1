"""A grey picture becomes a PNG that holds nothing else: IHDR, IDAT and IEND (ISO/IEC 15948)."""

import struct
import zlib

import deflate
import numpy as np

from chestx.dataset.films.stored import Patterns

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_UP = 2
# libdeflate at its fastest: half the time of the next level for a few percent of size.
_LEVEL = 1


def encode_png(picture: Patterns) -> bytes:
    """Return the PNG of rows x columns of uint8 or uint16; the same picture gives the same bytes.

    Each byte is stored as its difference from the one above (filter "Up"): neighbouring rows of a
    radiograph are alike, and numpy subtracts them whole.
    """
    rows, columns = picture.shape
    depth = 8 * picture.dtype.itemsize
    lines = np.ascontiguousarray(picture, f">u{picture.dtype.itemsize}").view(np.uint8)
    filtered = np.empty((rows, lines.shape[1] + 1), np.uint8)
    filtered[:, 0] = _UP
    filtered[0, 1:] = lines[0]
    np.subtract(lines[1:], lines[:-1], out=filtered[1:, 1:])
    header = struct.pack(">IIBBBBB", columns, rows, depth, 0, 0, 0, 0)
    data = bytes(deflate.zlib_compress(filtered, _LEVEL))
    return b"".join(
        (_SIGNATURE, _chunk(b"IHDR", header), _chunk(b"IDAT", data), _chunk(b"IEND", b""))
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(content, zlib.crc32(kind))
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)
