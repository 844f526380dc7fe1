"""What lies between the lungs beside the heart: great vessels, trachea and bronchi."""

import numpy as np

from chestx.simulation.film.chest import BACK, FRONT, Chest
from chestx.simulation.film.curves import Points, ellipse, moved, smooth
from chestx.simulation.film.grid import Grid, Map, dome_profile


def mediastinum(grid: Grid, chest: Chest) -> Map:
    """Return which part of the chest's depth great vessels and spine take, 0..1."""
    body = chest.body
    w, h = chest.half_width, chest.right_dome
    front = chest.front(FRONT * 0.5) + chest.pull
    aorta = chest.front(BACK * 0.4) + 0.6 * chest.pull
    right = [
        (0.0, -12.0), (-1.9, -12.0), (-2.0, -3.0), (-0.155 * w, 0.10 * h), (-0.185 * w, 0.24 * h),
        (-0.195 * w, 0.38 * h), (-0.20 * w, 0.52 * h), (-0.15 * w, 0.75 * h), (-0.14 * w, 1.3 * h),
        (0.0, 1.3 * h),
    ]  # fmt: skip
    knob_x = 0.165 * w + body.knob
    left = [
        (0.0, -12.0), (1.9, -12.0), (2.0, -3.0), (0.15 * w, 0.10 * h), (0.15 * w, 0.20 * h),
    ]  # fmt: skip
    trunk_x = 0.235 * w + 0.1
    left += [
        (0.21 * w, 0.38 * h),
        (trunk_x, 0.44 * h),
        (trunk_x + 0.3, 0.52 * h),
        (0.2 * w, 0.62 * h),
    ]
    left += [(0.16 * w, 0.8 * h), (0.14 * w, 1.3 * h), (0.0, 1.3 * h)]
    vessels = grid.fill(moved(smooth(right), front), moved(smooth(left), front))
    lower = 1 - 0.45 * ((grid.y / np.float32(h) - 0.42) / 0.2).clip(0, 1)
    share = 0.72 * lower * dome_profile(grid.depth_inside(vessels), 1.5) * vessels
    knob = grid.fill(
        ellipse((knob_x - 1.55 + aorta, 0.285 * h), 1.6, 1.75),
        moved(smooth(_descending(chest, knob_x)), aorta),
    )
    arch = 0.42 * dome_profile(grid.depth_inside(knob), 1.2) * knob
    return grid.blur(1 - (1 - share) * (1 - arch), 0.08)


def _descending(chest: Chest, knob_x: float) -> Points:
    """Return the descending aorta, which swings out where it is unfolded."""
    h, swing = chest.right_dome, 1.6 * chest.body.unfolded
    left = [
        (knob_x, 0.29 * h), (knob_x - 0.35 + 0.4 * swing, 0.42 * h),
        (knob_x - 0.6 + 0.6 * swing, 0.6 * h), (knob_x - 1.0 + 0.3 * swing, 0.85 * h),
        (knob_x - 1.4, 1.15 * h),
    ]  # fmt: skip
    return np.array(left + [(x - 2.4, y) for x, y in reversed(left)])


def airways(grid: Grid, chest: Chest) -> Map:
    """Return the path through air in trachea and main bronchi, in cm."""
    body = chest.body
    h = chest.right_dome
    x = chest.front(1.0) + 0.8 * chest.pull - 0.25 - 0.25 * body.knob
    carina = 0.36 * h
    windpipe = smooth([(0.0, -12), (x * 0.5, -3), (x, 0.1 * h), (x, 0.25 * h), (x + 0.1, carina)])
    right = smooth([(x + 0.1, carina - 0.4), (x - 1.3, carina + 1.3), (x - 2.6, carina + 3.4)])
    left = smooth([(x + 0.1, carina - 0.4), (x + 2.0, carina + 1.5), (x + 4.2, carina + 3.0)])
    path = 0.8 * grid.tubes([[right, left]], [0.5], 2.0)
    path = np.maximum(path, 0.8 * grid.tubes([[windpipe]], [0.78], 2.0))
    return grid.blur(path, 0.12)
