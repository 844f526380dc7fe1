"""The chest seen from its left side: the patient looks to the left of the picture.

Here x grows from the middle of the chest to the back.
"""

import numpy as np

from chestx.simulation.film.chest import Chest
from chestx.simulation.film.curves import Points, ellipse, lobed, moved, ribbon, smooth
from chestx.simulation.film.frontal import Anatomy, parenchyma
from chestx.simulation.film.grid import Grid, Map, as_map, dome_profile, rise
from chestx.simulation.film.vessels import vessel_paths

# Inner wall: x over half of the cavity's depth, y over the height of the dome; front first.
_CAVITY = (
    (-0.25, 0.05), (-0.50, 0.14), (-0.78, 0.34), (-0.95, 0.58), (-1.0, 0.85), (-0.98, 1.12),
    (-0.2, 1.22), (0.7, 1.36), (0.98, 1.38), (1.06, 1.05), (1.08, 0.70), (1.0, 0.36), (0.74, 0.13),
    (0.36, 0.0), (0.02, 0.0),
)  # fmt: skip


def lateral(grid: Grid, chest: Chest) -> Anatomy:
    """Return the parts of a lateral film."""
    cavity = grid.fill(_inner_wall(chest))
    wall = grid.depth_inside(cavity)
    lung = _lungs(grid, chest, cavity, wall)
    filled = 1 - np.exp(-lung / 3)
    markings = lung * parenchyma(grid, chest)
    vessels = vessel_paths(grid, chest) + _hilum(grid, chest)
    return Anatomy(
        grid=grid,
        chest=chest,
        body=_trunk(grid, chest),
        lung=lung,
        wall=wall,
        vessels=chest.vessels * (vessels * filled + markings),
        gas=_airway(grid, chest),
        bone=np.float32(chest.body.bone) * _bones(grid, chest),
    )


def half_depth(chest: Chest) -> float:
    """Return half of the cavity's depth, from front to back."""
    return 0.62 * chest.body.depth


def _inner_wall(chest: Chest) -> Points:
    return smooth(np.array(_CAVITY) * (half_depth(chest), chest.right_dome), closed=True)


def _trunk(grid: Grid, chest: Chest) -> Map:
    body = chest.body
    deep, h = half_depth(chest), body.height
    skin = 1.6 + 0.8 * body.fat
    bust = 0.55 * body.breast
    points = [
        (-0.05 * deep, -20), (-0.1 * deep, -5), (-0.62 * deep - skin, 0.06 * h),
        (-0.95 * deep - skin, 0.34 * h), (-deep - skin - 0.6 * bust, 0.55 * h),
        (-deep - skin - bust, 0.75 * h), (-deep - skin - 0.2 * bust, 0.95 * h),
        (-deep - 1.2 * skin, 1.3 * h), (-deep - 1.5 * skin, 3 * h), (1.0 * deep + skin, 3 * h),
        (1.05 * deep + skin, 1.3 * h), (1.16 * deep + 1.3 * skin, 0.75 * h),
        (1.12 * deep + 1.5 * skin, 0.36 * h), (0.9 * deep + 1.4 * skin, 0.05 * h),
        (0.62 * deep, -6), (0.55 * deep, -20),
    ]  # fmt: skip
    torso = grid.fill(smooth(points, closed=True))
    wide = 2 * (chest.half_width + 1.4 + 0.6 * body.fat)
    taper = 0.62 + 0.38 * ((grid.y + 4) / 12).clip(0, 1)
    return grid.blur(wide * taper * dome_profile(grid.depth_inside(torso), 6.5) * torso, 0.2)


def _lungs(grid: Grid, chest: Chest, cavity: Map, wall: Map) -> Map:
    each = 0.78 * chest.half_width * dome_profile(wall, 4.5) * cavity
    inlet = 0.5 + 0.5 * (grid.y / 9).clip(0, 1)
    both = grid.zeros()
    for sign in (-1, 1):
        above = 0.5 - (grid.y - dome(grid, chest, sign)) * 7
        both += above.clip(0, 1)
    # The left lung makes room for the heart, the right one less.
    heart = 0.60 * dome_profile(grid.depth_inside(grid.fill(heart_outline(chest))), 5.0)
    arch = grid.fill(ellipse((0.12 * half_depth(chest), 0.27 * chest.right_dome), 2.3, 2.0, 0.3))
    free = (1 - grid.blur(heart, 0.15)) * (1 - 0.10 * grid.blur(arch, 0.3))
    return grid.blur(each * inlet * both * free, 0.06)


def dome(grid: Grid, chest: Chest, sign: int) -> Map:
    """Return y of a side's diaphragm at each x: higher in front than behind."""
    u = grid.x / np.float32(half_depth(chest))
    front = 0.9 * ((-0.2 - u).clip(0, None) / 0.8) ** 2
    back = 2.0 * ((u + 0.2).clip(0, None) / 1.2) ** np.float32(2.2)
    return as_map(chest.dome_of(sign) + np.float32(chest.dome_rise) * (front + back))


