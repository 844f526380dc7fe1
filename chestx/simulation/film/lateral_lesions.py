"""Lesions on a lateral film: what the side view shows of them, more simply than the frontal."""

from typing import NamedTuple

import numpy as np

from chestx.simulation.film.curves import lobed
from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.grid import as_map, dome_profile
from chestx.simulation.film.lateral import dome, half_depth, heart_outline
from chestx.simulation.film.lesions.lesion import Change
from chestx.simulation.film.lesions.places import ZONES, fit_both
from chestx.simulation.study import Finding


class _Shadow(NamedTuple):
    """Radius in cm and water in cm at extent 0, and what they gain to extent 1."""

    radius: float
    wider: float
    water: float
    denser: float
    roughness: float
    softness: float
    """Of the border, over the radius."""


_SHADOWS = {
    "Atelectasis": _Shadow(1.2, 1.6, 1.4, 2.2, 0.2, 0.15),
    "Infiltration": _Shadow(2.0, 2.0, 0.6, 1.3, 0.3, 0.5),
    "Mass": _Shadow(1.7, 2.1, 2.4, 3.0, 0.12, 0.05),
    "Nodule": _Shadow(0.4, 1.0, 0.7, 1.6, 0.06, 0.08),
    "Pneumonia": _Shadow(2.0, 2.4, 1.3, 2.4, 0.3, 0.25),
    "Consolidation": _Shadow(2.2, 3.0, 2.4, 4.0, 0.18, 0.12),
    "Edema": _Shadow(4.5, 2.5, 0.7, 2.3, 0.2, 0.5),
    "Fibrosis": _Shadow(2.5, 2.0, 0.7, 1.4, 0.3, 0.4),
    "Hernia": _Shadow(1.8, 2.2, 1.2, 1.8, 0.07, 0.04),
}


def lateral_changes(anatomy: Anatomy, finding: Finding, rng: np.random.Generator) -> list[Change]:
    """Return what a finding adds to a lateral film; an air rim is not to be seen there."""
    grid = anatomy.grid
    if finding.label in _SHADOWS:
        return [_shadow(anatomy, finding, rng) for _ in range(finding.number)]
    if finding.label == "Cardiomegaly":
        return [Change(grid, grid.zeros(), seen=grid.fill(heart_outline(anatomy.chest)))]
    if finding.label == "Emphysema":
        return [Change(grid, grid.zeros(), seen=(anatomy.lung > 4).astype(np.float32))]
    if finding.label == "Effusion":
        return [_fluid(anatomy, finding)]
    if finding.label == "Pleural_Thickening":
        return [_band(anatomy, finding)]
    return []


def _shadow(anatomy: Anatomy, finding: Finding, rng: np.random.Generator) -> Change:
    kind, extent = _SHADOWS[finding.label], finding.extent
    radius = (kind.radius + kind.wider * extent) * rng.uniform(0.9, 1.1)
    place = _place(anatomy, finding, rng, radius)
    inner = anatomy.grid.around(*place, 1.9 * radius)
    mask = inner.fill(lobed(rng, place, radius, kind.roughness))
    round_ = dome_profile(inner.depth_inside(mask), radius) * mask
    grain = (1 + 1.6 * kind.softness * inner.mottle(rng, 0.9)).clip(0, 2)
    water = (kind.water + kind.denser * extent) * inner.blur(round_, kind.softness * radius)
    return Change(inner, fit_both(anatomy, inner, water * grain))


def _place(
    anatomy: Anatomy, finding: Finding, rng: np.random.Generator, radius: float
) -> tuple[float, float]:
    chest = anatomy.chest
    deep, height = half_depth(chest), chest.right_dome
    if finding.label == "Hernia":
        return 0.35 * deep, height + 0.9 - 0.7 * radius
    if finding.label == "Edema":
        return 0.0, 0.5 * height
    upper, lower = ZONES[finding.zone]
    y = float(rng.uniform(upper, lower)) * height
    # Upper lobes lie in front, lower lobes behind.
    x = deep * (rng.uniform(-0.4, 0.5) if y < 0.5 * height else rng.uniform(0.1, 0.85))
    return x, y


def _fluid(anatomy: Anatomy, finding: Finding) -> Change:
    chest, grid = anatomy.chest, anatomy.grid
    sign = -1 if finding.side == "right" else 1
    depth = 2.0 + 0.55 * chest.right_dome * finding.extent
    floor = float(dome(grid, chest, sign).max())
    behind = (np.float32(1.05 * half_depth(chest)) - grid.x).clip(0, None)
    level = np.float32(min(floor, chest.dome_of(sign) + 3 * chest.dome_rise) - depth)
    below = grid.y - level + 2.0 * np.exp(-behind / 1.8)
    share = 0.48 * dome_profile(below.clip(0, None), 2.5)
    water = anatomy.lung * np.float32(1 - chest.lung_density) * share
    return Change(grid, water, fading=0.5 * share)


def _band(anatomy: Anatomy, finding: Finding) -> Change:
    grid = anatomy.grid
    thick = np.float32(0.4 + 0.9 * finding.extent)
    upper, lower = ZONES[finding.zone]
    y = grid.y / np.float32(anatomy.chest.right_dome)
    where = (y > upper) & (y < lower + 0.05) & (grid.x > 0)
    water = (1.4 + 2 * finding.extent) * ((thick - anatomy.wall) * 7).clip(0, 1) * where
    return Change(grid, fit_both(anatomy, grid, as_map(water * (anatomy.wall > 0))))
