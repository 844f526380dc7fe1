"""A patient's chest: all that stays the same from one visit to the next."""

from dataclasses import dataclass

import numpy as np

from chestx.simulation.study import Sex

# Women's chests are smaller by this.
_WOMAN = 0.92


@dataclass(frozen=True, slots=True)
class Body:
    """A patient's build.

    Lengths are in cm, in the plane of the film, and a grown-up's: a child's are these times
    `growth`.
    """

    seed: int
    sex: Sex
    age: int
    growth: float
    half_width: float
    """From the midline to the inner chest wall, where that is widest."""
    height: float
    """From the apex of the lungs to the right dome of the diaphragm, in full inspiration."""
    depth: float
    """Of the chest's cavity, from front to back."""
    fat: float
    """Of the chest wall, beyond muscle."""
    heart: float
    """Width of the heart over that of the chest: the cardiothoracic ratio of a PA film."""
    heart_tilt: float
    """0: a slender upright heart; 1: a broad one that lies."""
    knob: float
    """How far the aortic knob stands out."""
    unfolded: float
    """How far the aorta is elongated, as in the old: 0..1."""
    dome_rise: float
    """Of the domes above the costophrenic angles."""
    left_dome: float
    """How much lower the left dome is."""
    rib_spacing: float
    rib_drop: float
    """From a rib's hind end down to its front end."""
    bone: float
    """Mineral of the bones, 1 in the young."""
    breast: float
    """Radius; 0 in men."""
    breast_height: float
    vessels: float
    """How richly the lungs are drawn: about 1."""
    scoliosis: float
    """How far the spine swings to a side."""
    gas: float
    """Width of the gastric bubble; 0 where there is none."""
    shoulders: float
    """How high they are drawn, in cm."""


def make_body(*, seed: int, sex: Sex, age: int) -> Body:
    """Return the chest of a patient: the same for the same arguments."""
    rng = np.random.default_rng([seed, 71])
    size = _WOMAN if sex == "F" else 1.0
    old = _within((age - 40) / 45, 0, 1)
    habitus = float(rng.beta(2.2, 3.2))
    stocky = habitus - 0.4 + 0.3 * old
    height = size * (23.0 - 2.6 * stocky + rng.normal(0, 1.0))
    return Body(
        seed=seed,
        sex=sex,
        age=age,
        growth=_growth(age),
        half_width=size * (13.9 + 0.9 * stocky + rng.normal(0, 0.6)),
        height=height,
        depth=size * (15.5 + 3.0 * stocky + rng.normal(0, 0.7)),
        fat=size * (0.5 + 3.4 * habitus**1.5),
        heart=_within(0.43 + 0.035 * stocky + 0.02 * old + rng.normal(0, 0.018), 0.37, 0.485),
        heart_tilt=_within(0.45 + 0.6 * stocky + rng.normal(0, 0.2), 0, 1),
        knob=size * (0.5 + 0.9 * old + abs(rng.normal(0, 0.25))),
        unfolded=_within(old * rng.uniform(0.2, 1.2), 0, 1),
        dome_rise=size * (3.0 + 0.5 * stocky + rng.normal(0, 0.5)),
        left_dome=size * rng.normal(1.0, 0.5),
        rib_spacing=height / 9.9 * (1 + rng.normal(0, 0.03)),
        rib_drop=size * (13.0 - 1.8 * stocky + rng.normal(0, 0.7)),
        bone=float((1.05 - 0.35 * old * (1.2 if sex == "F" else 0.8)) * rng.uniform(0.9, 1.1)),
        breast=(4.6 + 3.6 * habitus + rng.normal(0, 0.6)) * size * _grown(sex, age),
        breast_height=height * (0.70 + 0.10 * old + rng.normal(0, 0.04)),
        vessels=float(rng.uniform(0.8, 1.2)),
        scoliosis=float(rng.normal(0, 0.35)),
        gas=float(size * rng.uniform(1.6, 4.2) * (rng.random() < 0.8)),
        shoulders=float(rng.normal(0, 0.8)),
    )


def _growth(age: int) -> float:
    """Return a child's size over a grown-up's."""
    return min(1.0, 0.45 + 0.55 * age / 16)


def _grown(sex: Sex, age: int) -> float:
    return 1.0 if sex == "F" and age >= 14 else 0.0


def _within(value: float, low: float, high: float) -> float:
    return min(max(float(value), low), high)
