"""Nodules: round, from what can just be seen on a film, 1 cm, up to 3 cm; some are calcified."""

import numpy as np

from chestx.simulation.film.curves import lobed
from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.grid import dome_profile
from chestx.simulation.film.lesions.lesion import Change, Lesion, each
from chestx.simulation.film.lesions.places import fit, spot
from chestx.simulation.study import Finding


def _draw(anatomy: Anatomy, finding: Finding, sign: int, rng: np.random.Generator) -> Change:
    radius = (0.48 + 1.0 * finding.extent) * rng.uniform(0.95, 1.05)
    place = spot(anatomy, sign, finding.zone, rng, radius)
    inner = anatomy.grid.around(*place, 1.6 * radius + 0.3)
    mask = inner.fill(lobed(rng, place, radius, 0.06))
    dense = rng.uniform(3.4, 4.6) * (1.6 if rng.random() < 0.15 else 1.0)
    water = dense * radius * dome_profile(inner.depth_inside(mask), radius) * mask
    water = inner.blur(water, rng.uniform(0.05, 0.1))
    return Change(inner, fit(anatomy, inner, water, sign))


NODULE = Lesion("Nodule", each(_draw))
