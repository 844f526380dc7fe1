"""The chest seen from the front or the back, as paths through its parts."""

from dataclasses import dataclass

import numpy as np

from chestx.simulation.film.belly import belly_gas
from chestx.simulation.film.bones import bones
from chestx.simulation.film.chest import Chest
from chestx.simulation.film.grid import Grid, Map, as_map, dome_profile, rise
from chestx.simulation.film.heart import heart
from chestx.simulation.film.mediastinum import airways, mediastinum
from chestx.simulation.film.trunk import breasts, trunk
from chestx.simulation.film.vessels import hila, vessel_paths


@dataclass(frozen=True, slots=True)
class Anatomy:
    """Paths in cm along the beam; lesions are fitted in."""

    grid: Grid
    chest: Chest
    body: Map
    """Through everything within the skin."""
    lung: Map
    """Through both lungs, as they stand behind and before other things."""
    wall: Map
    """How far inside of the ribs a point lies."""
    vessels: Map
    """Through vessels and markings of the lungs: water."""
    gas: Map
    bone: Map


def frontal(grid: Grid, chest: Chest) -> Anatomy:
    """Return the parts of a PA or AP film."""
    cavity = grid.fill(*(chest.cavity(sign) for sign in (-1, 1)))
    wall = grid.depth_inside(cavity)
    lung = _lung(grid, chest, cavity, wall)
    filled = 1 - np.exp(-lung / 3)
    markings = chest.vessels * lung * parenchyma(grid, chest)
    return Anatomy(
        grid=grid,
        chest=chest,
        body=trunk(grid, chest) + breasts(grid, chest),
        lung=lung,
        wall=wall,
        vessels=chest.vessels * (2.4 * vessel_paths(grid, chest) + hila(grid, chest)) * filled
        + markings,
        gas=airways(grid, chest) + belly_gas(grid, chest) * (1 - filled),
        bone=bones(grid, chest),
    )


def _lung(grid: Grid, chest: Chest, cavity: Map, wall: Map) -> Map:
    full = chest.body.depth * dome_profile(wall, 4.6) * cavity
    inlet = 0.52 + 0.48 * (grid.y / 10).clip(0, 1)
    free = (1 - mediastinum(grid, chest)) * (1 - heart(grid, chest))
    return grid.blur(full * inlet * free * above_domes(grid, chest), 0.05)


def above_domes(grid: Grid, chest: Chest) -> Map:
    """Return which part of the depth is above the diaphragm: 1 above, lung behind it below."""
    left = rise(grid.x / 0.6)
    low = left * chest.dome(grid.x, 1) + (1 - left) * chest.dome(grid.x, -1)
    depth = grid.y - low
    behind = 0.42 * (1 - dome_profile(depth.clip(0, None), 3.2))
    edge = (depth * 7 + 0.5).clip(0, 1)
    return as_map((1 - edge) + edge * behind)


def parenchyma(grid: Grid, chest: Chest) -> Map:
    """Return the grain of small vessels and airways, as a part of the lung's path."""
    rng = np.random.default_rng([chest.body.seed, 47])
    grain = (
        0.75 * grid.mottle(rng, 0.22) + 0.5 * grid.mottle(rng, 0.45) + 0.5 * grid.mottle(rng, 1.1)
    )
    return as_map(np.float32(0.019) * grain)
