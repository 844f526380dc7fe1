"""The chest as it is on one film: a body in a visit, and what disease makes of its shape."""

from dataclasses import dataclass

import numpy as np

from chestx.simulation.film.body import Body
from chestx.simulation.film.curves import Points, smooth
from chestx.simulation.film.grid import Map, as_map
from chestx.simulation.film.physics import LUNG_DENSITY
from chestx.simulation.film.visit import Visit
from chestx.simulation.study import Side

# An AP film at a bed's distance shows the heart, which lies in front, this much larger.
_NEARER = 1.12
# cm that front structures lie before the middle of the chest, and hind ones behind it.
FRONT, HEART_FRONT, BACK = 7.0, 3.5, -7.0


@dataclass(frozen=True, slots=True)
class Chest:
    """Shapes in cm that diseases may change before anything is drawn."""

    body: Body
    visit: Visit
    half_width: float
    right_dome: float
    """y of its top."""
    left_dome: float
    dome_rise: float
    heart_width: float
    lung_density: float
    vessels: float
    pull: float = 0.0
    """How far the middle is drawn to the patient's left."""

    def dome_of(self, sign: int) -> float:
        """Return y of a dome's top: -1 is the patient's right."""
        return self.left_dome if sign > 0 else self.right_dome

    def angle_of(self, sign: int) -> float:
        """Return y of a costophrenic angle."""
        return self.dome_of(sign) + self.dome_rise

    def front(self, depth: float) -> float:
        """Return how far a structure at this depth is moved by the patient's turn."""
        return depth * self.visit.turn

    def dome(self, x: Map, sign: int) -> Map:
        """Return y of the diaphragm at each x of a side."""
        u = x * np.float32(sign) / np.float32(self.half_width)
        lateral = np.abs((u - 0.45) / 0.56) ** np.float32(2.3)
        medial = 0.55 * np.abs((u - 0.45) / 0.45) ** np.float32(2.0)
        bend = np.where(u > 0.45, lateral, medial)
        return as_map(np.float32(self.dome_of(sign)) + np.float32(self.dome_rise) * bend)

    def cavity(self, sign: int) -> Points:
        """Return the inner outline of one side of the ribs, from the midline round to it."""
        y = self.angle_of(sign)
        points = np.array(CAVITY) * (sign * self.half_width * (1 - 0.02 * sign), y)
        return smooth(points, closed=True)

    def wall_at(self, y: float, sign: int) -> float:
        """Return how far from the midline the inner chest wall is at this height."""
        shape = np.array(CAVITY[3:11])
        relative = y / self.angle_of(sign)
        return float(np.interp(relative, shape[:, 1], shape[:, 0])) * self.half_width


CAVITY = (
    (-0.02, 0.16),
    (0.13, 0.06),
    (0.27, 0.008),
    (0.40, 0.0),
    (0.55, 0.03),
    (0.70, 0.10),
    (0.82, 0.21),
    (0.915, 0.36),
    (0.97, 0.55),
    (1.0, 0.75),
    (1.0, 0.97),
    (0.96, 1.12),
    (0.70, 1.22),
    (0.30, 1.22),
    (-0.02, 1.18),
)
"""Inner chest wall: x over the half width, y over the height of the costophrenic angle."""


def nearer(visit: Visit) -> float:
    """Return how much larger the heart is shown than on a PA film."""
    return _NEARER if visit.view == "AP" else 1.0


def pose(body: Body, visit: Visit) -> Chest:
    """Return the chest of a healthy patient at a visit."""
    # A shallow breath narrows the chest and crowds its vessels; the heart lies broader.
    shallow = visit.breath / body.height
    return Chest(
        body=body,
        visit=visit,
        half_width=body.half_width * (1 - 0.25 * shallow),
        right_dome=body.height - visit.breath,
        left_dome=body.height - visit.breath + body.left_dome,
        dome_rise=body.dome_rise,
        heart_width=2 * body.half_width * body.heart * nearer(visit) * (1 + 0.4 * shallow),
        lung_density=LUNG_DENSITY * (1 + 1.6 * shallow) * (1 - 0.12 * (body.age > 70)),
        vessels=body.vessels * (1 + 2.0 * shallow),
    )


def signs(side: Side) -> tuple[int, ...]:
    """Return the signs of x on these sides."""
    return {"right": (-1,), "left": (1,), "both": (-1, 1), "": ()}[side]
