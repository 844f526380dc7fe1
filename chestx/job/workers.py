"""Worker processes: results in order, bounded memory, and no worker that outlives its parent."""

import gc
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import chain, islice
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkContext, SpawnContext
from typing import Any, Generic, TypeVar

from chestx.errors import ChestxError

Item = TypeVar("Item")
Result = TypeVar("Result")

# Finished results that may wait for a slow earlier one, per worker.
AHEAD = 4


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
) -> Generator[Result]:
    """Yield `function(item)` for each item, in order, from up to `workers` processes.

    One worker, or one item, needs no process: the work is done in this one. Processes start when
    there is work for them. Where processes cannot be forked, `function` is pickled; where they
    can, `before_fork` is called first, to load what they are to share.
    """
    items = iter(items)
    head = list(islice(items, 2))
    if workers == 1 or len(head) < 2:
        yield from map(function, chain(head, items))
        return
    pool = _Pool(function, workers)
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
    """A process that answers one item at a time; `index` is that of the item it works on."""

    def __init__(
        self, context: "ForkContext | SpawnContext", function: Callable[[Any], Any]
    ) -> None:
        self.index = -1
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, function), daemon=True)
        self.process.start()
        theirs.close()

    def send(self, index: int, item: object) -> None:
        self.index = index
        try:
            self.connection.send(item)
        except (BrokenPipeError, ConnectionResetError):
            raise self._ended() from None

    def receive(self) -> Any:
        try:
            failure, result = self.connection.recv()
        except (EOFError, ConnectionResetError):
            raise self._ended() from None
        if failure is not None:
            raise failure
        return result

    def _ended(self) -> ChestxError:
        self.process.join()
        return ChestxError(
            f"a worker process ended unexpectedly (exit code {self.process.exitcode}), perhaps for "
            "lack of memory: run the same command again with fewer --workers to go on"
        )


class _Pool(Generic[Item, Result]):
    def __init__(self, function: Callable[[Item], Result], size: int) -> None:
        self.function = function
        self.size = size
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
            worker = self.idle.pop() if self.idle else self._start()
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

    def _start(self) -> _Worker:
        return _Worker(self.context, self.function)

    def _collect(self) -> None:
        """Wait until a worker has finished and take in the results that are there."""
        for connection in wait(list(self.busy)):
            assert isinstance(connection, Connection)
            worker = self.busy[connection]
            self.results[worker.index] = worker.receive()
            self.idle.append(self.busy.pop(connection))


def _can_fork() -> bool:
    """Tell whether a fork is safe, which shares what is loaded: not where threads run."""
    return (
        sys.platform == "linux"
        and threading.active_count() == 1
        and "torch" not in sys.modules  # its OpenMP threads do not survive a fork
    )


def _serve(connection: Connection, function: Callable[[Any], Any]) -> None:
    """Answer items until the parent ends this process or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all; the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    while True:
        item = connection.recv()
        answer: tuple[ChestxError | None, Any]
        try:
            answer = (None, function(item))
        except ChestxError as error:
            answer = (error, None)
        except Exception as error:  # whatever it is must reach the parent
            answer = (_failure(error), None)
        connection.send(answer)


def _failure(error: Exception) -> ChestxError:
    """Return an error that can cross processes; the message may quote a report: --debug only."""
    failure = ChestxError(f"unexpected {type(error).__name__} in a worker: run with --debug")
    failure.add_note("".join(traceback.format_exception(error)))
    return failure


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)
