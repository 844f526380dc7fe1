"""Emphysema: lungs too large, too dark, poor in vessels, above flat domes."""

from dataclasses import replace

import numpy as np

from chestx.simulation.film.chest import Chest
from chestx.simulation.film.curves import lobed
from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.grid import dome_profile
from chestx.simulation.film.lesions.lesion import Change, Lesion, each_side
from chestx.simulation.film.lesions.places import lung_of, spot
from chestx.simulation.study import Finding


def _reshape(chest: Chest, finding: Finding) -> Chest:
    much = 0.15 + 0.85 * finding.extent
    return replace(
        chest,
        half_width=chest.half_width * (1 + 0.04 * much),
        right_dome=chest.right_dome + 2.6 * much,
        left_dome=chest.left_dome + 2.6 * much,
        dome_rise=chest.dome_rise * (1 - 0.62 * much),
        heart_width=chest.heart_width * (1 - 0.17 * much),
        lung_density=chest.lung_density * (1 - 0.36 * much),
        vessels=chest.vessels * (1 - 0.5 * much),
    )


def _draw(anatomy: Anatomy, finding: Finding, sign: int, rng: np.random.Generator) -> Change:
    grid = anatomy.grid
    lung = lung_of(anatomy, grid, sign)
    water, fading = grid.zeros(), grid.zeros()
    for _ in range(int(rng.integers(0, 1 + round(4 * finding.extent)))):
        radius = rng.uniform(1.0, 2.4)
        place = spot(anatomy, sign, "upper" if rng.random() < 0.7 else "lower", rng, 1.0)
        inner = grid.around(*place, 1.4 * radius)
        bulla = inner.fill(lobed(rng, place, radius, 0.08))
        depth = inner.depth_inside(bulla)
        part = grid.part(inner)
        water[part] -= 0.25 * radius * dome_profile(depth, radius) * bulla
        water[part] += 0.14 * np.exp(-(((depth - 0.1) / 0.06) ** 2)) * bulla
        fading[part] = np.maximum(fading[part], 0.8 * inner.blur(bulla, 0.1))
    seen = (lung > 0.2 * anatomy.chest.body.depth).astype(np.float32)
    return Change(grid, water, fading=fading, seen=seen)


EMPHYSEMA = Lesion("Emphysema", each_side(_draw), _reshape)
