"""The lungs' vessels: trees that leave the hila, fork, and thin out towards the pleura."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chestx.simulation.film.chest import Chest
from chestx.simulation.film.curves import Points, ellipse
from chestx.simulation.film.grid import Grid, Map

# Thinner vessels than this, in cm, are not seen one by one.
_THINNEST = 0.045
_WIDEST_PATH = 1.3
_STEPS = 5
Floats = npt.NDArray[np.float64]


class _Stems(NamedTuple):
    """Where vessels begin, their direction in radians, and their radius in cm."""

    x: Floats
    y: Floats
    angle: Floats
    radius: Floats


def hilum(chest: Chest, sign: int) -> tuple[float, float]:
    """Return where a side's vessels enter the lung; the left lies higher."""
    x = sign * 0.245 * chest.half_width + 0.5 * chest.pull + chest.front(1.0)
    return x, (0.455 if sign < 0 else 0.425) * chest.right_dome


def vessel_paths(grid: Grid, chest: Chest) -> Map:
    """Return the path through vessels in cm, on both sides, not yet cut to the lungs."""
    path = grid.zeros()
    for sign in (-1, 1):
        for layer in range(2):
            rng = np.random.default_rng([chest.body.seed, 43, sign + 1, layer])
            lines, radii = _tree(rng, chest, sign)
            path += grid.tubes(*_bundled(lines, radii), _WIDEST_PATH)
    return grid.blur(path, 0.02)


def hila(grid: Grid, chest: Chest) -> Map:
    """Return the path through the wide vessels and nodes that lie over each other at the hila."""
    rng = np.random.default_rng([chest.body.seed, 44])
    path = grid.zeros()
    for sign in (-1, 1):
        x, y = hilum(chest, sign)
        for _ in range(9):
            away, down = rng.uniform(-0.6, 1.7), rng.normal(0.4, 1.3)
            place = (x + sign * away, y + down)
            size = rng.uniform(0.35, 0.8)
            shape = ellipse(place, size, size * rng.uniform(1.0, 2.0), rng.normal(0, 0.5))
            inner = grid.around(*place, 2.2 * size)
            path[grid.part(inner)] += np.float32(0.8 * size) * inner.fill(shape)
    return grid.blur(path, 0.2)


def _bundled(lines: Floats, radii: Floats) -> tuple[list[Floats], list[float]]:
    """Return lines of about the same radius together, the thinnest first."""
    step = (np.log(radii / _THINNEST) * 4).astype(int)
    steps = np.unique(step)
    return (
        [lines[step == one] for one in steps],
        [_THINNEST * float(np.exp((one + 0.5) / 4)) for one in steps],
    )


def _tree(rng: np.random.Generator, chest: Chest, sign: int) -> tuple[Floats, Floats]:
    """Return the lines [vessels, points, 2] of a tree, and their radii."""
    x, y = hilum(chest, sign)
    stems = _roots(rng, chest, x, y, sign)
    grown, radii = [], []
    while len(stems.x):
        lines, ends, heading = _grow(rng, stems, (x, y), chest)
        grown.append(lines)
        radii.append(stems.radius)
        stems = _fork(rng, ends, heading, stems.radius, chest, sign)
    return np.concatenate(grown), np.concatenate(radii)


def _roots(rng: np.random.Generator, chest: Chest, x: float, y: float, sign: int) -> _Stems:
    """Return the lobar vessels: more and wider ones to the bases, where blood flows."""
    turn = np.radians([-84, -70, -52, -38, -20, -4, 12, 26, 38, 48, 58, 68, 78, 88]) + rng.normal(
        0, 0.12, 14
    )
    radius = np.array(
        [0.32, 0.36, 0.27, 0.34, 0.26, 0.32, 0.36, 0.3, 0.42, 0.38, 0.46, 0.4, 0.46, 0.38]
    )
    radius = radius * rng.uniform(0.7, 1.15, 14) * (chest.body.half_width / 14)
    angle = turn if sign > 0 else np.pi - turn
    place = rng.normal(0, 0.55, (2, 14)) + 1.1 * np.stack([0 * turn, np.sin(turn)])
    return _Stems(x + place[0], y + place[1], angle, radius)


def _grow(
    rng: np.random.Generator, stems: _Stems, root: tuple[float, float], chest: Chest
) -> tuple[Floats, Points, Floats]:
    """Let every stem run on for a while, bending towards the pleura."""
    count = len(stems.x)
    length = (0.5 + 2.9 * stems.radius) * rng.uniform(0.7, 1.35, count) * chest.body.half_width / 14
    bend = rng.normal(0, 0.36, count)
    outwards = np.arctan2(stems.y - root[1], stems.x - root[0])
    away = np.hypot(stems.x - root[0], stems.y - root[1]) > 1.5
    bend += 0.45 * away * np.sin(outwards - stems.angle)
    heading = stems.angle[:, None] + bend[:, None] * np.linspace(0, 1, _STEPS)
    step = (length / _STEPS)[:, None]
    x = stems.x[:, None] + np.cumsum(step * np.cos(heading), 1)
    y = stems.y[:, None] + np.cumsum(step * np.sin(heading), 1)
    first = np.stack([stems.x, stems.y], 1)[:, None]
    lines = np.concatenate([first, np.stack([x, y], 2)], 1)
    return lines, lines[:, -1], heading[:, -1]


def _fork(
    rng: np.random.Generator,
    ends: Points,
    heading: Floats,
    radius: Floats,
    chest: Chest,
    sign: int,
) -> _Stems:
    """Return two branches for each vessel that is wide enough and still in the lung."""
    count = len(ends)
    body = chest.body
    way = rng.choice([-1.0, 1.0], count)
    major, minor = rng.uniform(0.74, 0.9, count), rng.uniform(0.5, 0.8, count)
    angle = np.concatenate(
        [
            heading - way * rng.uniform(0.05, 0.25, count),
            heading + way * rng.uniform(0.4, 0.9, count),
        ]
    )
    thinner = np.concatenate([radius * major, radius * minor])
    x, y = np.tile(ends[:, 0], 2), np.tile(ends[:, 1], 2)
    inside = (np.abs(x) < body.half_width + 1) & (y > -1) & (y < body.height + 7)
    live = (thinner > _THINNEST) & inside & (x * sign > 0.5)
    return _Stems(x[live], y[live], angle[live], thinner[live])
