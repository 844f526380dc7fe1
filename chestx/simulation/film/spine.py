"""The spine: faint behind the heart, plain where lung or neck lies before it."""

import numpy as np

from chestx.simulation.film.chest import BACK, Chest
from chestx.simulation.film.curves import ellipse, smooth
from chestx.simulation.film.grid import Grid, Map


def spine(grid: Grid, chest: Chest) -> Map:
    """Return the vertebrae with endplates, pedicles and spinous processes."""
    rng = np.random.default_rng([chest.body.seed, 37])
    spacing = chest.body.rib_spacing
    bodies, plates, rings, tips = [], [], [], []
    for number in range(-5, 17):
        y = -0.6 + spacing * number * (1.0 + 0.008 * number)
        tall = spacing * (0.80 + 0.006 * number)
        half = 1.35 + 0.045 * max(number, 0)
        x = chest.front(BACK) + chest.body.scoliosis * np.sin(y / 9) + rng.normal(0, 0.04)
        top, low = y - tall / 2, y + tall / 2
        waist = 0.88 * half
        outline = [
            (x - half, top), (x + half, top), (x + waist, y), (x + half, low), (x - half, low),
            (x - waist, y),
        ]  # fmt: skip
        bodies.append(smooth(outline, closed=True, steps=4))
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
