"""Bones: ribs, spine, collar bones, shoulder blades and arms, as paths through mineral in cm."""

import numpy as np

from chestx.simulation.film.chest import BACK, FRONT, Chest
from chestx.simulation.film.curves import Points, ellipse, ribbon, smooth
from chestx.simulation.film.grid import Grid, Map

_RIBS = 12


def bones(grid: Grid, chest: Chest) -> Map:
    """Return the path through bone, in cm of cortical bone."""
    path = ribs(grid, chest) + spine(grid, chest) + shoulder_girdle(grid, chest)
    return np.float32(chest.body.bone) * path


def ribs(grid: Grid, chest: Chest) -> Map:
    """Return the ribs: hind parts, which run down outwards, and front parts, which run back in."""
    path = grid.zeros()
    rng = np.random.default_rng([chest.body.seed, 31])
    hind, fore, edges, fore_edges = [], [], [], []
    for sign in (-1, 1):
        for number in range(_RIBS):
            arc = rib(chest, number, sign, rng.normal(0, 0.12))
            half = 0.52 + 0.012 * number + rng.normal(0, 0.03)
            turn = int(np.argmax(np.abs(arc[:, 0])))
            hind.append(ribbon(arc[: turn + 2], half))
            edges += _edges(arc[: turn + 2], half)
            if 0 < number < 9:
                widths = np.linspace(half, half * 1.25, len(arc) - turn + 1)
                fore.append(ribbon(arc[turn - 1 :], widths))
                fore_edges += _edges(arc[turn - 1 :], half)
    path += 0.34 * grid.fill(*hind) + 0.24 * grid.stroke(edges, 0.11)
    path += 0.16 * grid.fill(*fore) + 0.08 * grid.stroke(fore_edges, 0.10)
    path = grid.blur(path, 0.045)
    # Seen along its curve at the side of the chest, a rib is thicker.
    wall = np.abs(grid.x) / np.float32(chest.half_width)
    side = np.float32(0.85) + 0.9 * ((wall - 0.78) / 0.22).clip(0, 1) ** 2
    return path * side


def rib(chest: Chest, number: int, sign: int, jitter: float) -> Points:
    """Return a rib's axis as a tilted ring that is seen from the front."""
    body = chest.body
    start = -0.6 + body.rib_spacing * number * (1 - 0.006 * number) + jitter
    drop = body.rib_drop * (0.50 + 0.065 * min(number, 8))
    height = start + 0.5 * drop
    wide = chest.wall_at(max(height, 0.6), sign) + 0.25
    last = 2.55 if 0 < number < 7 else 2.3 if number < 9 else 1.9
    angle = np.linspace(0.16, last, 40)
    half = np.pi / 2
    bow = 0.9 * np.sin(angle) ** 2 * (angle < half)
    x = sign * wide * np.sin(angle) ** 0.85 + chest.front(BACK) * np.cos(angle)
    y = (
        start
        + drop * np.where(angle < half, angle, angle + 0.45 * (angle - half)) / np.pi
        - 0.35 * bow
    )
    return np.stack([x, y], 1)


def _edges(arc: Points, half: float) -> list[Points]:
    outline = ribbon(arc, half - 0.04)
    return [outline[: len(arc)], outline[len(arc) :]]


