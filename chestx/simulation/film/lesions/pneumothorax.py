"""Pneumothorax: air above the lung, whose pleura is a fine line with no vessels beyond it."""

from dataclasses import replace

import numpy as np

from chestx.simulation.film.chest import Chest, signs
from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.grid import Map, rise
from chestx.simulation.film.lesions.lesion import Change, Lesion, each_side
from chestx.simulation.film.lesions.places import lung_of
from chestx.simulation.study import Finding


def _reshape(chest: Chest, finding: Finding) -> Chest:
    tension = max(0.0, finding.extent - 0.6) * 2.5
    return replace(chest, pull=chest.pull - sum(signs(finding.side)) * tension)


def _draw(anatomy: Anatomy, finding: Finding, sign: int, rng: np.random.Generator) -> Change:
    chest, grid = anatomy.chest, anatomy.grid
    lung = lung_of(anatomy, grid, sign)
    widest = 0.5 + 4.0 * finding.extent * rng.uniform(0.9, 1.1)
    end = (0.35 + 0.75 * finding.extent) * chest.dome_of(sign)
    thinning = rise((end - grid.y) / 2.2)
    wave = 1 + 0.10 * np.sin(grid.y / rng.uniform(2.0, 4.0) + rng.uniform(0, 6))
    gap = np.float32(widest) * thinning * wave
    inside = _from_wall(anatomy, sign) - gap
    beyond = (0.5 - inside * 8).clip(0, 1) * (gap > 0.25)
    pleura = np.exp(-((inside / np.float32(0.07)) ** 2)) * (gap > 0.25)
    collapse = np.float32(chest.lung_density * (0.15 + 0.7 * finding.extent))
    filled = (lung / np.float32(3)).clip(0, 1)
    water = lung * ((1 - beyond) * collapse * 0.5 * (gap / np.float32(widest)))
    water -= lung * beyond * np.float32(chest.lung_density)
    water += 0.40 * pleura * filled
    seen = beyond * (lung > 0.8)
    return Change(grid, water, fading=beyond * filled, seen=seen)


def _from_wall(anatomy: Anatomy, sign: int) -> Map:
    """Return the distance from the ribs' inner side; the mediastinum counts as none of them."""
    chest, grid = anatomy.chest, anatomy.grid
    inner = np.maximum(
        grid.fill(chest.cavity(sign)), grid.x * np.float32(sign) < 0.3 * chest.half_width
    )
    return grid.depth_inside(inner)


PNEUMOTHORAX = Lesion("Pneumothorax", each_side(_draw), _reshape)
