"""A film, drawn from a body, what is found in it, and a visit."""

from collections.abc import Sequence

import numpy as np

from chestx.simulation.film.body import Body
from chestx.simulation.study import DrawnFilm, Finding, LesionBox, View


def draw_film(
    body: Body, findings: Sequence[Finding], *, view: View, rows: int, columns: int, seed: int
) -> DrawnFilm:
    """Return a film of `rows` x `columns` pixels; `seed` stands for the visit."""
    rng = np.random.default_rng([body.seed, seed])
    y, x = np.mgrid[-1 : 1 : rows * 1j, -1 : 1 : columns * 1j]
    lungs = sum(np.exp(-(((x - side) / 0.3) ** 2) - (y / 0.6) ** 2) for side in (-0.45, 0.45))
    noise = rng.normal(0, 0.01, (rows, columns))
    brightness = (0.8 - 0.6 * lungs + noise).clip(0, 1).astype(np.float32)
    boxes = tuple(
        LesionBox(found.label, columns / 4, rows / 4, columns / 8, rows / 8) for found in findings
    )
    return DrawnFilm(brightness, boxes)
