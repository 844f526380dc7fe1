"""Atelectasis: airless plates or wedges; what is left of the volume draws its neighbours in."""

from dataclasses import replace

import numpy as np

from chestx.simulation.film.chest import Chest, signs
from chestx.simulation.film.curves import ribbon, smooth
from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.lesions.lesion import Change, Lesion
from chestx.simulation.film.lesions.places import fit, raised, side_of, spot
from chestx.simulation.study import Finding


def _reshape(chest: Chest, finding: Finding) -> Chest:
    loss = 0.2 + 1.3 * finding.extent
    pull = sum(signs(finding.side)) * 0.5 * finding.extent
    return replace(raised(chest, finding.side, loss), pull=chest.pull + pull)


def _draw(anatomy: Anatomy, finding: Finding, rng: np.random.Generator) -> list[Change]:
    sides = side_of(finding.side, rng)
    changes = []
    for number in range(max(finding.number, len(sides))):
        sign = sides[number % len(sides)]
        length = (3.2 + 4.8 * finding.extent) * rng.uniform(0.9, 1.1)
        x, y = spot(anatomy, sign, finding.zone, rng, 0.25 * length)
        inner = anatomy.grid.around(x, y, 0.75 * length)
        water = inner.zeros()
        wedge = finding.extent > 0.45 and rng.random() < 0.5
        for plate in range(1 if wedge else int(rng.integers(1, 3))):
            thick = (0.16 + 0.34 * finding.extent) * rng.uniform(0.8, 1.3)
            tilt = rng.normal(0, 0.3)
            along = np.linspace(-0.5, 0.5, 7) * length * (1 - 0.3 * plate)
            sag = rng.normal(0, 0.25) * (1 - (2 * along / length) ** 2)
            axis = smooth(np.stack([x + along, y + 1.1 * plate + along * np.sin(tilt) + sag], 1))
            taper = np.sin(np.linspace(0.25, np.pi - 0.25, len(axis)))
            if wedge:
                taper = 4.5 * np.linspace(1.0, 0.1, len(axis))[::-sign]
            band = inner.fill(ribbon(axis, thick * taper))
            water = np.maximum(water, inner.blur(band, 0.30 if wedge else 0.13))
        water = (
            (1.7 + (2.2 if wedge else 3.2) * finding.extent)
            * water
            * (1 + 0.12 * inner.mottle(rng, 0.6))
        )
        changes.append(Change(inner, fit(anatomy, inner, water, sign)))
    return changes


ATELECTASIS = Lesion("Atelectasis", _draw, _reshape)
