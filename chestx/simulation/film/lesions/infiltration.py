"""Infiltration: thin, patchy, streaky shadows without a border; vessels are seen through them."""

import numpy as np

from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.lesions.lesion import Change, Lesion, each
from chestx.simulation.film.lesions.places import fit, spot
from chestx.simulation.study import Finding


def _draw(anatomy: Anatomy, finding: Finding, sign: int, rng: np.random.Generator) -> Change:
    wide = (2.3 + 2.7 * finding.extent) * rng.uniform(0.85, 1.15)
    tall = wide * rng.uniform(0.8, 1.5)
    x, y = spot(anatomy, sign, finding.zone, rng, 0.5 * wide)
    inner = anatomy.grid.around(x, y, 2.1 * max(wide, tall))
    around = ((inner.x - x) / wide) ** 2 + ((inner.y - y) / tall) ** 2
    patches = 0.7 + 0.65 * inner.mottle(rng, 1.3) + 0.35 * inner.mottle(rng, 0.5)
    water = (1.2 + 3.4 * finding.extent) * np.exp(-around) * patches.clip(0, 2.2)
    return Change(inner, fit(anatomy, inner, inner.blur(water, 0.08), sign))


INFILTRATION = Lesion("Infiltration", each(_draw))
