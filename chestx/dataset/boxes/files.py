"""The files in which boxes may stand: below a folder, compressed, or in an archive."""

import gzip
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

from chestx.job.names import is_hidden, printable
from chestx.job.rejected import Rejected
from chestx.job.walk import Found, walk

LIMIT = 64 * 2**20
"""The longest file that is read, decompressed, in bytes."""

RECORDS = frozenset(
    ("readers.csv", "drawn.csv", "agreement.csv", "unpaired.csv", "unmatched.csv", "run.json")
)
"""What a round of annotation keeps beside its boxes."""

_STEP = 2**16
# What the decompressors raise where bytes are damaged; RuntimeError for an encrypted member,
# IndexError for a member without a name.
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, OSError, EOFError, ValueError,
    OverflowError, IndexError, RuntimeError,
)  # fmt: skip
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"GIF8")
_DICOM = slice(128, 132)


class BoxFile(NamedTuple):
    """A file's bytes, or the reason why it cannot be read; `source` is its path below the root."""

    source: str
    content: bytes
    fault: str = ""


def box_files(path: Path) -> Iterator[BoxFile]:
    """Yield the files at or below `path` in the order of their paths.

    Left out are hidden files, pictures, DICOM files and the `RECORDS` of a round of annotation.
    Gzip is undone, and the members of a ZIP are files like others. More than `LIMIT` bytes, and
    whatever the system refuses to read, come as a fault.
    """
    for found in walk(path) if path.is_dir() else [Found(path.name, path)]:
        if isinstance(found, Rejected):
            source = Path(found.source).relative_to(path).as_posix()
            yield BoxFile(printable(source), b"", found.reason)
        elif found.name not in RECORDS:
            yield from _read(printable(found.name), found.path)


def _read(source: str, path: Path) -> Iterator[BoxFile]:
    try:
        with path.open("rb") as stream:
            yield from _opened(source, stream)
    except OSError as error:
        yield BoxFile(source, b"", (error.strerror or "cannot be read").lower())


def _opened(source: str, stream: IO[bytes]) -> Iterator[BoxFile]:
    head = stream.read(132)
    stream.seek(0)
    if head.startswith(_PICTURES) or head[_DICOM] == b"DICM":
        return
    if head.startswith(_ZIP):
        yield from _members(source, stream)
    elif head.startswith(_GZIP):
        with gzip.GzipFile(fileobj=stream) as plain:
            yield _whole(source, plain)
    else:
        yield _whole(source, stream)


def _members(source: str, stream: IO[bytes]) -> Iterator[BoxFile]:
    try:
        with zipfile.ZipFile(stream) as archive:
            for member in sorted(archive.infolist(), key=lambda member: member.filename):
                if member.is_dir() or is_hidden(member.filename.replace("__MACOSX", ".")):
                    continue
                yield from _member(f"{source}/{printable(member.filename)}", archive, member)
    except _DAMAGED:
        yield BoxFile(source, b"", "a ZIP that is damaged or encrypted")


def _member(source: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[BoxFile]:
    try:
        with archive.open(member) as file:
            if not file.read(4).startswith(_PICTURES):
                file.seek(0)
                yield _whole(source, file)
    except _DAMAGED:
        yield BoxFile(source, b"", "damaged or encrypted")


def _whole(source: str, stream: IO[bytes] | gzip.GzipFile) -> BoxFile:
    content = bytearray()
    try:
        while piece := stream.read(_STEP):
            content += piece
            if len(content) > LIMIT:
                return BoxFile(source, b"", f"longer than {LIMIT // 2**20} MiB")
    except _DAMAGED as error:
        refused = error.strerror if isinstance(error, OSError) else None
        return BoxFile(source, b"", (refused or "damaged or truncated").lower())
    return BoxFile(source, bytes(content))
