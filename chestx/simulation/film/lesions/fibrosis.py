"""Fibrosis: a net of lines below the pleura, coarser where it is old, in lungs that shrink."""

import numpy as np

from chestx.simulation.film.chest import Chest
from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.grid import Grid, Map, as_map
from chestx.simulation.film.lesions.lesion import Change, Lesion, each_side
from chestx.simulation.film.lesions.places import fit, raised, zone_weight
from chestx.simulation.study import Finding


def _reshape(chest: Chest, finding: Finding) -> Chest:
    return raised(chest, finding.side, 1.4 * finding.extent)


def _draw(anatomy: Anatomy, finding: Finding, sign: int, rng: np.random.Generator) -> Change:
    grid = anatomy.grid
    reach = 2.4 + 3.4 * finding.extent
    near = np.exp(-((anatomy.wall / np.float32(reach)) ** 2))
    where = near * zone_weight(anatomy, grid, finding.zone or "base", sign)
    patchy = (0.75 + 0.4 * grid.mottle(rng, 2.2)).clip(0, 1.3)
    net = 0.5 * _net(grid, rng, 0.5) + 0.6 * _net(grid, rng, 0.95)
    water = (1.8 + 4.0 * finding.extent) * where * patchy * grid.blur(net + 0.5, 0.04)
    return Change(grid, fit(anatomy, grid, water, sign), fading=0.5 * where)


def _net(grid: Grid, rng: np.random.Generator, mesh: float) -> Map:
    """Return the walls between cells of about this size."""
    return as_map(np.exp(-((grid.mottle(rng, mesh) / np.float32(0.28)) ** 2)))


FIBROSIS = Lesion("Fibrosis", each_side(_draw), _reshape)
