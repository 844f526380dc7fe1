"""Atelectasis: airless plates or wedges; what is left of the volume draws its neighbours in."""

from dataclasses import replace

import numpy as np

from chestx.simulation.film.chest import Chest, signs
from chestx.simulation.film.curves import Points, moved, ribbon, smooth
from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.lesions.lesion import Change, Lesion, each
from chestx.simulation.film.lesions.places import fit, raised, spot
from chestx.simulation.study import Finding

# Extent above which a whole segment may have lost its air.
_SEGMENT = 0.45


def _reshape(chest: Chest, finding: Finding) -> Chest:
    loss = 0.2 + 1.3 * finding.extent
    pull = sum(signs(finding.side)) * 0.5 * finding.extent
    return replace(raised(chest, finding.side, loss), pull=chest.pull + pull)


def _draw(anatomy: Anatomy, finding: Finding, sign: int, rng: np.random.Generator) -> Change:
    length = (3.2 + 4.8 * finding.extent) * rng.uniform(0.9, 1.1)
    x, y = spot(anatomy, sign, finding.zone, rng, 0.25 * length)
    inner = anatomy.grid.around(x, y, 0.75 * length)
    thick = 0.16 + 0.34 * finding.extent
    if finding.extent > _SEGMENT and rng.random() < 0.5:
        shape = inner.blur(inner.fill(_wedge(rng, (x, y), length, thick, sign)), 0.30)
        dense = 2.4 + 4.2 * finding.extent
    else:
        count = int(rng.integers(1, 3))
        plates = [
            _plate(rng, (x, y + 1.1 * n), length * (1 - 0.3 * n), thick) for n in range(count)
        ]
        shape = inner.blur(inner.fill(*plates), 0.13)
        dense = 2.4 + 5.4 * finding.extent
    water = dense * shape * (1 + 0.12 * inner.mottle(rng, 0.6))
    return Change(inner, fit(anatomy, inner, water, sign))


def _plate(
    rng: np.random.Generator, middle: tuple[float, float], length: float, thick: float
) -> Points:
    """Return a band that thins out to its ends."""
    axis = _axis(rng, middle, length)
    ends = np.sin(np.linspace(0.25, np.pi - 0.25, len(axis)))
    return ribbon(axis, thick * rng.uniform(0.8, 1.3) * ends)


def _wedge(
    rng: np.random.Generator, middle: tuple[float, float], length: float, thick: float, sign: int
) -> Points:
    """Return a segment that narrows towards the hilum."""
    axis = _axis(rng, middle, length)
    return ribbon(axis, 4.5 * thick * np.linspace(1.0, 0.1, len(axis))[::-sign])


def _axis(rng: np.random.Generator, middle: tuple[float, float], length: float) -> Points:
    """Return a line near the level that sags a little."""
    along = np.linspace(-0.5, 0.5, 7)
    slope, sag = np.sin(rng.normal(0, 0.3)), rng.normal(0, 0.25)
    bent = length * along * slope + sag * (1 - (2 * along) ** 2)
    return moved(smooth(np.stack([length * along, bent], 1)), *middle)


ATELECTASIS = Lesion("Atelectasis", each(_draw), _reshape)
