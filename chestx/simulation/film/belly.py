"""Below the diaphragm: gas in stomach and bowel."""

import numpy as np

from chestx.simulation.film.chest import Chest
from chestx.simulation.film.curves import ellipse, lobed
from chestx.simulation.film.grid import Grid, Map, dome_profile


def belly_gas(grid: Grid, chest: Chest) -> Map:
    """Return the path through gas in stomach and bowel, in cm."""
    body = chest.body
    rng = np.random.default_rng([*chest.visit.seed, 29])
    path = grid.zeros()
    if body.gas:
        width = body.gas * rng.uniform(0.7, 1.2)
        x, y = 0.46 * chest.half_width, chest.left_dome + 1.1 + 0.5 * width
        mask = grid.fill(ellipse((x, y), width, 0.55 * width, rng.normal(0, 0.15)))
        level = y + rng.uniform(-0.1, 0.4) * width
        # Standing, the fluid has a level; lying, it hides behind the gas.
        upright = chest.visit.view == "PA"
        above = ((level - grid.y) * 6 + 0.5).clip(0, 1) if upright else 1.0
        path += 4.0 * dome_profile(grid.depth_inside(mask), 1.2) * mask * above
    for _ in range(rng.integers(0, 6)):
        x, y = rng.uniform(2, 11), chest.left_dome + rng.uniform(3.5, 10)
        inner = grid.around(x, y, 3.0)
        loop = inner.fill(lobed(rng, (x, y), rng.uniform(0.7, 1.6), 0.22))
        path[grid.part(inner)] += 1.5 * dome_profile(inner.depth_inside(loop), 0.9) * loop
    return grid.blur(path, 0.1)
