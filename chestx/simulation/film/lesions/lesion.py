"""What a lesion is to the film: a change of the chest's shape, and matter that is added to it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from chestx.simulation.film.chest import Chest
from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.grid import Grid, Map
from chestx.simulation.study import Finding

# A lesion's box bounds where it is more than this part of its densest, and this many cm.
_SEEN, _SEEN_CM = 0.25, 0.12


@dataclass(frozen=True, slots=True)
class Change:
    """Matter that one lesion adds to a part of the film."""

    grid: Grid
    water: Map
    """cm; below 0 where air takes the place of lung."""
    fading: Map | None = None
    """Which share of the vessels cannot be seen there any more."""
    seen: Map | None = field(default=None)
    """What the box bounds, where that is more than the water."""

    def outline(self) -> Map:
        """Return where the lesion is to be seen, as 0 and 1."""
        if self.seen is not None:
            return (self.seen > 0.5).astype(np.float32)
        size = np.abs(self.water)
        return (size > max(_SEEN * float(size.max()), _SEEN_CM)).astype(np.float32)


def _as_it_is(chest: Chest, finding: Finding) -> Chest:
    return chest


def _nothing(anatomy: Anatomy, finding: Finding, rng: np.random.Generator) -> list[Change]:
    return []


class Lesion(NamedTuple):
    """A class of ChestX-ray14 as something to draw."""

    label: str
    draw: Callable[[Anatomy, Finding, np.random.Generator], list[Change]] = _nothing
    reshape: Callable[[Chest, Finding], Chest] = _as_it_is
