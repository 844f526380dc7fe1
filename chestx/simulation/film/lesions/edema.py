"""Edema: haze about the hila, vessels without an edge, septal (Kerley B) lines at the bases."""

from dataclasses import replace

import numpy as np

from chestx.simulation.film.chest import Chest
from chestx.simulation.film.curves import Points
from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.grid import as_map
from chestx.simulation.film.lesions.lesion import Change, Lesion, each_side
from chestx.simulation.film.lesions.places import fit
from chestx.simulation.film.vessels import hilum
from chestx.simulation.study import Finding


def _reshape(chest: Chest, finding: Finding) -> Chest:
    return replace(
        chest,
        heart_width=chest.heart_width * (1 + 0.07 * finding.extent),
        vessels=chest.vessels * (1 + 0.35 * finding.extent),
    )


def _draw(anatomy: Anatomy, finding: Finding, sign: int, rng: np.random.Generator) -> Change:
    chest, grid = anatomy.chest, anatomy.grid
    x, y = hilum(chest, sign)
    wide, tall = 0.42 * chest.half_width * rng.uniform(0.85, 1.15), 0.34 * chest.right_dome
    around = ((grid.x - x - sign * 1.5) / wide) ** 2 + ((grid.y - y - 2.0) / tall) ** 2
    wings = np.exp(-(around**1.2))
    grain = 0.9 + 0.22 * grid.mottle(rng, 1.2) + 0.12 * grid.mottle(rng, 0.4)
    water = (0.8 + 4.4 * finding.extent) * wings * grain.clip(0.1, 1.8)
    lines = grid.blur(grid.stroke(_septa(anatomy, sign, rng, finding.extent), 0.07), 0.03)
    water = fit(anatomy, grid, water + (0.35 + 0.4 * finding.extent) * lines, sign)
    return Change(grid, water, fading=as_map(0.6 * finding.extent * wings))


def _septa(anatomy: Anatomy, sign: int, rng: np.random.Generator, extent: float) -> list[Points]:
    """Return short level lines that reach the pleura above the costophrenic angle."""
    chest = anatomy.chest
    lines = []
    for y in np.arange(0.70, 1.0, 0.035) * chest.angle_of(sign):
        if rng.random() < 0.35 + 0.6 * extent:
            outer = chest.wall_at(float(y), sign) - 0.25
            inner = outer - rng.uniform(0.9, 1.9)
            lines.append(np.array([(sign * outer, y), (sign * inner, y + rng.normal(0, 0.12))]))
    return lines


EDEMA = Lesion("Edema", each_side(_draw), _reshape)
