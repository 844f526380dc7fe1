"""The size of a PNG from its first bytes (PNG specification, section 11.2.1, IHDR)."""

import struct
from pathlib import Path

from chestx.errors import ChestxError

_START = b"\x89PNG\r\n\x1a\n"


def png_size(path: Path) -> tuple[int, int]:
    """Return width and height; raise `ChestxError` where the file is no PNG."""
    try:
        with path.open("rb") as file:
            head = file.read(24)
    except OSError as error:
        raise ChestxError(f"cannot read '{path}' ({error.strerror})") from error
    if len(head) < 24 or not head.startswith(_START) or head[12:16] != b"IHDR":
        raise ChestxError(f"'{path}' is no PNG: make the dataset again, or get the image again")
    width, height = struct.unpack(">II", head[16:24])
    return width, height
