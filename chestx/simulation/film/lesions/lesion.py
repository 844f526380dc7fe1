"""What a lesion is to the film: a change of the chest's shape, and matter that is added to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from chestx.simulation.film.chest import Chest, signs
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
    seen: Map | None = None
    """What the box bounds, where that is more than the water."""

    def outline(self) -> Map:
        """Return where the lesion is to be seen, as 0 and 1."""
        if self.seen is not None:
            return (self.seen > 0.5).astype(np.float32)
        size = np.abs(self.water)
        return (size > max(_SEEN * float(size.max()), _SEEN_CM)).astype(np.float32)


Draw = Callable[[Anatomy, Finding, np.random.Generator], list[Change]]
DrawOne = Callable[[Anatomy, Finding, int, np.random.Generator], Change]
"""Takes the sign of x on the lesion's side."""


def each(draw: DrawOne) -> Draw:
    """Return what draws as many lesions as were found, in turn on each side."""

    def draw_all(anatomy: Anatomy, finding: Finding, rng: np.random.Generator) -> list[Change]:
        sides = _sides(finding, rng)
        count = max(finding.number, len(sides))
        return [draw(anatomy, finding, sides[n % len(sides)], rng) for n in range(count)]

    return draw_all


def each_side(draw: DrawOne) -> Draw:
    """Return what draws one lesion on each side."""

    def draw_all(anatomy: Anatomy, finding: Finding, rng: np.random.Generator) -> list[Change]:
        return [draw(anatomy, finding, sign, rng) for sign in _sides(finding, rng)]

    return draw_all


def _sides(finding: Finding, rng: np.random.Generator) -> tuple[int, ...]:
    """Return the signs of a finding's sides; any one where none is said."""
    return signs(finding.side) or (int(rng.choice([-1, 1])),)


def _as_it_is(chest: Chest, finding: Finding) -> Chest:
    return chest


class Lesion(NamedTuple):
    """A class of ChestX-ray14 as something to draw."""

    label: str
    draw: Draw
    reshape: Callable[[Chest, Finding], Chest] = _as_it_is
