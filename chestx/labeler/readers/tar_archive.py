"""The members of a tar archive, compressed or not, read from front to back."""

import gzip
import io
import tarfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Self, cast

from chestx.job.names import is_hidden, printable
from chestx.job.rejected import Rejected
from chestx.labeler.readers.member import DAMAGE, STEP, Member, plain

if TYPE_CHECKING:
    # Of the standard library from Python 3.12 on.
    from typing_extensions import Buffer

HEADERS_LIMIT = 2**24
"""The longest run of headers before a member: a header of gigabytes would fill the memory."""


def read_tar(stream: io.BufferedReader, source: str, above: str) -> Iterator[Member | Rejected]:
    """Yield the files in a tar."""
    return _read(_Tape(stream), source, above)


def read_tgz(stream: io.BufferedReader, source: str, above: str) -> Iterator[Member | Rejected]:
    """Yield the files in a tar that gzip compressed."""
    return _read(_Tape(gzip.GzipFile(fileobj=stream)), source, above)


class _Tape:
    """The bytes of an archive, in which every fault is a `tarfile.ReadError`.

    An archive ends with a mark of its own, so that the end of the bytes is a fault as well:
    tarfile takes it for the end of the archive. Once `failed`, it stays so.
    """

    def __init__(self, stream: io.BufferedReader | gzip.GzipFile) -> None:
        self.stream = stream
        self.failed = False
        self.left: int | None = HEADERS_LIMIT

    def read(self, size: int) -> bytes:
        # One step at a time, so that a fault costs no byte before it.
        piece = b"" if self.failed else self._step(size)
        if self.left is not None:
            self.left -= len(piece)
        if not piece or (self.left is not None and self.left < 0):
            self.failed = True
            raise tarfile.ReadError("unexpected end of data")
        return piece

    def check_rest(self) -> None:
        """Read what follows the end mark: the checksum of gzip comes last."""
        while self._step(STEP):
            pass
        if self.failed:
            raise tarfile.ReadError("wrong checksum")

    def _step(self, size: int) -> bytes:
        try:
            return self.stream.read1(size)
        except DAMAGE:
            self.failed = True
            return b""


class _Content(io.RawIOBase):
    """The bytes of one member: tarfile's own stream cannot be read as text from a tape."""

    def __init__(self, archive: tarfile.TarFile, size: int) -> None:
        super().__init__()
        self._archive = cast(BinaryIO, archive.fileobj)
        self.left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Buffer") -> int:
        view = memoryview(buffer)
        piece = self._archive.read(min(len(view), self.left))
        view[: len(piece)] = piece
        self.left -= len(piece)
        return len(piece)


class _Header(tarfile.TarInfo):
    """A header; a wrong one is a fault, where tarfile takes it for the end of the archive."""

    @classmethod
    def fromtarfile(cls, tarfile_: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tarfile_)
        except tarfile.EOFHeaderError:  # type: ignore[attr-defined]
            raise
        except tarfile.HeaderError as error:
            raise tarfile.ReadError("wrong header") from error


def _read(tape: _Tape, source: str, above: str) -> Iterator[Member | Rejected]:
    try:
        with tarfile.open(
            fileobj=cast(BinaryIO, tape), mode="r|", encoding="utf-8", tarinfo=_Header
        ) as archive:
            while (info := _next(archive, tape)) is not None:
                yield from _member(archive, info, tape, source, above)
        tape.check_rest()
    except tarfile.TarError:
        yield Rejected("", source, "damaged or truncated: what came before was read")


def _next(archive: tarfile.TarFile, tape: _Tape) -> tarfile.TarInfo | None:
    tape.left = HEADERS_LIMIT
    info = archive.next()
    tape.left = None
    # The archive would remember every member.
    archive.members.clear()  # type: ignore[attr-defined]
    return info


def _member(
    archive: tarfile.TarFile, info: tarfile.TarInfo, tape: _Tape, source: str, above: str
) -> Iterator[Member | Rejected]:
    name = printable(info.name)
    cited = f"{source}!{name}"
    if info.isreg() and not info.issparse():
        content = _Content(archive, info.size)
        if not is_hidden(name):
            stream = cast(io.BufferedReader, io.BufferedReader(content))
            yield plain(above + name, cited, stream, archive_failed=lambda: tape.failed)
        while content.left:
            content.read(STEP)
    elif not info.isdir() and not is_hidden(name):
        yield Rejected("", cited, "not a regular file: unpack the archive first")
