"""Pneumonia: a segment or lobe filled, fluffy at its border, with air left in the bronchi."""

import numpy as np

from chestx.simulation.film.curves import Points, lobed, smooth
from chestx.simulation.film.frontal import Anatomy
from chestx.simulation.film.lesions.lesion import Change, Lesion, each
from chestx.simulation.film.lesions.places import fit, spot
from chestx.simulation.film.vessels import hilum
from chestx.simulation.study import Finding


def _draw(anatomy: Anatomy, finding: Finding, sign: int, rng: np.random.Generator) -> Change:
    radius = (2.0 + 2.6 * finding.extent) * rng.uniform(0.9, 1.1)
    x, y = spot(anatomy, sign, finding.zone, rng, 0.6 * radius)
    inner = anatomy.grid.around(x, y, 1.9 * radius)
    tufts = [lobed(rng, (x, y), 0.8 * radius, 0.3)]
    for _ in range(6):
        turn, size = rng.uniform(0, 2 * np.pi), radius * rng.uniform(0.22, 0.45)
        away = 0.75 * radius
        tufts.append(lobed(rng, (x + away * np.cos(turn), y + away * np.sin(turn)), size, 0.3))
    cloud = inner.zeros()
    for tuft in tufts:
        cloud = np.maximum(cloud, inner.fill(tuft))
    cloud = inner.blur(cloud, 0.16 * radius)
    grain = 0.85 + 0.22 * inner.mottle(rng, 0.7) + 0.12 * inner.mottle(rng, 0.3)
    water = (2.2 + 5.4 * finding.extent) * cloud * grain.clip(0.2, 1.5)
    air = inner.stroke(_bronchi(rng, hilum(anatomy.chest, sign), (x, y), radius), 0.15)
    water = water * (1 - 0.4 * inner.blur(air, 0.05))
    return Change(inner, fit(anatomy, inner, water, sign), fading=0.8 * cloud)


def _bronchi(
    rng: np.random.Generator, root: tuple[float, float], centre: tuple[float, float], radius: float
) -> list[Points]:
    """Return bronchi that run from the hilum's side into the shadow, and fork there."""
    towards = np.arctan2(centre[1] - root[1], centre[0] - root[0])
    start = np.array(centre) - 0.8 * radius * np.array([np.cos(towards), np.sin(towards)])
    lines = []
    for spread in (-0.5, -0.1, 0.35):
        turn = towards + spread + rng.normal(0, 0.12)
        bend = turn + rng.normal(0, 0.3)
        mid = start + 0.7 * radius * np.array([np.cos(turn), np.sin(turn)])
        lines.append(
            smooth([start, mid, mid + 0.6 * radius * np.array([np.cos(bend), np.sin(bend)])])
        )
    return lines


PNEUMONIA = Lesion("Pneumonia", each(_draw))
