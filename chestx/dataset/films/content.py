"""The bytes of a file, and what they are: told by content, never by name."""

import mmap
import stat
from pathlib import Path
from typing import Literal

from chestx.dataset.film import UnusableFilmError

Format = Literal["dicom", "png", "jpeg"]
MAX_FILE_BYTES = 1 << 30
MAX_PIXELS = 100_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_OTHERS = (
    (b"PK\x03\x04", "a zip archive, not an image"),
    (b"PK\x05\x06", "a zip archive, not an image"),
    (b"\x1f\x8b", "a gzip archive, not an image"),
    (b"%PDF", "a PDF, not an image"),
    (b"GIF8", "a GIF: films are read from DICOM, PNG and JPEG"),
    (b"BM", "a BMP: films are read from DICOM, PNG and JPEG"),
    (b"II*\0", "a TIFF: films are read from DICOM, PNG and JPEG"),
    (b"MM\0*", "a TIFF: films are read from DICOM, PNG and JPEG"),
)
_MARKUP = (b"<!doctype", b"<html", b"<head", b"<body", b"<?xml")
_PREAMBLE = 128


def map_file(path: Path) -> mmap.mmap:
    """Map a file into memory: only what is touched is read, and nothing is copied.

    Raises `UnusableFilmError` for what is no file, is empty or too large, and `OSError` for what
    the system refuses: that may pass, and is no fault of the film.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise UnusableFilmError("not a file")
    if found.st_size == 0:
        raise UnusableFilmError("empty file")
    if found.st_size > MAX_FILE_BYTES:
        raise UnusableFilmError(f"larger than {MAX_FILE_BYTES >> 20} MiB")
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def format_of(data: mmap.mmap) -> Format:
    """Tell what the bytes are; raise `UnusableFilmError` with the reason if they are no film."""
    start = data[: _PREAMBLE + 4]
    if start[_PREAMBLE:] == b"DICM":
        return "dicom"
    if start.startswith(_PNG):
        return "png"
    if start.startswith(_JPEG):
        return "jpeg"
    for magic, reason in _OTHERS:
        if start.startswith(magic):
            raise UnusableFilmError(reason)
    if start.removeprefix(b"\xef\xbb\xbf").lstrip().lower().startswith(_MARKUP):
        raise UnusableFilmError("an HTML or XML page, not an image")
    if _may_start_dataset(start):
        return "dicom"
    raise UnusableFilmError("neither DICOM nor PNG nor JPEG")


def _may_start_dataset(start: bytes) -> bool:
    """Tell whether the bytes are an element of group 0002 or 0008: DICOM without its preamble.

    Its groups begin with small elements, so that a length above 64 KiB is no length.
    """
    if len(start) < 8 or start[:2] not in (b"\x02\0", b"\x08\0"):
        return False
    explicit = start[4:6].isalpha() and start[4:6].isupper()
    return explicit or int.from_bytes(start[4:8], "little") < 1 << 16


def check_size(rows: int, columns: int) -> None:
    """Raise `UnusableFilmError` for sizes that no radiograph has."""
    if rows < 1 or columns < 1:
        raise UnusableFilmError("no rows or columns")
    if rows * columns > MAX_PIXELS:
        raise UnusableFilmError(f"more than {MAX_PIXELS // 1_000_000} megapixels")