def spine(grid: Grid, chest: Chest) -> Map:
    """Return the vertebrae with endplates, pedicles and spinous processes."""
    rng = np.random.default_rng([chest.body.seed, 37])
    spacing = chest.body.rib_spacing * 1.0
    bodies, plates, rings, tips = [], [], [], []
    for number in range(-5, 17):
        y = -0.6 + spacing * number * (1.0 + 0.008 * number)
        tall = spacing * (0.80 + 0.006 * number)
        half = 1.35 + 0.045 * max(number, 0)
        x = chest.front(BACK) + chest.body.scoliosis * np.sin(y / 9) + rng.normal(0, 0.04)
        top, low = y - tall / 2, y + tall / 2
        waist = 0.88 * half
        bodies.append(
            smooth(
                [
                    (x - half, top),
                    (x + half, top),
                    (x + waist, y),
                    (x + half, low),
                    (x - half, low),
                    (x - waist, y),
                ],  # noqa: E501
                closed=True,
                steps=4,
            )
        )
        plates += [np.array([(x - half, edge), (x + half, edge)]) for edge in (top, low)]
        plates += [
            smooth([(x + s * half, top), (x + s * waist, y), (x + s * half, low)]) for s in (-1, 1)
        ]
        rings += [ellipse((x + s * 0.66 * half, y - 0.1 * tall), 0.32, 0.5) for s in (-1, 1)]
        drift = chest.front(BACK * 0.5)
        tips.append(ellipse((x + drift, y + 0.35 * tall), 0.28, 0.62))
    path = 0.45 * grid.fill(*bodies) + 0.14 * grid.stroke(plates, 0.15)
    path += 0.16 * grid.fill(*rings) + 0.22 * grid.fill(*tips)
    return grid.blur(path, 0.08)


def shoulder_girdle(grid: Grid, chest: Chest) -> Map:
    """Return collar bones, shoulder blades, and the upper ends of the arms."""
    path = grid.zeros()
    for sign in (-1, 1):
        path += _clavicle(grid, chest, sign) + _scapula(grid, chest, sign)
        path += _humerus(grid, chest, sign)
    return grid.blur(path, 0.05)


def _clavicle(grid: Grid, chest: Chest, sign: int) -> Map:
    body, w = chest.body, chest.half_width
    up = body.shoulders + (1.2 if chest.visit.view == "AP" else 0.0)
    rng = np.random.default_rng([body.seed, 41, sign + 1])
    inner = 1.5 + rng.normal(0, 0.15)
    points = [
        (inner, 3.1 - 0.5 * up), (0.30 * w, 2.5 - 0.6 * up), (0.55 * w, 1.1 - 0.8 * up),
        (0.8 * w, -0.9 - up), (1.0 * w, -1.9 - up), (1.2 * w, -1.5 - up),
    ]  # fmt: skip
    moved = np.array(points) * (sign, 1)
    moved[:, 0] += chest.front(FRONT) * np.array([1, 0.9, 0.7, 0.4, 0.2, 0.1])
    curve = smooth(moved)
    half = np.interp(np.linspace(0, 1, len(curve)), [0, 0.15, 0.6, 1], [0.85, 0.6, 0.5, 0.65])
    edges = ribbon(curve, half - 0.05)
    return 0.42 * grid.fill(ribbon(curve, half)) + 0.24 * grid.stroke(
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
            [(m * w, 0.4 - up), ((m - 0.06) * w, 5 - up), ((m - 0.01) * w, 10 - up), ((m + 0.1) * w, 13.6 - up),
             ((m + 0.16) * w, 12 - up), ((m + 0.24) * w, 7 - up), ((m + 0.34) * w, 3 - up), ((m + 0.25) * w, 0 - up)]  # noqa: E501
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
    path = 0.13 * grid.fill(blade) + 0.18 * grid.stroke([blade], 0.15)
    path += 0.28 * grid.stroke([lateral], 0.4) + 0.20 * grid.fill(ribbon(ridge, 0.5))
    return path


def _humerus(grid: Grid, chest: Chest, sign: int) -> Map:
    w = chest.half_width + 0.6 * chest.body.fat
    up = chest.body.shoulders
    out = 1.0 if chest.visit.view == "PA" else 0.35
    head = ellipse((sign * 1.32 * w, 1.6 - up), 2.3, 2.4)
    shaft = smooth(
        np.array(
            [
                (1.34 * w, 2 - up),
                (1.42 * w + 0.5 * out, 9),
                (1.5 * w + 3.2 * out, 24),
                (1.56 * w + 5 * out, 40),
            ]
        )
        * (sign, 1)
    )
    edges = ribbon(shaft, 1.05)
    path = 0.45 * grid.fill(head) + 0.25 * grid.stroke([head], 0.2)
    path += 0.5 * grid.fill(ribbon(shaft, 1.15))
    return path + 0.55 * grid.stroke([edges[: len(shaft)], edges[len(shaft) :]], 0.35)
