"""What a healthy chest may show as well, to be told from disease: nipples, scars, wires."""

import numpy as np

from chestx.simulation.film.chest import FRONT, Chest
from chestx.simulation.film.curves import ellipse, ribbon, smooth
from chestx.simulation.film.grid import Grid, Map, dome_profile
from chestx.simulation.film.physics import BONE, WATER

# Attenuation, 1/cm at 60 keV, of copper wire thinned by its plastic.
_WIRE = 4.0


def distractors(grid: Grid, chest: Chest) -> Map:
    """Return the line integral of the attenuation of what is no disease."""
    old = np.random.default_rng([chest.body.seed, 67])
    today = np.random.default_rng([*chest.visit.seed, 68])
    line = grid.zeros()
    _granulomas(line, grid, chest, old)
    _nipples(line, grid, chest, old)
    _sternal_wires(line, grid, chest, old)
    _pacemaker(line, grid, chest, old)
    if chest.visit.view == "AP":
        _electrodes(line, grid, chest, today)
        _catheter(line, grid, chest, today)
    return line


def _granulomas(line: Map, grid: Grid, chest: Chest, rng: np.random.Generator) -> None:
    for _ in range(int(rng.choice([0, 1, 2], p=[0.84, 0.12, 0.04]))):
        x = rng.choice([-1, 1]) * rng.uniform(0.3, 0.85) * chest.half_width
        y, radius = rng.uniform(0.15, 0.85) * chest.right_dome, rng.uniform(0.12, 0.32)
        _ball(line, grid, (float(x), float(y)), float(radius), 1.6 * BONE)


def _nipples(line: Map, grid: Grid, chest: Chest, rng: np.random.Generator) -> None:
    if rng.random() > 0.2:
        return
    drop = 0.05 * chest.body.height if chest.body.breast else 0.0
    for sign in (-1, 1):
        x = sign * (0.62 * chest.half_width + rng.normal(0, 0.4)) + chest.front(FRONT)
        y = 0.74 * chest.body.height + drop + rng.normal(0, 0.5)
        _ball(line, grid, (x, y), rng.uniform(0.35, 0.55), 1.3 * WATER)


def _ball(line: Map, grid: Grid, place: tuple[float, float], radius: float, density: float) -> None:
    inner = grid.around(*place, 1.5 * radius)
    mask = inner.fill(ellipse(place, radius, radius))
    path = 2 * radius * dome_profile(inner.depth_inside(mask), radius) * mask
    line[grid.part(inner)] += np.float32(density) * inner.blur(path, 0.04)


def _sternal_wires(line: Map, grid: Grid, chest: Chest, rng: np.random.Generator) -> None:
    if chest.body.age < 50 or rng.random() > 0.06:
        return
    x = chest.front(FRONT)
    loops = [
        ellipse((x + rng.normal(0, 0.15), y), 0.8, 0.45, rng.normal(0, 0.2))
        for y in np.linspace(0.22, 0.75, 6) * chest.right_dome
    ]
    line += np.float32(0.12 * _WIRE) * grid.stroke(loops, 0.09)


def _pacemaker(line: Map, grid: Grid, chest: Chest, rng: np.random.Generator) -> None:
    if chest.body.age < 60 or rng.random() > 0.05:
        return
    w, h = chest.half_width, chest.right_dome
    x, y = 0.68 * w, 0.2 * h
    box = smooth(
        [(x - 2, y - 1.4), (x + 1.6, y - 2), (x + 2.1, y + 1.2), (x - 1.3, y + 1.9)], closed=True
    )
    lead = smooth(
        [(x, y), (0.4 * w, 0.02 * h), (0.1 * w, 0.1 * h), (-0.14 * w, 0.25 * h),
         (-0.16 * w, 0.6 * h), (0.0, 0.88 * h), (0.3 * w, 0.93 * h)]
    )  # fmt: skip
    line += np.float32(2.5) * grid.fill(box) + np.float32(0.14 * _WIRE) * grid.stroke([lead], 0.16)


def _electrodes(line: Map, grid: Grid, chest: Chest, rng: np.random.Generator) -> None:
    """Add the leads of an electrocardiogram that lie on the chest."""
    if rng.random() > 0.65:
        return
    w, h = chest.half_width, chest.right_dome
    wires, plates = [], []
    for x, y in ((-0.75, 0.08), (0.75, 0.08), (0.7, 0.9), (-0.7, 0.95))[: rng.integers(2, 5)]:
        at = (x * w + rng.normal(0, 1.2), y * h + rng.normal(0, 1.2))
        away = (rng.normal(0, 0.4 * w), rng.choice([-9.0, 1.5 * h]))
        mid = ((at[0] + away[0]) / 2 + rng.normal(0, 3), (at[1] + away[1]) / 2 + rng.normal(0, 3))
        wires.append(smooth([at, mid, away]))
        plates.append(ellipse(at, 0.55, 0.55))
    line += np.float32(0.16 * _WIRE) * grid.stroke(wires, 0.11) + np.float32(0.45) * grid.fill(
        *plates
    )


def _catheter(line: Map, grid: Grid, chest: Chest, rng: np.random.Generator) -> None:
    """Add a central venous catheter that ends in the superior vena cava."""
    if rng.random() > 0.35:
        return
    w, h = chest.half_width, chest.right_dome
    end = (-0.14 * w + rng.normal(0, 0.2), rng.uniform(0.3, 0.5) * h)
    start = (
        [(-0.35 * w, -9.0), (-0.24 * w, -2.0)]
        if rng.random() < 0.6
        else [(-0.9 * w, 0.0), (-0.4 * w, 0.07 * h)]
    )
    tube = smooth([*start, (-0.15 * w, 0.14 * h), end])
    line += np.float32(0.28) * grid.fill(ribbon(tube, 0.11))
