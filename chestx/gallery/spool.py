"""Bytes by number, on disk: what is read in the order of its file is written in another."""

import tempfile

import numpy as np

from chestx.job.output import Output


class Spool:
    """Holds the bytes of `count` things in a file without a name, for this process alone."""

    def __init__(self, output: Output, count: int) -> None:
        self._output = output
        with output.told_plainly():
            self._file = tempfile.TemporaryFile(dir=output.folder)
        self._start = np.full(count, -1, np.int64)
        self._size = np.zeros(count, np.int64)
        self._end = 0

    def __contains__(self, number: int) -> bool:
        return bool(self._start[number] >= 0)

    def put(self, number: int, data: bytes) -> None:
        """Keep the bytes of a thing."""
        self._start[number], self._size[number] = self._end, len(data)
        with self._output.told_plainly():
            self._file.seek(self._end)
            self._end += self._file.write(data)

    def get(self, number: int) -> bytes | None:
        """Return the bytes of a thing, None where it has none."""
        if number not in self:
            return None
        self._file.seek(int(self._start[number]))
        return self._file.read(int(self._size[number]))
