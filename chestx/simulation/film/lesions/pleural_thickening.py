"""Pleural thickening: a cap over the apex, or a band along the wall."""

import numpy as np

from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.lesions.lesion import Change, Lesion
from chestx.simulation.film.lesions.places import fit, side_of, zone_weight
from chestx.simulation.study import Finding


def _draw(anatomy: Anatomy, finding: Finding, rng: np.random.Generator) -> list[Change]:
    grid, chest = anatomy.grid, anatomy.chest
    changes = []
    for sign in side_of(finding.side, rng):
        thick = (0.40 + 1.15 * finding.extent) * rng.uniform(0.9, 1.1)
        uneven = (1 + 0.3 * grid.mottle(rng, 1.3)).clip(0.4, 1.6)
        zone = finding.zone or "lower"
        where = zone_weight(anatomy, grid, zone, sign)
        if zone == "apex":
            where = 1 / (1 + np.exp((grid.y - np.float32(0.19 * chest.right_dome)) / 0.4))
        else:
            where = where * (grid.x * sign > 0.55 * chest.half_width)
        edge = np.float32(thick) * uneven * where
        band = ((edge - anatomy.wall) * 7 + 0.5).clip(0, 1) * (where > 0.15) * (anatomy.wall > 0)
        water = (1.6 + 2.6 * finding.extent) * band
        changes.append(Change(grid, fit(anatomy, grid, grid.blur(water, 0.06), sign), fading=band))
    return changes


PLEURAL_THICKENING = Lesion("Pleural_Thickening", _draw)
