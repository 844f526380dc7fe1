"""The members of a zip archive, in its own order."""

import contextlib
import io
import struct
import zipfile
from collections.abc import Iterator
from typing import cast

from chestx.job.names import is_hidden, printable
from chestx.job.rejected import Rejected
from chestx.labeler.readers.member import DAMAGE, Member, plain, reason

UTF8_NAME = 0x800
ENCRYPTED = 0x1
FAULTS = (*DAMAGE, NotImplementedError, ValueError, struct.error)
"""What opening a damaged archive, or one of its members, may raise."""


def read_zip(stream: io.BufferedReader, source: str, above: str) -> Iterator[Member | Rejected]:
    """Yield the files in a zip; a damaged one does not keep the others from being read."""
    try:
        archive = zipfile.ZipFile(stream)
    except FAULTS as error:
        yield Rejected("", source, reason(error))
        return
    with archive:
        for info in archive.infolist():
            name = _name(info)
            if not info.is_dir() and not is_hidden(name):
                yield from _member(archive, info, above + name, f"{source}!{name}")


def _member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str, source: str
) -> Iterator[Member | Rejected]:
    if info.flag_bits & ENCRYPTED:
        yield Rejected("", source, "encrypted: unpack it first")
        return
    try:
        stream = archive.open(info)
    except FAULTS as error:
        yield Rejected("", source, reason(error))
        return
    with stream:
        yield plain(name, source, cast(zipfile.ZipExtFile, stream))


def _name(info: zipfile.ZipInfo) -> str:
    """Return a member's name; macOS writes UTF-8 without saying so, Windows backslashes."""
    name = info.filename
    if not info.flag_bits & UTF8_NAME:
        with contextlib.suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return printable(name.replace("\\", "/"))
