"""What differs from visit to visit: how the patient stood, breathed, and was exposed."""

from dataclasses import dataclass

import numpy as np

from chestx.simulation.study import View


@dataclass(frozen=True, slots=True)
class Visit:
    """One exposure."""

    view: View
    seed: tuple[int, int]
    """The body's and the visit's own."""
    turn: float
    """Sine of the turn about the long axis: what lies in front moves by it times its depth."""
    tilt: float
    """Of the patient in the film's plane, in degrees."""
    breath: float
    """How far short of full inspiration the domes stay, in cm."""
    offset: tuple[float, float]
    """Of the chest's middle from the film's middle, in cm."""
    field: float
    """How much larger than the chest the film is."""
    photons: float
    """Per cm2 of the detector behind the lungs, where the automatic exposure measures."""
    contrast: float
    """Slope of the display curve, about 1."""
    level: float
    """Shift of the display curve: above 0 the film is darker."""
    detail: float
    """How much the reader's software lifts fine detail over the broad."""


def make_visit(view: View, seed: int, body_seed: int) -> Visit:
    """Draw a visit."""
    rng = np.random.default_rng([body_seed, seed, 11])
    lying = view == "AP"
    spread = 2.0 if lying else 1.0
    return Visit(
        view=view,
        seed=(body_seed, seed),
        turn=float(rng.normal(0, 0.045) * spread),
        tilt=float(rng.normal(0, 1.5) * spread),
        breath=float(abs(rng.normal(0, 0.7)) + (rng.uniform(0.5, 3.2) if lying else 0)),
        offset=(float(rng.normal(0, 0.7) * spread), float(rng.normal(0, 0.7) * spread)),
        field=float(rng.uniform(0.98, 1.2)),
        photons=float(10 ** rng.uniform(6.1, 7.0) * (0.6 if lying else 1)),
        contrast=float(np.clip(rng.normal(0.95, 0.15), 0.65, 1.35)),
        level=float(rng.normal(-0.05, 0.28) * (1.4 if lying else 1)),
        detail=float(rng.uniform(0.0, 0.45)),
    )
