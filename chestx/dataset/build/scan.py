"""The films below a folder: their files, and what the headers say."""

from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from chestx.dataset.film import Film, UnusableFilmError
from chestx.errors import ChestxError
from chestx.job.ledger import Input
from chestx.job.rejected import Rejected
from chestx.job.walk import walk
from chestx.job.workers import Guard, ordered_map

SECONDS = 60.0
MEMORY = 2**30


def list_files(folder: Path, *outputs: Path) -> tuple[list[Input], list[Rejected]]:
    """Return the files below `folder` in the order of their paths, and what is none.

    What lies in the `outputs` is no input.
    """
    if not folder.is_dir():
        raise ChestxError(
            f"there is no folder '{folder}': name the one that holds the films by --images"
        )
    root = folder.resolve()
    own = tuple(
        f"{out.resolve().relative_to(root).as_posix()}/"
        for out in outputs
        if out.resolve().is_relative_to(root)
    )
    files: list[Input] = []
    rejected: list[Rejected] = []
    for found in walk(folder):
        if isinstance(found, Rejected):
            source = Path(found.source).relative_to(folder).as_posix()
            rejected.append(Rejected("", source, found.reason))
            continue
        if found.name.startswith(own):
            continue
        try:
            status = found.path.stat()
        except OSError:
            rejected.append(Rejected("", found.name, "cannot be read"))
            continue
        files.append((found.name, status.st_size, status.st_mtime_ns))
    return files, rejected


def read_headers(
    folder: Path, names: Iterable[str], workers: int, tick: Callable[[int], None]
) -> tuple[list[Film], list[Rejected], int]:
    """Return the films among the files in their order, the others, and how many could not be read.

    Those that could not be read are among the others; another time they may be films.
    """
    films: list[Film] = []
    rejected: list[Rejected] = []
    unread = 0
    guard = Guard[str, Film | Rejected | Unread](_lost, SECONDS, MEMORY)
    reader = HeaderReader(folder)
    results = ordered_map(reader, names, workers, before_fork=reader.warm_up, guard=guard)
    with closing(results):
        for result in results:
            if isinstance(result, Film):
                films.append(result)
            else:
                unread += isinstance(result, Unread)
                rejected.append(Rejected("", result.source, result.reason))
            tick(1)
    return films, rejected, unread


class Unread(NamedTuple):
    """A file that the system refused: no fault of its own, and it may pass."""

    source: str
    reason: str


class HeaderReader:
    """Reads the header of a file, in a worker."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def warm_up(self) -> None:
        """Import what the workers are to share."""
        import chestx.dataset.films.header  # noqa: F401

    def __call__(self, name: str) -> Film | Rejected | Unread:
        """Return the film, or why there is none."""
        from chestx.dataset.films.header import read_header

        try:
            return read_header(self.folder / name, name)
        except UnusableFilmError as error:
            return Rejected("", name, str(error))
        except OSError as error:
            return Unread(name, (error.strerror or "cannot be read").lower())
        except MemoryError:
            return Rejected("", name, "needs too much memory")


def _lost(name: str, reason: str) -> Rejected:
    return Rejected("", name, reason)
