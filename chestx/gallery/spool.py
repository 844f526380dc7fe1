"""Bytes by number, on disk: what is read in the order of its file is written in another."""

import tempfile
from types import TracebackType
from typing import Self

import numpy as np

from chestx.job.output import Output


class Spools:
    """A file without a name in the output folder, which all spools share while it is entered."""

    def __init__(self, output: Output) -> None:
        self._output = output
        with output.told_plainly():
            self._file = tempfile.TemporaryFile(dir=output.folder)  # noqa: SIM115
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def append(self, data: bytes) -> int:
        """Keep bytes and return where they are."""
        start = self._end
        with self._output.told_plainly():
            self._file.seek(start)
            self._end += self._file.write(data)
        return start

    def read(self, start: int, size: int) -> bytes:
        """Return the bytes that are there."""
        with self._output.told_plainly():
            self._file.seek(start)
            return self._file.read(size)


class Spool:
    """The bytes of `count` things of one kind."""

    def __init__(self, spools: Spools, count: int) -> None:
        self._spools = spools
        self._start = np.full(count, -1, np.int64)
        self._size = np.zeros(count, np.int64)

    def __contains__(self, number: int) -> bool:
        return bool(self._start[number] >= 0)

    def put(self, number: int, data: bytes) -> None:
        """Keep the bytes of a thing."""
        self._start[number], self._size[number] = self._spools.append(data), len(data)

    def get(self, number: int) -> bytes | None:
        """Return the bytes of a thing, None where it has none."""
        if number not in self:
            return None
        return self._spools.read(int(self._start[number]), int(self._size[number]))
