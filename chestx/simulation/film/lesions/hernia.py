"""Hiatal hernia: a part of the stomach behind the heart, round, with gas above a level of fluid."""

import numpy as np

from chestx.simulation.film.curves import lobed
from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.grid import dome_profile
from chestx.simulation.film.lesions.lesion import Change, Lesion
from chestx.simulation.study import Finding


def _draw(anatomy: Anatomy, finding: Finding, rng: np.random.Generator) -> list[Change]:
    chest = anatomy.chest
    radius = (1.7 + 2.3 * finding.extent) * rng.uniform(0.95, 1.08)
    x = rng.uniform(0.4, 2.2)
    y = chest.right_dome + 0.8 - 0.75 * radius
    inner = anatomy.grid.around(x, y, 1.5 * radius)
    mask = inner.fill(lobed(rng, (x, y), radius, 0.07))
    depth = inner.depth_inside(mask)
    stomach = 0.8 * radius * dome_profile(depth, radius) * mask
    level = y + rng.uniform(-0.25, 0.2) * radius
    upright = chest.visit.view != "AP"
    above = ((level - inner.y) * 7 + 0.5).clip(0, 1) if upright else np.float32(0.6)
    gas = 1.5 * radius * dome_profile((depth - 0.3).clip(0, None), 0.8 * radius) * above
    shape = inner.blur(mask, 0.05)
    return [Change(inner, inner.blur(stomach - gas, 0.07), seen=shape)]


HERNIA = Lesion("Hernia", _draw)
