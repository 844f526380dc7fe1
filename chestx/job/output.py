"""An output folder: one writer at a time, and files that appear whole or not at all."""

import errno
import json
import os
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from filelock import FileLock, Timeout

from chestx.errors import ChestxError

LOCK = ".lock"
RUN = "run.json"
UNFINISHED = ".chestx-tmp"
# The workers of a killed run may hold its lock for a moment longer than the run itself.
LOCK_SECONDS = 3.0
NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Output:
    """The folder that a command writes, locked while the object is entered.

    A `private` folder is for its owner only (0700, its files 0600). A folder that was there before
    and holds things keeps its mode until it is known as the command's own (`claim`): only its new
    files are private. A new one is taken away again where the block fails and has left nothing in
    it. Another writer is waited for `lock_seconds`, for ever where that is negative.
    """

    def __init__(
        self, folder: Path, *, private: bool = False, lock_seconds: float = LOCK_SECONDS
    ) -> None:
        self.folder = folder
        self.private = private
        self._made: list[Path] = []
        self._lock = FileLock(folder / LOCK, timeout=lock_seconds, mode=self._mode(0o644))

    def __enter__(self) -> Self:
        with self.told_plainly():
            above = (self.folder, *self.folder.parents)
            self._made = [path for path in above if not path.exists()]
            self._make_folder()
            try:
                self._lock.acquire(poll_interval=0.02)
            except Timeout:
                raise ChestxError(
                    f"another chestx is writing to '{self.folder}': wait for it or use another -o"
                ) from None
            for pattern in (f".*{UNFINISHED}", f"*/.*{UNFINISHED}"):
                for leftover in self.folder.glob(pattern):
                    leftover.unlink()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is not None and self._made:
                self._remove_if_empty()
        finally:
            self._lock.release()

    def __truediv__(self, name: str) -> Path:
        return self.folder / name

    @contextmanager
    def writing(self, name: str, *, durable: bool = True) -> Iterator[BinaryIO]:
        """Open `name` for writing; it takes the place of the old file when the block succeeds.

        A file that is not `durable` may be empty after a power cut: for those of which there are
        very many, and whose sizes are known.
        """
        path = self.folder / name
        unfinished = path.with_name(f".{path.name}{UNFINISHED}")
        with self.told_plainly():
            try:
                with open(unfinished, "wb", opener=self._open) as file:
                    yield file
                    if durable:
                        file.flush()
                        os.fsync(file.fileno())
                unfinished.replace(path)
            except BaseException:
                with suppress(OSError):
                    unfinished.unlink(missing_ok=True)
                raise
            if durable:
                _sync_folder(path.parent)

    def write(self, name: str, data: bytes) -> None:
        """Write the whole file `name`."""
        with self.writing(name) as file:
            file.write(data)

    def make_subfolder(self, name: str) -> Path:
        """Create the folder `name` where it is missing."""
        path = self.folder / name
        with self.told_plainly():
            path.mkdir(mode=self._mode(0o777), exist_ok=True)
        return path

    def remove_subfolder(self, name: str) -> None:
        """Remove the folder `name` with the files in it, if it is there."""
        path = self.folder / name
        if path.is_dir():
            with self.told_plainly():
                for file in path.iterdir():
                    file.unlink()
                path.rmdir()

    def _make_folder(self) -> None:
        if _is_write_protected(self.folder):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        self.folder.mkdir(mode=self._mode(0o777), parents=True, exist_ok=True)
        if self.private and not any(self.folder.iterdir()):
            self.folder.chmod(0o700)

    def _remove_if_empty(self) -> None:
        """Take the folders away again that were made, where nothing was left in them."""
        with suppress(OSError):
            if [path.name for path in self.folder.iterdir()] == [LOCK]:
                (self.folder / LOCK).unlink()
                for path in self._made:
                    path.rmdir()

    def _mode(self, public: int) -> int:
        return public & 0o700 if self.private else public

    def _open(self, path: str, flags: int) -> int:
        return os.open(path, flags, self._mode(0o666))

    @contextmanager
    def told_plainly(self) -> Iterator[None]:
        """Turn what the disk refuses into a `ChestxError` that says how to mend it."""
        try:
            yield
        except OSError as error:
            if error.errno in NO_SPACE:
                raise ChestxError(
                    f"no space left for '{self.folder}': "
                    "make room and run the same command again, it goes on where it stopped"
                ) from error
            raise ChestxError(
                f"cannot write to '{self.folder}' ({error.strerror or type(error).__name__}): "
                "make it writable or use another -o"
            ) from error


def claim(output: Output, command: str, allowed: Collection[str] = ()) -> None:
    """Raise `ChestxError` if the folder holds files that another than `command` has made.

    What `command` makes has its name in `run.json`. Hidden files and those `allowed` are no reason.
    A private folder that `command` has made before is its owner's alone from here on.
    """
    with output.told_plainly():
        there = output.folder.iterdir() if output.folder.is_dir() else ()
        others = {path.name for path in there if not path.name.startswith(".")}
        is_own = made_by(output.folder) == command
        if others - set(allowed) and not is_own:
            raise ChestxError(
                f"'{output.folder}' holds files that were not made by chestx {command}: "
                "use another -o"
            )
        if output.private and is_own and not _is_write_protected(output.folder):
            output.folder.chmod(0o700)


def made_by(folder: Path) -> str:
    """Return the command that made a folder, as its `run.json` says; empty where none does."""
    try:
        return str(json.loads((folder / RUN).read_bytes())["command"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _is_write_protected(folder: Path) -> bool:
    """Tell whether the owner took the right to write away: neither root nor chmod overrides it."""
    return os.name == "posix" and folder.is_dir() and not folder.stat().st_mode & stat.S_IWUSR


def _sync_folder(folder: Path) -> None:
    """Make a rename in `folder` outlive a power cut."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
