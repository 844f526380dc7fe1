"""Bones: ribs, spine, collar bones, shoulder blades and arms, as paths through mineral in cm."""

import numpy as np
import numpy.typing as npt

from chestx.simulation.film.chest import BACK, FRONT, Chest
from chestx.simulation.film.curves import Points, ellipse, ribbon, smooth
from chestx.simulation.film.grid import Grid, Map, as_map

_RIBS = 12


def bones(grid: Grid, chest: Chest) -> Map:
    """Return the path through bone, in cm of cortical bone."""
    path = ribs(grid, chest) + spine(grid, chest) + shoulder_girdle(grid, chest)
    return as_map(np.float32(chest.body.bone) * path)


def ribs(grid: Grid, chest: Chest) -> Map:
    """Return the ribs: hind parts, which run down outwards, and front parts, which run back in."""
    path = grid.zeros()
    rng = np.random.default_rng([chest.body.seed, 31])
    hind, fore, edges, fore_edges = [], [], [], []
    for sign in (-1, 1):
        for number in range(_RIBS):
            arc = rib(chest, number, sign, rng.normal(0, 0.12))
            half = 0.48 + 0.010 * number + rng.normal(0, 0.03)
            turn = int(np.argmax(np.abs(arc[:, 0])))
            behind = arc[: turn + 2]
            widths = half * _taper(len(behind), free=number > 8)
            hind.append(ribbon(behind, widths))
            edges += _edges(behind, widths)
            if 0 < number < 9:
                wider = np.linspace(half, half * 1.25, len(arc) - turn + 1)
                fore.append(ribbon(arc[turn - 1 :], wider))
                fore_edges += _edges(arc[turn - 1 :], half)
    path += 0.48 * grid.fill(*hind) + 0.34 * grid.stroke(edges, 0.11)
    path += 0.22 * grid.fill(*fore) + 0.15 * grid.stroke(fore_edges, 0.10)
    path = grid.blur(path, 0.03)
    # Seen along its curve at the side of the chest, a rib is thicker.
    wall = np.abs(grid.x) / np.float32(chest.half_width)
    side = np.float32(0.85) + 0.9 * ((wall - 0.78) / 0.22).clip(0, 1) ** 2
    return as_map(path * side)


def rib(chest: Chest, number: int, sign: int, jitter: float) -> Points:
    """Return a rib's axis as a tilted ring that is seen from the front."""
    body = chest.body
    start = -0.6 + body.rib_spacing * number * (1 - 0.006 * number) + jitter
    drop = body.rib_drop * (0.60 + 0.055 * min(number, 8))
    hang = 0.44 * drop
    height = start + hang
    wide = chest.wall_at(max(height, 0.6), sign) + 0.25
    last = 2.55 if 0 < number < 7 else 2.3 if number < 9 else 1.7 - 0.2 * (number - 8)
    angle = np.linspace(0.07, last, 44)
    half = np.pi / 2
    bow = 0.9 * np.sin(angle) ** 2 * (angle < half)
    x = sign * wide * np.sin(angle) ** 0.85 + chest.front(BACK) * np.cos(angle)
    hind = hang * (0.5 * angle / half + 0.5 * (1 - np.cos(angle)))
    fore = hang + (drop - hang) * (angle - half) / (2.55 - half)
    y = start + np.where(angle < half, hind, fore) - 0.35 * bow
    return np.stack([x, y], 1)


def _taper(count: int, *, free: bool) -> npt.NDArray[np.float64]:
    """Return a rib's relative width: less at its neck, and at the end of one that ends freely."""
    along = np.linspace(0, 1, count)
    end = np.clip((1 - along) / 0.15, 0.1, 1) ** 0.5 if free else 1.0
    return np.clip(0.6 + along / 0.3, 0, 1) * end


def _edges(arc: Points, half: npt.ArrayLike) -> list[Points]:
    outline = ribbon(arc, np.asarray(half) - 0.04)
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
                ],
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
    path = 0.20 * grid.fill(*bodies) + 0.10 * grid.stroke(plates, 0.15)
    path += 0.16 * grid.fill(*rings) + 0.22 * grid.fill(*tips)
    return grid.blur(path, 0.1)


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
    moved = np.array(points) * (sign, 1)
    moved[:, 0] += chest.front(FRONT) * np.array([1, 0.9, 0.7, 0.4, 0.2, 0.1])
    curve = smooth(moved)
    half = np.interp(np.linspace(0, 1, len(curve)), [0, 0.15, 0.6, 1], [0.85, 0.6, 0.5, 0.65])
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
    path += 0.45 * grid.stroke([lateral], 0.4) + 0.28 * grid.fill(ribbon(ridge, 0.5))
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
    path = np.maximum(0.75 * grid.fill(head), 0.75 * grid.fill(ribbon(shaft, 1.15)))
    path += 0.2 * grid.stroke([head], 0.2)
    return as_map(path + 0.55 * grid.stroke([edges[: len(shaft)], edges[len(shaft) :]], 0.35))
