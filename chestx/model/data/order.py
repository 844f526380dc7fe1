"""The order in which films are learned from: a pure function of seed and epoch."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from torch.utils.data import Sampler

_ORDER = 1
"""Keeps these numbers apart from those of the augmentation."""


class Draw(NamedTuple):
    """The film in place `film` of its set, as it is drawn in `epoch`."""

    epoch: int
    film: int


def epoch_order(count: int, seed: int, epoch: int) -> npt.NDArray[np.int64]:
    """Return the permutation of `count` films in an epoch."""
    return np.random.Generator(np.random.PCG64([_ORDER, seed, epoch])).permutation(count)


class Batches(Sampler[list[Draw]]):
    """Batches of one epoch, for `DataLoader(batch_sampler=...)`; each process has its own.

    A step takes the next `batch_size * world` films of the order, and rank r the r-th part of
    them: together the ranks do what one process with so large a batch would do. In training
    (`shuffled`) a last batch of one film is left out, since BatchNorm cannot use it; with several
    processes a last step is left out that would leave one of them with less than that.

    `set_epoch(epoch, start)` begins an epoch at its step `start`, as after an interruption.
    """

    def __init__(
        self,
        count: int,
        batch_size: int,
        *,
        seed: int = 0,
        shuffled: bool = True,
        rank: int = 0,
        world: int = 1,
    ) -> None:
        if min(batch_size, world) < 1 or not 0 <= rank < world:
            raise ValueError(f"no batches of {batch_size} for process {rank} of {world}")
        self.count, self.batch_size = count, batch_size
        self.seed, self.shuffled = seed, shuffled
        self.rank, self.world = rank, world
        self.epoch = self.start = 0

    def set_epoch(self, epoch: int, start: int = 0) -> None:
        """Let the next iteration be of `epoch`, from its step `start` on."""
        self.epoch, self.start = epoch, start

    @property
    def steps(self) -> int:
        """Steps of a whole epoch, the same for all ranks."""
        whole, rest = divmod(self.count, self.batch_size * self.world)
        least = 2 if self.shuffled and self.batch_size > 1 else 1
        return whole + (rest >= least * self.world)

    def __len__(self) -> int:
        """Return the steps that are left from `start` on."""
        return max(0, self.steps - self.start)

    def __iter__(self) -> Iterator[list[Draw]]:
        epoch, start = self.epoch, self.start
        if self.shuffled:
            order = epoch_order(self.count, self.seed, epoch)
        else:
            order = np.arange(self.count)
        step_size = self.batch_size * self.world
        for step in range(start, self.steps):
            films = order[step * step_size : (step + 1) * step_size]
            mine = np.array_split(films, self.world)[self.rank]
            yield [Draw(epoch, film) for film in mine.tolist()]
