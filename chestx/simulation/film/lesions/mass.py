"""Masses: above 3 cm, round or lobulated, some with spicules."""

import numpy as np

from chestx.simulation.film.curves import lobed
from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.grid import dome_profile
from chestx.simulation.film.lesions.lesion import Change, Lesion, each
from chestx.simulation.film.lesions.places import fit, spot
from chestx.simulation.study import Finding


def _draw(anatomy: Anatomy, finding: Finding, sign: int, rng: np.random.Generator) -> Change:
    radius = (1.65 + 2.1 * finding.extent) * rng.uniform(0.95, 1.1)
    place = spot(anatomy, sign, finding.zone, rng, 0.7 * radius)
    inner = anatomy.grid.around(*place, 1.9 * radius)
    mask = inner.fill(lobed(rng, place, radius, rng.uniform(0.06, 0.2)))
    water = 2.4 * radius * dome_profile(inner.depth_inside(mask), 0.9 * radius) * mask
    if rng.random() < 0.4:
        turns = rng.uniform(0, 2 * np.pi, 14)
        rays = [np.stack([np.cos([t, t]), np.sin([t, t])], 1) for t in turns]
        length = radius * rng.uniform(1.15, 1.5, 14)
        spokes = [
            ray * [[0.9 * radius], [end]] + place for ray, end in zip(rays, length, strict=True)
        ]
        water += 0.35 * inner.stroke(spokes, 0.09)
    water = inner.blur(water, rng.uniform(0.06, 0.2))
    return Change(inner, fit(anatomy, inner, water, sign))


MASS = Lesion("Mass", each(_draw))
