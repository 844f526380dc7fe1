"""A file of the input, wherever it lies: what the formats are given to read."""

import gzip
import io
import lzma
import posixpath
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

from chestx.job.names import below
from chestx.job.rejected import Rejected

LIMIT = 64 * 2**20
"""The longest record that is read, decompressed: bytes of a file, characters of a row."""

DAMAGE = (
    EOFError,
    OSError,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading a damaged file may raise."""

Stream = io.BufferedReader | gzip.GzipFile | zipfile.ZipExtFile
STEP = 2**16


class RecordTooLargeError(Exception):
    """A record is over `LIMIT`."""


def reason(error: Exception) -> str:
    """Say why a record was rejected, without the path that a system's message may hold."""
    if isinstance(error, RecordTooLargeError):
        return f"longer than {LIMIT // 2**20} MiB"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "damaged or truncated"


def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Member:
    """A file and its `stream`, which is open until the next member is asked for.

    `path` leads from the folder or archive that the user typed, without `.gz` and free of `..`;
    `source` cites the file in `rejected.csv`. `typed` is true for a file that the user named
    himself. `archive_failed` tells whether the archive around the file turned out damaged.
    """

    path: str
    source: str
    stream: Stream
    typed: bool = False
    archive_failed: Callable[[], bool] = _never

    @property
    def id(self) -> str:
        """The path without its suffix."""
        return posixpath.splitext(self.path)[0]

    @property
    def suffix(self) -> str:
        """What follows the last dot of the name, in lower case, with the dot."""
        return posixpath.splitext(self.path)[1].lower()

    def rejected(self, reason: str) -> Rejected:
        """Return the row of `rejected.csv` for the whole file."""
        return Rejected(self.id, self.source, reason)

    def read(self, limit: int = LIMIT) -> bytes:
        """Return all bytes; more than `limit` raise `RecordTooLargeError`."""
        # In steps: a read of `limit` bytes would allocate them for the smallest file.
        piece = self.stream.read(STEP)
        if len(piece) < STEP:
            return piece
        whole = bytearray(piece)
        while piece and len(whole) <= limit:
            piece = self.stream.read(STEP)
            whole += piece
        if len(whole) > limit:
            raise RecordTooLargeError
        return bytes(whole)


def plain(
    name: str,
    source: str,
    stream: Stream,
    *,
    typed: bool = False,
    archive_failed: Callable[[], bool] = _never,
) -> Member:
    """Return a file as a member, decompressed if it is a `.gz`."""
    if name.lower().endswith(".gz"):
        name, stream = name[: -len(".gz")], gzip.GzipFile(fileobj=stream)
    return Member(below(name), source, stream, typed, archive_failed)
