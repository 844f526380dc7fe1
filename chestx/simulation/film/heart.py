"""The heart, which stands before the lungs."""

from chestx.simulation.film.chest import HEART_FRONT, Chest
from chestx.simulation.film.curves import Points, moved, smooth
from chestx.simulation.film.grid import Grid, Map, dome_profile


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
