"""Cardiomegaly: the heart is wider than half of the chest."""

from dataclasses import replace

import numpy as np

from chestx.simulation.film.chest import Chest, nearer
from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.heart import heart_outline
from chestx.simulation.film.lesions.lesion import Change, Lesion
from chestx.simulation.study import Finding


def _reshape(chest: Chest, finding: Finding) -> Chest:
    ratio = (0.515 + 0.17 * finding.extent) * nearer(chest.visit)
    return replace(chest, heart_width=max(chest.heart_width, 2 * chest.half_width * ratio))


def _draw(anatomy: Anatomy, finding: Finding, rng: np.random.Generator) -> list[Change]:
    grid = anatomy.grid
    shape = grid.fill(heart_outline(anatomy.chest))
    return [Change(grid, grid.zeros(), seen=shape)]


CARDIOMEGALY = Lesion("Cardiomegaly", _draw, _reshape)
