"""Pleural thickening: a cap over the apex, or a band along the wall."""

import numpy as np

from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.grid import rise
from chestx.simulation.film.lesions.lesion import Change, Lesion, each_side
from chestx.simulation.film.lesions.places import fit, zone_weight
from chestx.simulation.study import Finding


def _draw(anatomy: Anatomy, finding: Finding, sign: int, rng: np.random.Generator) -> Change:
    grid, chest = anatomy.grid, anatomy.chest
    thick = (0.45 + 1.5 * finding.extent) * rng.uniform(0.9, 1.1)
    uneven = (1 + 0.3 * grid.mottle(rng, 1.3)).clip(0.4, 1.6)
    zone = finding.zone or "lower"
    where = zone_weight(anatomy, grid, zone, sign)
    if zone == "apex":
        where = rise((0.19 * chest.right_dome - grid.y) / 0.4)
    else:
        where = where * (grid.x * sign > 0.55 * chest.half_width)
    edge = np.float32(thick) * uneven * where
    band = ((edge - anatomy.wall) * 7 + 0.5).clip(0, 1) * (where > 0.15) * (anatomy.wall > 0)
    water = (2.6 + 4.8 * finding.extent) * band
    return Change(grid, fit(anatomy, grid, grid.blur(water, 0.06), sign), fading=band)


PLEURAL_THICKENING = Lesion("Pleural_Thickening", each_side(_draw))
