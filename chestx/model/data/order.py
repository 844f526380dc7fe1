"""The order in which films are learned from: a pure function of seed and epoch."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from torch.utils.data import Sampler

_ORDER = 1
"""Keeps these numbers apart from those of the augmentation."""


class Draw(NamedTuple):
    """The films of a batch by their places in the set, as they are drawn in `epoch`.

    `whole` are the films of the optimizer step that the batch is a part of.
    """

    epoch: int
    films: list[int]
    whole: list[int]


def epoch_order(count: int, seed: int, epoch: int) -> npt.NDArray[np.int64]:
    """Return the permutation of `count` films in an epoch."""
    return np.random.Generator(np.random.PCG64([_ORDER, seed, epoch])).permutation(count)


class Batches(Sampler[Draw]):
    """Batches of one epoch, for `DataLoader(sampler=..., batch_size=None)`, one in each process.

    A turn takes the next `batch_size * world` films of the order, and rank r the r-th part of
    them; an optimizer step takes `accumulate` turns. Together they do what one process with so
    large a batch would do. In training (`shuffled`) a last batch of one film is left out, since
    BatchNorm cannot use it; with several processes a last turn is left out that would leave one of
    them with less than that.

    `begin(epoch, start)` begins an epoch at its turn `start`, as after an interruption. The length
    is always that of the whole epoch, as Lightning has it.
    """

    def __init__(
        self,
        count: int,
        batch_size: int,
        *,
        accumulate: int = 1,
        seed: int = 0,
        shuffled: bool = True,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        if min(batch_size, accumulate, world) < 1 or not 0 <= rank < world:
            raise ValueError(f"no batches of {batch_size} for process {rank} of {world}")
        self.count, self.batch_size, self.accumulate = count, batch_size, accumulate
        self.seed, self.shuffled = seed, shuffled
        self.rank, self.world = rank, world
        self.epoch = self.start = 0

    def begin(self, epoch: int, start: int = 0) -> None:
        """Let the next iteration be of `epoch`, from its turn `start` on."""
        self.epoch, self.start = epoch, start

    def set_epoch(self, epoch: int) -> None:
        """Let the next iteration be of `epoch`: Lightning says so before each.

        It says so of an epoch that is gone on with too, which does not begin anew.
        """
        if epoch != self.epoch:
            self.begin(epoch)

    def __len__(self) -> int:
        """Return the turns of a whole epoch, the same for all ranks."""
        whole, rest = divmod(self.count, self.batch_size * self.world)
        least = 2 if self.shuffled and self.batch_size > 1 else 1
        return whole + (rest >= least * self.world)

    def __iter__(self) -> Iterator[Draw]:
        epoch, start = self.epoch, self.start
        if self.shuffled:
            order = epoch_order(self.count, self.seed, epoch)
        else:
            order = np.arange(self.count)
        turns = len(self)
        for turn in range(start, turns):
            first = turn - turn % self.accumulate
            whole = self._films(order, first, min(first + self.accumulate, turns))
            mine = np.array_split(self._films(order, turn, turn + 1), self.world)[self.rank]
            yield Draw(epoch, mine.tolist(), whole.tolist())

    def _films(self, order: npt.NDArray[np.int64], first: int, end: int) -> npt.NDArray[np.int64]:
        """Return the films of all processes from turn `first` to before `end`."""
        films = self.batch_size * self.world
        return order[first * films : end * films]
