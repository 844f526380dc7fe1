"""Effusion: fluid that fills the costophrenic angle and climbs along the wall as a meniscus."""

import numpy as np

from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.grid import Map, as_map, dome_profile, rise
from chestx.simulation.film.lesions.lesion import Change, Lesion, each_side
from chestx.simulation.film.lesions.places import lung_of
from chestx.simulation.study import Finding


def _draw(anatomy: Anatomy, finding: Finding, sign: int, rng: np.random.Generator) -> Change:
    chest, grid = anatomy.chest, anatomy.grid
    height = 0.55 * chest.dome_rise + 0.5 * chest.dome_of(sign) * finding.extent**1.2
    level = chest.angle_of(sign) - height * rng.uniform(0.9, 1.1)
    share = _meniscus(anatomy, level, sign, rng)
    if chest.visit.view == "AP":
        # Lying, the fluid runs back and veils the lung from below upwards.
        veil = (0.35 + 0.3 * finding.extent) * rise((grid.y - (level - 2.5)) / 1.6)
        share = np.maximum(0.55 * share, veil * (grid.x * np.float32(sign) / 2).clip(0, 1))
    room = lung_of(anatomy, grid, sign)
    water = room * np.float32(1 - chest.lung_density) * share
    return Change(grid, water, fading=share)


def _meniscus(anatomy: Anatomy, level: float, sign: int, rng: np.random.Generator) -> Map:
    """Return which part of the depth the fluid takes."""
    chest, grid = anatomy.chest, anatomy.grid
    wall = np.array([chest.wall_at(y, sign) for y in (level, level - 2)]).max()
    from_wall = (np.float32(wall) - grid.x * sign).clip(0, None)
    climb = np.float32(rng.uniform(2.5, 4.5)) * np.exp(-from_wall / np.float32(2.6))
    inwards = 0.5 * np.exp(-np.abs(grid.x) / 2.0)
    depth = grid.y - (np.float32(level) - climb - inwards)
    return as_map(np.float32(0.97) * dome_profile(depth.clip(0, None), 4.0) * (grid.x * sign > 0))


EFFUSION = Lesion("Effusion", each_side(_draw))
