"""Collar bones, shoulder blades, and the upper ends of the arms."""

import numpy as np

from chestx.simulation.film.chest import FRONT, Chest
from chestx.simulation.film.curves import ellipse, ribbon, smooth
from chestx.simulation.film.grid import Grid, Map, as_map


def shoulder_girdle(grid: Grid, chest: Chest) -> Map:
    """Return collar bones, shoulder blades, and the upper ends of the arms."""
    path = grid.zeros()
    for sign in (-1, 1):
        path += _clavicle(grid, chest, sign) + _scapula(grid, chest, sign)
        path += _humerus(grid, chest, sign)
    return grid.blur(path, 0.04)


def _clavicle(grid: Grid, chest: Chest, sign: int) -> Map:
    body, w = chest.body, chest.half_width
    up = body.shoulders + (1.2 if chest.visit.view == "AP" else 0.0)
    rng = np.random.default_rng([body.seed, 41, sign + 1])
    inner = 1.5 + rng.normal(0, 0.15)
    points = [
        (inner, 3.1 - 0.5 * up), (0.30 * w, 2.5 - 0.6 * up), (0.55 * w, 1.1 - 0.8 * up),
        (0.8 * w, -0.9 - up), (1.0 * w, -1.9 - up), (1.2 * w, -1.5 - up),
    ]  # fmt: skip
    placed = np.array(points) * (sign, 1)
    placed[:, 0] += chest.front(FRONT) * np.array([1, 0.9, 0.7, 0.4, 0.2, 0.1])
    curve = smooth(placed)
    half = np.interp(np.linspace(0, 1, len(curve)), [0, 0.15, 0.75, 1], [0.85, 0.6, 0.5, 0.2])
    edges = ribbon(curve, half - 0.05)
    return 0.55 * grid.fill(ribbon(curve, half)) + 0.34 * grid.stroke(
        [edges[: len(curve)], edges[len(curve) :]], 0.14
    )


def _scapula(grid: Grid, chest: Chest, sign: int) -> Map:
    w = chest.half_width
    up = chest.body.shoulders
    # Arms forward on a PA film pull the blades off the lungs.
    inward = 0.0 if chest.visit.view == "PA" else -0.18
    m = 1.02 + inward
    blade = smooth(
        np.array(
            [(m * w, 0.4 - up), ((m - 0.06) * w, 5 - up), ((m - 0.01) * w, 10 - up),
             ((m + 0.1) * w, 13.6 - up), ((m + 0.16) * w, 12 - up), ((m + 0.24) * w, 7 - up),
             ((m + 0.34) * w, 3 - up), ((m + 0.25) * w, -up)]
        ) * (sign, 1),
        closed=True,
    )  # fmt: skip
    ridge = smooth(
        np.array(
            [((m + 0.02) * w, 2.6 - up), ((m + 0.2) * w, 0.2 - up), ((m + 0.42) * w, -1.8 - up)]
        )
        * (sign, 1)
    )
    lateral = blade[len(blade) // 2 - 4 : -len(blade) // 4]
    path = 0.22 * grid.fill(blade) + 0.30 * grid.stroke([blade], 0.15)
    path += 0.45 * grid.stroke([lateral], 0.4) + 0.28 * grid.fill(
        ribbon(ridge, 0.6 * np.sin(np.linspace(0.1, 2.9, len(ridge))))
    )
    return path


def _humerus(grid: Grid, chest: Chest, sign: int) -> Map:
    w = chest.half_width + 0.6 * chest.body.fat
    up = chest.body.shoulders
    out = 1.0 if chest.visit.view == "PA" else 0.35
    head = ellipse((sign * 1.32 * w, 1.6 - up), 2.3, 2.4)
    points = [
        (1.34 * w, 2 - up), (1.42 * w + 0.5 * out, 9), (1.5 * w + 3.2 * out, 24),
        (1.56 * w + 5 * out, 40),
    ]  # fmt: skip
    shaft = smooth(np.array(points) * (sign, 1))
    edges = ribbon(shaft, 1.05)
    path = np.maximum(0.75 * grid.fill(head), 0.75 * grid.fill(ribbon(shaft, 1.15)))
    path += 0.2 * grid.stroke([head], 0.2)
    return as_map(path + 0.55 * grid.stroke([edges[: len(shaft)], edges[len(shaft) :]], 0.35))
