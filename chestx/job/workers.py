"""Worker processes: results in order, bounded memory, and no worker that outlives its parent."""

import gc
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext, SpawnContext
from pathlib import Path
from typing import Any, Generic, TypeVar

from chestx.errors import ChestxError

Item = TypeVar("Item")
Result = TypeVar("Result")

# Finished results that may wait for a slow earlier one, per worker.
AHEAD = 4
# Signals by which faulty native code ends, and their like on Windows. Not SIGKILL: that is the
# user, or the system that has run out of memory, and no fault of the item.
_CRASHES = {
    -signal.SIGSEGV,
    -signal.SIGABRT,
    -signal.SIGFPE,
    -signal.SIGILL,
    *(-getattr(signal, name) for name in ("SIGBUS",) if hasattr(signal, name)),
    0xC0000005,
    0xC0000374,
    0xC00000FD,
}
_OVERTIME = -getattr(signal, "SIGPROF", 0)


@dataclass(frozen=True)
class Guard(Generic[Item, Result]):
    """How to live with code that may crash or hang on what it is given, such as codecs.

    A worker that crashes on an item, or computes for more than `seconds` on it, is replaced, and
    the item's result is what `lost` returns for it and the reason. Time spent waiting for a disk,
    or asleep, does not count. A worker gets no more than `memory` bytes beyond what it starts with,
    and meets a `MemoryError`. Windows limits neither time nor memory.
    """

    lost: Callable[[Item, str], Result]
    seconds: float
    memory: int


