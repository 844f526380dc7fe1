"""Bones, as paths through mineral."""

import numpy as np

from chestx.simulation.film.chest import Chest
from chestx.simulation.film.grid import Grid, Map, as_map
from chestx.simulation.film.ribs import ribs
from chestx.simulation.film.shoulders import shoulder_girdle
from chestx.simulation.film.spine import spine


def bones(grid: Grid, chest: Chest) -> Map:
    """Return the path through bone, in cm of cortical bone."""
    path = ribs(grid, chest) + spine(grid, chest) + shoulder_girdle(grid, chest)
    return as_map(np.float32(chest.body.bone) * path)
