"""The list of inputs by which a resumed run knows that they are still the same."""

from collections.abc import Sequence
from pathlib import Path

from chestx.job.walk import Found, walk
from chestx.labeler.readers.sources import STDIN, check


def inventory(paths: Sequence[str | Path]) -> list[tuple[str, int, int]]:
    """Return `(name, size, mtime_ns)` of every file below `paths`, in the order of reading.

    A name is relative to the folder that the user typed. Archives count as one file, and stdin,
    whose contents cannot be known beforehand, as an empty one.
    """
    check(paths)
    listed: list[tuple[str, int, int]] = []
    for path in map(Path, paths):
        if str(path) == STDIN:
            listed.append((STDIN, 0, 0))
        elif path.is_dir():
            listed.extend(_entry(found.name, found.path) for found in _files(path))
        else:
            listed.append(_entry(path.name, path))
    return listed


def _files(folder: Path) -> list[Found]:
    return [found for found in walk(folder) if isinstance(found, Found)]


def _entry(name: str, path: Path) -> tuple[str, int, int]:
    status = path.stat()
    return name, status.st_size, status.st_mtime_ns
