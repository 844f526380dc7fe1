"""Where in the lungs lesions lie, and what room they have there."""

from dataclasses import replace

import numpy as np

from chestx.simulation.film.chest import Chest, signs
from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.grid import Grid, Map, as_map, rise
from chestx.simulation.study import Side, Zone

# Upper and lower end of a zone, over the height from the apex to the dome.
ZONES: dict[Zone, tuple[float, float]] = {
    "apex": (0.05, 0.17),
    "upper": (0.15, 0.38),
    "middle": (0.38, 0.64),
    "lower": (0.64, 0.90),
    "base": (0.80, 0.99),
    "whole": (0.15, 0.92),
    "": (0.2, 0.9),
}
_FADE = 0.03
_TRIES = 24
# Of the lung's depth, what a lesion can fill at most.
_ROOM = 0.85


def spot(
    anatomy: Anatomy, sign: int, zone: Zone, rng: np.random.Generator, reach: float
) -> tuple[float, float]:
    """Return a point of a side's zone with lung around it: not behind the heart if it can be."""
    chest, grid = anatomy.chest, anatomy.grid
    upper, lower = ZONES[zone]
    best, most = (sign * 0.55 * chest.half_width, 0.5 * chest.dome_of(sign)), -1.0
    for _ in range(_TRIES):
        y = rng.uniform(upper, lower) * chest.dome_of(sign)
        x = sign * rng.uniform(0.2, 0.97) * chest.wall_at(y, sign)
        row = round((y - grid.top) * grid.scale)
        column = round((x - grid.left) * grid.scale)
        if not (0 <= row < grid.rows and 0 <= column < grid.columns):
            continue
        room = float(anatomy.lung[row, column]) + 4 * min(float(anatomy.wall[row, column]), reach)
        if room > most:
            best, most = (x, y), room
        if room > 0.55 * chest.body.depth + 3 * reach:
            break
    return best


def lung_of(anatomy: Anatomy, inner: Grid, sign: int) -> Map:
    """Return the lung's depth on one side within a part of the grid."""
    own = (inner.x * np.float32(sign) * 3 + 0.5).clip(0, 1)
    return as_map(anatomy.lung[anatomy.grid.part(inner)] * own)


def fit(anatomy: Anatomy, inner: Grid, water: Map, sign: int) -> Map:
    """Return the water as far as the side's lung has room for it."""
    return _within(water, lung_of(anatomy, inner, sign), anatomy.chest)


def fit_both(anatomy: Anatomy, inner: Grid, water: Map) -> Map:
    """Return the water as far as both lungs, seen over each other, have room for it."""
    return _within(water, anatomy.lung[anatomy.grid.part(inner)], anatomy.chest)


def _within(water: Map, lung: Map, chest: Chest) -> Map:
    room = lung * np.float32(_ROOM * (1 - chest.lung_density)) + np.float32(1e-3)
    return as_map(room * (1 - np.exp(-water / room)))


def zone_weight(anatomy: Anatomy, inner: Grid, zone: Zone, sign: int) -> Map:
    """Return 1 within a zone's height, and less beyond."""
    upper, lower = ZONES[zone]
    # What reaches the base goes on behind the dome.
    lower = 1.3 if lower > 0.95 else lower
    y = inner.y / np.float32(anatomy.chest.dome_of(sign))
    return rise((y - upper) / _FADE) * rise((lower - y) / _FADE)


def raised(chest: Chest, side: Side, height: float) -> Chest:
    """Return the chest with the domes of these sides higher, as loss of volume draws them."""
    return replace(
        chest,
        right_dome=chest.right_dome - height * (-1 in signs(side)),
        left_dome=chest.left_dome - height * (1 in signs(side)),
    )