def cores() -> int:
    """Return how many cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def ordered_map(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    workers: int,
    *,
    before_fork: Callable[[], object] = gc.collect,
    guard: Guard[Item, Result] | None = None,
) -> Generator[Result]:
    """Yield `function(item)` for each item, in order, from up to `workers` processes.

    One worker, or one item, needs no process: the work is done in this one, unless there is a
    `guard`. Processes start when there is work for them. Where processes cannot be forked,
    `function` is pickled; where they can, `before_fork` is called first, to load what they are to
    share.
    """
    items = iter(items)
    head = list(islice(items, 2))
    if not head or (guard is None and (workers == 1 or len(head) < 2)):
        yield from map(function, chain(head, items))
        return
    pool = _Pool(function, workers, guard)
    if pool.forks:
        before_fork()
        # What is loaded by now stays: a collector that touches it would unshare its memory.
        gc.freeze()
    try:
        yield from pool.map(chain(head, items))
    finally:
        pool.stop()
        gc.unfreeze()


class _Worker:
    """A process that answers one item at a time: `item`, the `index`-th."""

    def __init__(
        self,
        context: "ForkContext | SpawnContext",
        function: Callable[[Any], Any],
        limits: tuple[float, int] | None,
    ) -> None:
        self.index = -1
        self.item: Any = None
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, function, limits), daemon=True)
        self.process.start()
        theirs.close()

    def send(self, index: int, item: object) -> None:
        self.index, self.item = index, item
        try:
            self.connection.send(item)
        except (BrokenPipeError, ConnectionResetError):
            raise self.ended() from None

    def receive(self) -> Any:
        """Return the answer; raise `_CrashError` where the item was too much for the worker."""
        try:
            failure, result = self.connection.recv()
        except (EOFError, ConnectionResetError):
            self.process.join()
            code = self.process.exitcode
            if code in _CRASHES or code == _OVERTIME != 0:
                raise _CrashError(code == _OVERTIME) from None
            raise self.ended() from None
        if failure is not None:
            raise failure
        return result

    def ended(self) -> ChestxError:
        self.process.join()
        if self.process.exitcode == 1 and not _can_fork():
            return ChestxError(
                "a worker process could not start: call chestx below "
                "'if __name__ == \"__main__\":' in a script of your own"
            )
        return ChestxError(
            f"a worker process ended unexpectedly (exit code {self.process.exitcode}), perhaps for "
            "lack of memory: run the same command again with fewer --workers to go on"
        )


class _CrashError(Exception):
    """A worker crashed; the argument tells whether its time was up."""


class _Pool(Generic[Item, Result]):
    def __init__(
        self, function: Callable[[Item], Result], size: int, guard: Guard[Item, Result] | None
    ) -> None:
        self.function = function
        self.size = size
        self.guard = guard
        self.forks = _can_fork()
        self.context: ForkContext | SpawnContext = (
            multiprocessing.get_context("fork")
            if self.forks
            else multiprocessing.get_context("spawn")
        )
        self.idle: list[_Worker] = []
        self.busy: dict[Connection, _Worker] = {}
        self.results: dict[int, Result] = {}
        self.given = 0

    def map(self, items: Iterable[Item]) -> Iterator[Result]:
        for index, item in enumerate(items):
            while index - self.given >= AHEAD * self.size:
                self._collect()
                yield from self._ready()
            if not self.idle and len(self.busy) == self.size:
                self._collect()
            worker = self._idle() or self._start()
            worker.send(index, item)
            self.busy[worker.connection] = worker
            yield from self._ready()
        while self.busy:
            self._collect()
            yield from self._ready()

    def stop(self) -> None:
        workers = [*self.idle, *self.busy.values()]
        for worker in workers:
            worker.process.terminate()
        for worker in workers:
            worker.process.join()
            worker.connection.close()

    def _ready(self) -> Iterator[Result]:
        """Yield the results whose turn it is."""
        while self.given in self.results:
            yield self.results.pop(self.given)
            self.given += 1

    def _idle(self) -> _Worker | None:
        """Return a worker that waits for work, if one is there and alive."""
        while self.idle:
            worker = self.idle.pop()
            if worker.process.is_alive():
                return worker
            worker.connection.close()
        return None

    def _start(self) -> _Worker:
        limits = (self.guard.seconds, self.guard.memory) if self.guard else None
        return _Worker(self.context, self.function, limits)

    def _collect(self) -> None:
        """Wait until a worker has finished and take in the results that are there."""
        for connection in wait(list(self.busy)):
            assert isinstance(connection, Connection)
            worker = self.busy[connection]
            try:
                self.results[worker.index] = worker.receive()
            except _CrashError as crash:
                self._lose(worker, overtime=crash.args[0])
            else:
                self.idle.append(self.busy.pop(connection))

    def _lose(self, worker: _Worker, *, overtime: bool) -> None:
        """Give up a worker that is gone, and the item that it was given."""
        del self.busy[worker.connection]
        worker.connection.close()
        if self.guard is None:
            raise worker.ended()
        slow = f"it took more than {self.guard.seconds:g} seconds"
        reason = slow if overtime else "a decoder crashed on it"
        self.results[worker.index] = self.guard.lost(worker.item, reason)


def _can_fork() -> bool:
    """Tell whether a fork is safe, which shares what is loaded: not where threads run."""
    return (
        sys.platform == "linux"
        and threading.active_count() == 1
        and "torch" not in sys.modules  # its OpenMP threads do not survive a fork
    )


def _serve(
    connection: Connection, function: Callable[[Any], Any], limits: tuple[float, int] | None
) -> None:
    """Answer items until the parent ends this process or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    seconds = 0.0
    if limits is not None:
        seconds, memory = limits
        _limit_memory(memory)
    while True:
        item = connection.recv()
        _limit_seconds(seconds)
        answer: tuple[ChestxError | None, Any]
        try:
            answer = (None, function(item))
        except ChestxError as error:
            answer = (error, None)
        except Exception as error:  # whatever it is must reach the parent
            answer = (_failure(error), None)
        _limit_seconds(0)
        connection.send(answer)


def _limit_seconds(seconds: float) -> None:
    """Let SIGPROF end this process when it has computed so long; 0 takes the limit away."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _failure(error: Exception) -> ChestxError:
    """Return an error that can cross processes; the message may quote a report: --debug only."""
    failure = ChestxError(f"unexpected {type(error).__name__} in a worker: run with --debug")
    failure.add_note("".join(traceback.format_exception(error)))
    return failure


def _limit_memory(more: int) -> None:
    """Let this process grow by `more` bytes; elsewhere than on Linux there is no such limit."""
    if sys.platform == "linux":
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + more
        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        if hard == resource.RLIM_INFINITY or limit < hard:
            resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
