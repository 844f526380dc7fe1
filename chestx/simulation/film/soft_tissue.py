"""Soft tissue: the trunk with neck and arms, breasts, the heart and the mediastinum, the belly."""

import numpy as np

from chestx.simulation.film.chest import BACK, FRONT, HEART_FRONT, Chest
from chestx.simulation.film.curves import Points, ellipse, lobed, moved, smooth
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


def heart_outline(chest: Chest) -> Points:
    """Return the outline of the heart; its width is the chest's `heart_width`."""
    body = chest.body
    width, floor = chest.heart_width, max(chest.right_dome, chest.left_dome) + 1.6
    shift = chest.front(HEART_FRONT) + chest.pull
    right, left = 0.345 * width, 0.655 * width
    tall = min(0.50 * chest.right_dome * (1 + 0.25 * (body.heart - 0.43)), 0.95 * width)
    top = floor - 1.6 - tall
    flat = body.heart_tilt
    points = [
        (-min(0.55 * right, 0.15 * chest.half_width), top),
        (-0.80 * right, top + 0.18 * tall), (-0.97 * right, top + 0.45 * tall),
        (-right, top + 0.66 * tall), (-0.9 * right, top + 0.9 * tall), (-0.55 * right, floor + 0.5),
        (0.4 * left, floor + 1.2), (0.86 * left, floor + 0.4), (left, floor - 1.7 - 0.8 * flat),
        (0.95 * left, top + (0.80 - 0.12 * flat) * tall),
        (0.78 * left, top + (0.56 - 0.1 * flat) * tall),
        (0.58 * left, top + (0.33 - 0.05 * flat) * tall), (0.44 * left, top + 0.12 * tall),
        (min(0.25 * left, 0.12 * chest.half_width), top - 0.9), (0.0, top - 3.0),
        (-0.06 * chest.half_width, top - 1.5),
    ]  # fmt: skip
    return moved(smooth(points, closed=True), shift)


def heart(grid: Grid, chest: Chest) -> Map:
    """Return which part of the chest's depth the heart takes, 0..1."""
    mask = grid.fill(heart_outline(chest))
    share = 0.80 * dome_profile(grid.depth_inside(mask), 2.6 + 0.1 * chest.heart_width) * mask
    return grid.blur(share, 0.07)


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
