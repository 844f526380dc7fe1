"""The ribs, as tilted rings that are seen from the front."""

import numpy as np
import numpy.typing as npt

from chestx.simulation.film.chest import BACK, Chest
from chestx.simulation.film.curves import Points, ribbon
from chestx.simulation.film.grid import Grid, Map, as_map, rise

_RIBS = 12


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
    # Their necks go under in the vertebrae.
    side *= rise((np.abs(grid.x - chest.front(BACK)) - 2.1) / 0.3)
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
