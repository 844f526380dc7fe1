"""All films of a dataset at the size of the model, in one file that is mapped into memory.

The file is made in blocks. A journal has a line for each finished one: what it was made from
(names, sizes and times of the images), and a checksum of its bytes. A block counts if both are as
they stand there; every other one, missing, damaged, or of an image that has changed since, is made
again. So an interrupted build goes on, and a damaged cache is mended.

Threads do the work: decoding and checksums hold no lock of Python's, and a process would have to
load torch first.
"""

import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import deflate
import numpy as np
import numpy.typing as npt

from chestx.dataset.film import UnusableFilmError
from chestx.dataset.nih.folder import NihDataset
from chestx.errors import ChestxError
from chestx.job.count import count
from chestx.job.output import Output
from chestx.job.progress import Progress
from chestx.model.data.pixels import as_input, read_png

PIXELS = "films.u8"
JOURNAL = "blocks.txt"
VERSION = 1
"""To be raised when the same images give other pixels."""
_BLOCK_BYTES = 1 << 24

Item = TypeVar("Item")
Result = TypeVar("Result")


class Cache:
    """The films `names`, in this order, as uint8 [N, size, size]; a copy opens its own file."""

    def __init__(self, folder: Path, names: Sequence[str], size: int) -> None:
        self.folder, self.names, self.size = folder, tuple(names), size

    @cached_property
    def images(self) -> "np.memmap[tuple[int, int, int], np.dtype[np.uint8]]":
        """The pixels, read only, 0..255."""
        shape = len(self.names), self.size, self.size
        return np.memmap(self.folder / PIXELS, np.uint8, "r", shape=shape)

    def rows(self, images: Iterable[str]) -> npt.NDArray[np.int64]:
        """Return the places of images; `KeyError` for one that is not in the cache."""
        return np.array([self._places[image] for image in images], np.int64)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: at for at, name in enumerate(self.names)}

    def __getstate__(self) -> dict[str, Any]:
        return {"folder": self.folder, "names": self.names, "size": self.size}


class _Block(NamedTuple):
    """Films from `start` to `stop`, and a digest of what they are made from."""

    start: int
    stop: int
    source: str


def cache_folder(run: Path) -> Path:
    """Return where the runs beside `run` keep their caches; the dataset's folder stays as it is."""
    return run.parent / ".cache"


def open_cache(
    dataset: NihDataset,
    images: Iterable[str],
    size: int,
    folder: Path,
    *,
    workers: int,
    quiet: bool = True,
) -> Cache:
    """Return the cache of `images` at size x size, made or mended where needed, in `folder`.

    The order of `images` does not matter. What is there is read whole and checked. Where another
    process is writing the cache, as that of another run or the first of this one, it is waited for.
    Raises `ChestxError` if there is no room (before the work is begun, as far as the system tells),
    or an image is damaged: the others are in the cache by then.
    """
    names = sorted(set(images))
    key = "\0".join([str(dataset.folder.resolve()), str(VERSION), *names])
    place = folder / f"{blake2b(key.encode(), digest_size=8).hexdigest()}-{size}"
    cache = Cache(place, names, size)
    with ThreadPoolExecutor(workers) as pool:
        try:
            blocks = _blocks(dataset, names, size, pool)
            if len(_good(place, blocks, size, pool)) < len(blocks):
                with Output(place, lock_seconds=-1) as output:
                    _make(dataset, cache, blocks, output, pool, workers, quiet=quiet)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return cache


