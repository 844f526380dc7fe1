"""Consolidation: dense and even, cut off straight where a fissure ends the lobe."""

import numpy as np

from chestx.simulation.film.curves import lobed
from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.lesions.lesion import Change, Lesion, each
from chestx.simulation.film.lesions.places import fit, spot
from chestx.simulation.study import Finding


def _draw(anatomy: Anatomy, finding: Finding, sign: int, rng: np.random.Generator) -> Change:
    radius = (2.2 + 3.4 * finding.extent) * rng.uniform(0.9, 1.1)
    x, y = spot(anatomy, sign, finding.zone, rng, 0.5 * radius)
    inner = anatomy.grid.around(x, y, 1.8 * radius)
    block = inner.blur(inner.fill(lobed(rng, (x, y), 1.1 * radius, 0.18)), 0.14 * radius)
    # Above the fissure for an upper lobe, below it for the others.
    below = -1.0 if finding.zone in ("apex", "upper") else 1.0
    slope = rng.normal(0, 0.18)
    past = below * (inner.y - y + slope * (inner.x - x)) + 0.45 * radius
    block = block * (past * 4 + 0.5).clip(0, 1)
    grain = 1 + 0.05 * inner.mottle(rng, 0.8)
    water = (3.0 + 7.5 * finding.extent) * block * grain
    return Change(inner, fit(anatomy, inner, water, sign), fading=block)


CONSOLIDATION = Lesion("Consolidation", each(_draw))
