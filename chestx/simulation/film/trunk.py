"""The body's outline: trunk with neck and arms, and the breasts before it."""

import numpy as np

from chestx.simulation.film.chest import FRONT, Chest
from chestx.simulation.film.curves import Points, moved, smooth
from chestx.simulation.film.grid import Grid, Map, as_map, dome_profile


def trunk(grid: Grid, chest: Chest) -> Map:
    """Return the path through the body as if it were filled, in cm."""
    body = chest.body
    wall = 2.2 + body.fat
    full = body.depth + 2.2 * wall
    torso = grid.fill(*(_torso(chest, wall, sign) for sign in (-1, 1)))
    inside = grid.depth_inside(torso)
    # The chest is an ellipse across; upwards it tapers to the neck.
    across = (1 - (grid.x / np.float32(1.04 * (chest.half_width + wall))) ** 2).clip(0, None)
    taper = 0.70 + 0.30 * ((grid.y + 8) / 12).clip(0, 1)
    chest_wall = full * across ** np.float32(0.42) * taper * dome_profile(inside, 3.0)
    shoulders = 0.56 * full * dome_profile(inside, 5.0)
    arms = grid.fill(*(_arm(chest, wall, sign) for sign in (-1, 1)))
    arm = (7 + body.fat) * dome_profile(grid.depth_inside(arms), 4.5) * arms
    return as_map(np.maximum(grid.blur(np.maximum(chest_wall, shoulders) * torso, 0.35), arm))


def _torso(chest: Chest, wall: float, sign: int) -> Points:
    width = chest.half_width + wall
    up = chest.body.shoulders
    neck = 0.40 * chest.half_width + 0.3 * chest.body.fat
    points = [
        (-0.5, -22), (neck, -20), (neck + 0.2, -9 - up), (neck + 1.6, -6.2 - up),
        (0.86 * width, -4.0 - up), (1.17 * width, -1.8 - up), (1.32 * width, 1.6 - up),
        (1.30 * width, 6), (1.12 * width, 9.5), (1.02 * width, 13), (1.0 * width, 19),
        (1.0 * width, 28), (1.02 * width, 60), (-0.5, 60),
    ]  # fmt: skip
    return smooth(np.array(points) * (sign, 1))


def _arm(chest: Chest, wall: float, sign: int) -> Points:
    width = chest.half_width + wall
    up = chest.body.shoulders
    out = 1.0 if chest.visit.view == "PA" else 0.35
    points = [
        (1.05 * width, -2 - up), (1.34 * width, 1 - up), (1.42 * width + out, 8),
        (1.5 * width + 3 * out, 18), (1.56 * width + 6 * out, 40), (1.2 * width + 5.5 * out, 40),
        (1.16 * width + 2.5 * out, 18), (1.08 * width, 10),
    ]  # fmt: skip
    return smooth(np.array(points) * (sign, 1), closed=True)


def breasts(grid: Grid, chest: Chest) -> Map:
    """Return the path through the breasts in cm, with their sharp lower edge."""
    body = chest.body
    path = grid.zeros()
    if not body.breast:
        return path
    rng = np.random.default_rng([body.seed, 23])
    for sign in (-1, 1):
        x = sign * (0.60 * chest.half_width + rng.normal(0, 0.3)) + chest.front(FRONT)
        y = body.breast_height - 0.45 * body.breast + rng.normal(0, 0.5)
        outline = moved(_breast(body.breast, sign), x, y)
        mask = grid.fill(outline)
        depth = grid.depth_inside(mask)
        fade = ((grid.y - np.float32(y - body.breast)) / np.float32(1.9 * body.breast)).clip(0, 1)
        path += (
            np.float32(0.46 * body.breast) * dome_profile(depth, 0.7 * body.breast) * fade * mask
        )
    return grid.blur(path, 0.2)


def _breast(size: float, sign: int) -> Points:
    points = [
        (-0.85, -0.9), (0.3, -1.1), (1.05, -0.6), (1.2, 0.2), (0.95, 0.8), (0.3, 1.05),
        (-0.4, 0.92), (-0.9, 0.4),
    ]  # fmt: skip
    return smooth(np.array(points) * (sign * size, size), closed=True)