def _blocks(
    dataset: NihDataset, names: Sequence[str], size: int, pool: ThreadPoolExecutor
) -> list[_Block]:
    paths = [dataset.path_of(name) for name in names]
    states = [*pool.map(file_state, paths)]
    step = max(1, _BLOCK_BYTES // size**2)
    blocks = []
    for start in range(0, len(names), step):
        stop = min(start + step, len(names))
        sources = repr([*zip(names[start:stop], states[start:stop], strict=True)])
        digest = blake2b(f"{size}{sources}".encode(), digest_size=12).hexdigest()
        blocks.append(_Block(start, stop, digest))
    return blocks


def file_state(path: Path) -> tuple[int, int]:
    """Return size and time of change (ns) of an image: what is the same by these is the same."""
    try:
        status = path.stat()
    except OSError as error:
        raise ChestxError(f"{path.name} cannot be read ({error.strerror}): mend it") from error
    return status.st_size, status.st_mtime_ns


def _good(
    place: Path, blocks: Sequence[_Block], size: int, pool: ThreadPoolExecutor
) -> dict[int, str]:
    """Return the lines of the journal that hold, by the places of their blocks."""
    try:
        text = (place / JOURNAL).read_text("ascii", "replace")
    except OSError:
        return {}
    lines = {line.partition(" ")[0]: line for line in text.splitlines()}

    def is_good(at: int) -> bool:
        line = lines.get(str(at))
        return line is not None and line == _line(at, blocks[at], _read(place, blocks[at], size))

    found = pool.map(is_good, range(len(blocks)))
    return {at: lines[str(at)] for at, good in enumerate(found) if good}


def _line(at: int, block: _Block, pixels: memoryview) -> str:
    return f"{at} {block.source} {deflate.crc32(pixels.cast('B')):08x}"


def _read(place: Path, block: _Block, size: int) -> memoryview:
    """Return the bytes of a block, fewer where the file is too short."""
    try:
        with (place / PIXELS).open("rb", buffering=0) as file:
            file.seek(block.start * size**2)
            return memoryview(file.read((block.stop - block.start) * size**2))
    except OSError:
        return memoryview(b"")


def _make(
    dataset: NihDataset,
    cache: Cache,
    blocks: Sequence[_Block],
    output: Output,
    pool: ThreadPoolExecutor,
    workers: int,
    *,
    quiet: bool,
) -> None:
    good = _good(cache.folder, blocks, cache.size, pool)  # once more: now nobody else writes
    todo = [at for at in range(len(blocks)) if at not in good]
    path, whole = output / PIXELS, len(cache.names) * cache.size**2
    _refuse_small_disk(path, whole)
    damaged: list[tuple[str, str]] = []

    def make(at: int) -> tuple[int, npt.NDArray[np.uint8], list[tuple[str, str]]]:
        names = cache.names[blocks[at].start : blocks[at].stop]
        return at, *_develop(dataset, names, cache.size)

    with output.told_plainly():
        path.touch()
        output.write(JOURNAL, "".join(f"{line}\n" for line in good.values()).encode())
        with (
            Progress("cache", "films", quiet=quiet) as progress,
            path.open("r+b", buffering=0) as pixels,
            (output / JOURNAL).open("a", encoding="ascii") as journal,
        ):
            pixels.truncate(whole)
            for at, films, faults in _mapped(pool, make, todo, workers):
                progress.add(len(films))
                damaged += faults
                if faults:
                    continue
                pixels.seek(blocks[at].start * cache.size**2)
                _write_whole(pixels, films)
                journal.write(f"{_line(at, blocks[at], films.data)}\n")
                journal.flush()
    if damaged:
        # Names of images are pseudonyms, see `check_dataset`.
        (name, reason), number = damaged[0], count(len(damaged), "image")
        raise ChestxError(
            f"{number} cannot be used, the first is {name} ({reason}): get what is damaged again, "
            "or take its rows out of the table and the lists"
        )


def _refuse_small_disk(path: Path, whole: int) -> None:
    """Refuse to begin what cannot be finished; quotas show only in the writing."""
    # Windows does not tell how much of a file is on the disk: its whole length is.
    there = path.stat() if path.exists() else None
    used = 0 if there is None else getattr(there, "st_blocks", there.st_size // 512) * 512
    free = shutil.disk_usage(path.parent).free
    if whole - used > free:
        raise ChestxError(
            f"no space for the cache: it takes {(whole - used) / 1e9:.1f} GB in '{path.parent}', "
            f"where {free / 1e9:.1f} GB are free: make room, or train with a smaller --size"
        )


def _develop(
    dataset: NihDataset, names: Sequence[str], size: int
) -> tuple[npt.NDArray[np.uint8], list[tuple[str, str]]]:
    """Return the films [N, size, size], and the names of those that are damaged with the reason."""
    films = np.zeros((len(names), size, size), np.uint8)
    damaged = []
    for at, name in enumerate(names):
        try:
            films[at] = as_input(read_png(dataset.path_of(name)), size)
        except UnusableFilmError as error:
            damaged.append((name, str(error)))
    return films, damaged


def _write_whole(file: Any, films: npt.NDArray[np.uint8]) -> None:
    """Write all bytes: a disk that becomes full takes a part first, and refuses the next."""
    left = films.data.cast("B")
    while left:
        left = left[file.write(left) :]


def _mapped(
    pool: ThreadPoolExecutor,
    function: Callable[[Item], Result],
    items: Iterable[Item],
    workers: int,
) -> Iterator[Result]:
    """Yield results in order, with few of them waiting in memory."""
    waiting: deque[Future[Result]] = deque()
    for item in items:
        waiting.append(pool.submit(function, item))
        if len(waiting) > workers + 1:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()
