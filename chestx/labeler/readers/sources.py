"""From what the user typed to single files: folders, archives, compressed files, stdin.

Nothing is ever written, and no archive member is opened by its own path: a member called
`../x.txt` is a record like any other.
"""

import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

from chestx.errors import ChestxError
from chestx.job.names import printable
from chestx.job.rejected import Rejected
from chestx.job.walk import walk
from chestx.labeler.readers.member import DAMAGE, Member, plain, reason
from chestx.labeler.readers.tar_archive import read_tar, read_tgz
from chestx.labeler.readers.zip_archive import read_zip

STDIN = "-"
ARCHIVES = {".zip": read_zip, ".tgz": read_tgz, ".tar.gz": read_tgz, ".tar": read_tar}


def check(paths: Sequence[str | Path]) -> None:
    """Raise `ChestxError` for the first path that is neither stdin nor there."""
    for path in paths:
        if str(path) != STDIN and not Path(path).exists():
            raise ChestxError(f"{path} does not exist: check the path")


def members(paths: Sequence[str | Path]) -> Iterator[Member | Rejected]:
    """Yield the files below each path; a folder or archive that cannot be read is a `Rejected`."""
    for path in map(Path, paths):
        if str(path) == STDIN:
            yield from _stdin()
        elif path.is_dir():
            for found in walk(path):
                if isinstance(found, Rejected):
                    yield found
                else:
                    yield from _file(found.path, found.name, typed=False)
        else:
            yield from _file(path, path.name, typed=True)


def _stdin() -> Iterator[Member]:
    stream = cast(io.BufferedReader, io.BufferedReader(cast(io.RawIOBase, sys.stdin.buffer)))
    try:
        yield Member(STDIN, STDIN, stream, typed=True)
    finally:
        # Left open: it is not ours.
        stream.detach()


def _file(path: Path, name: str, typed: bool) -> Iterator[Member | Rejected]:
    """Yield the file, or the members of the archive that it is."""
    name, source = printable(name), printable(str(path))
    try:
        with path.open("rb") as stream:
            for suffix, read_archive in ARCHIVES.items():
                if name.lower().endswith(suffix):
                    # Two archives in one folder may hold members of the same name.
                    above = "" if typed else name[: -len(suffix)] + "/"
                    yield from read_archive(stream, source, above)
                    return
            yield plain(name, source, stream, typed=typed)
    except DAMAGE as error:
        yield Rejected("", source, reason(error))
