"""Nodules: round, up to 3 cm; some are calcified."""

import numpy as np

from chestx.simulation.film.curves import lobed
from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.grid import dome_profile
from chestx.simulation.film.lesions.lesion import Change, Lesion
from chestx.simulation.film.lesions.places import fit, side_of, spot
from chestx.simulation.study import Finding


def _draw(anatomy: Anatomy, finding: Finding, rng: np.random.Generator) -> list[Change]:
    sides = side_of(finding.side, rng)
    changes = []
    for number in range(max(finding.number, len(sides))):
        sign = sides[number % len(sides)]
        radius = (0.38 + 1.05 * finding.extent) * rng.uniform(0.85, 1.05)
        place = spot(anatomy, sign, finding.zone, rng, radius)
        inner = anatomy.grid.around(*place, 1.6 * radius + 0.3)
        mask = inner.fill(lobed(rng, place, radius, 0.06))
        dense = rng.uniform(1.5, 2.1) * (1.6 if rng.random() < 0.15 else 1.0)
        water = dense * radius * dome_profile(inner.depth_inside(mask), radius) * mask
        water = inner.blur(water, rng.uniform(0.06, 0.14))
        changes.append(Change(inner, fit(anatomy, inner, water, sign)))
    return changes


NODULE = Lesion("Nodule", _draw)