def heart_outline(chest: Chest) -> Points:
    """Return the heart, which lies on the front half of the diaphragm."""
    deep = half_depth(chest)
    size = chest.heart_width / (2 * chest.body.half_width)
    x = -0.42 * deep + 4.0 * (size - 0.43)
    tall = 0.29 * chest.right_dome * (0.6 + 0.9 * size)
    y = chest.right_dome + 0.8 - 0.85 * tall
    wide = 5.0 * (0.35 + 1.5 * size)
    shape = [
        (-0.75, -0.65), (-0.25, -1.15), (0.35, -1.0), (0.85, -0.4), (1.05, 0.25), (0.9, 0.95),
        (0.0, 1.35), (-0.95, 1.2), (-1.1, 0.4),
    ]  # fmt: skip
    return moved(smooth(np.array(shape) * (wide, tall), closed=True), x, y)


def _hilum(grid: Grid, chest: Chest) -> Map:
    rng = np.random.default_rng([chest.body.seed, 45])
    path = grid.zeros()
    for _ in range(9):
        place = (rng.normal(0.4, 1.2), 0.45 * chest.right_dome + rng.normal(0, 1.3))
        size = rng.uniform(0.5, 1.1)
        path += np.float32(0.9 * size) * grid.fill(lobed(rng, place, size, 0.12))
    return grid.blur(path, 0.2)


def _airway(grid: Grid, chest: Chest) -> Map:
    deep, h = half_depth(chest), chest.right_dome
    tube = smooth(
        [(0.02 * deep, -14), (0.1 * deep, -3), (0.2 * deep, 0.15 * h), (0.3 * deep, 0.42 * h)]
    )
    return grid.blur(grid.tubes([[tube]], [0.85], 2.0), 0.12)


def _bones(grid: Grid, chest: Chest) -> Map:
    return grid.blur(_spine(grid, chest) + _ribs(grid, chest) + _sternum(grid, chest), 0.09)


def _spine(grid: Grid, chest: Chest) -> Map:
    deep, spacing = half_depth(chest), chest.body.rib_spacing
    bodies, plates, hind = [], [], []
    for number in range(-4, 18):
        y = -0.6 + spacing * number * (1.0 + 0.008 * number)
        # The kyphosis: the spine is furthest back in the middle of the chest.
        x = deep * (0.86 - 0.32 * (y / chest.body.height - 0.62) ** 2)
        half = 1.15 + 0.05 * max(number, 0)
        top, low = y - 0.4 * spacing, y + 0.4 * spacing
        corners = [(x - half, top), (x + half, top), (x + half, low), (x - half, low)]
        bodies.append(smooth(corners, closed=True, steps=3))
        plates += [np.array([(x - half, edge), (x + half, edge)]) for edge in (top, low)]
        plates += [np.array([(x + way, top), (x + way, low)]) for way in (-half, half)]
        hind.append(ellipse((x + 2.6, y + 0.5 * spacing), 1.5, 0.45, 0.6))
    path = 1.1 * grid.fill(*bodies) + 0.5 * grid.stroke(plates, 0.14)
    return as_map(path + 0.4 * grid.fill(*hind))


def _ribs(grid: Grid, chest: Chest) -> Map:
    deep, body = half_depth(chest), chest.body
    bands, edges = [], []
    for side in (-1, 1):
        for number in range(1, 11):
            y = -0.4 + body.rib_spacing * number + 0.35 * side
            run = body.rib_drop * (0.5 + 0.04 * number)
            far = 0.4 + 0.06 * min(number, 7)
            arc = smooth(
                [(0.9 * deep, y), (1.06 * deep, y + 0.25 * run), (0.5 * deep, y + 0.62 * run),
                 (-0.3 * far * deep, y + 0.9 * run), (-far * deep, y + run)]
            )  # fmt: skip
            arc = moved(arc, 0.3 * side)
            bands.append(ribbon(arc, 0.45))
            outline = ribbon(arc, 0.42)
            edges += [outline[: len(arc)], outline[len(arc) :]]
    shade = grid.zeros()
    for part in (bands[:10], bands[10:]):
        shade += 0.4 * grid.fill(*part)
    shade += 0.3 * grid.stroke(edges, 0.1)
    # In front they are cartilage.
    return shade * rise((grid.x + 0.25 * deep) / 1.5)


def _sternum(grid: Grid, chest: Chest) -> Map:
    deep, h = half_depth(chest), chest.right_dome
    front = smooth([(-0.55 * deep, 0.1 * h), (-0.84 * deep, 0.32 * h), (-1.05 * deep, 0.66 * h)])
    outline = ribbon(front, 0.45)
    return 0.7 * grid.fill(outline) + 0.5 * grid.stroke([outline], 0.12)
