"""What is found at a visit, and what becomes of it until the next."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from chestx.simulation.study import Finding, Side, Zone

NOTHING_FOUND = 0.42
"""Share of patients with nothing at their first visit: some fall ill later."""
MORE = (0.5, 0.33, 0.17)
"""Chances of one, two and three findings where there are any."""
APPEARS = 0.3
LEAST, MOST = 0.15, 1.0
"""Extents: what shrinks below the least is gone."""

IMAGES: Mapping[str, int] = {
    "Atelectasis": 11535,
    "Cardiomegaly": 2772,
    "Effusion": 13307,
    "Infiltration": 19871,
    "Mass": 5746,
    "Nodule": 6323,
    "Pneumonia": 1353,
    "Pneumothorax": 5298,
    "Consolidation": 4667,
    "Edema": 2303,
    "Emphysema": 2516,
    "Fibrosis": 1686,
    "Pleural_Thickening": 3385,
    "Hernia": 227,
}
"""Images of each class in ChestX-ray14 (Wang et al. 2017, arXiv:1705.02315v5, Table 16).

Their cube roots are the weights here, so that the rare occur in a few hundred studies.
"""

# How much likelier two findings are together than by chance.
TOGETHER: Mapping[frozenset[str], float] = {
    frozenset(pair): times
    for *pair, times in (
        ("Atelectasis", "Effusion", 4.0),
        ("Cardiomegaly", "Edema", 5.0),
        ("Cardiomegaly", "Effusion", 3.0),
        ("Edema", "Effusion", 3.0),
        ("Consolidation", "Effusion", 2.0),
        ("Consolidation", "Pneumonia", 3.0),
        ("Infiltration", "Pneumonia", 2.0),
        ("Emphysema", "Pneumothorax", 3.0),
        ("Emphysema", "Fibrosis", 2.0),
        ("Fibrosis", "Pleural_Thickening", 3.0),
        ("Mass", "Nodule", 3.0),
        ("Edema", "Emphysema", 0.2),
        ("Atelectasis", "Pneumothorax", 2.0),
    )
}


class Habit(NamedTuple):
    """Where a finding sits, how many there may be, and whether it stays for years."""

    sides: tuple[Side, ...]
    zones: tuple[Zone, ...]
    most: int = 1
    chronic: bool = False


_ONE: tuple[Side, ...] = ("left", "right")
_LUNGS: tuple[Side, ...] = ("left", "right", "right", "left", "both")
HABITS: Mapping[str, Habit] = {
    "Atelectasis": Habit(_LUNGS, ("base", "base", "lower", "middle")),
    "Cardiomegaly": Habit(("",), ("",), chronic=True),
    "Effusion": Habit(_LUNGS, ("base",)),
    "Infiltration": Habit(_LUNGS, ("upper", "middle", "lower")),
    "Mass": Habit(_ONE, ("upper", "middle", "lower"), chronic=True),
    "Nodule": Habit(_ONE, ("upper", "middle", "lower"), most=4, chronic=True),
    "Pneumonia": Habit(_LUNGS, ("upper", "middle", "lower", "lower")),
    "Pneumothorax": Habit(_ONE, ("apex",)),
    "Consolidation": Habit(_LUNGS, ("upper", "middle", "lower", "lower")),
    "Edema": Habit(("both",), ("whole",)),
    "Emphysema": Habit(("both",), ("whole", "upper"), chronic=True),
    "Fibrosis": Habit(_LUNGS, ("upper", "lower", "base"), chronic=True),
    "Pleural_Thickening": Habit(_LUNGS, ("apex", "lower"), chronic=True),
    "Hernia": Habit(("",), ("",), chronic=True),
}

# Chances to be as before, better, worse, gone.
_ACUTE, _CHRONIC = (0.25, 0.3, 0.2, 0.25), (0.7, 0.05, 0.2, 0.05)


def first_findings(chance: np.random.Generator) -> tuple[Finding, ...]:
    """Return what is found at a patient's first visit."""
    found: tuple[Finding, ...] = ()
    if chance.random() < NOTHING_FOUND:
        return found
    for _ in range(int(chance.choice(len(MORE), p=MORE)) + 1):
        found += (_new(found, chance),)
    return found


def next_findings(before: Sequence[Finding], chance: np.random.Generator) -> tuple[Finding, ...]:
    """Return what is found at the visit after one at which `before` was found."""
    found = tuple(one for one in (_later(finding, chance) for finding in before) if one)
    if len(found) < len(MORE) and chance.random() < APPEARS:
        found += (_new(found, chance),)
    return found


def _later(finding: Finding, chance: np.random.Generator) -> Finding | None:
    fates = _CHRONIC if HABITS[finding.label].chronic else _ACUTE
    factor = (1.0, 0.6, 1.5, 0.0)[int(chance.choice(4, p=fates))]
    extent = round(min(finding.extent * factor, MOST), 2)
    return replace(finding, extent=extent) if extent >= LEAST else None


def _new(beside: Sequence[Finding], chance: np.random.Generator) -> Finding:
    there = {finding.label for finding in beside}
    weights = np.array([_weight(label, there) for label in IMAGES])
    label = str(chance.choice(list(IMAGES), p=weights / weights.sum()))
    habit = HABITS[label]
    number = int(chance.integers(1, habit.most + 1)) if chance.random() < 0.5 else 1
    side = habit.sides[int(chance.integers(len(habit.sides)))]
    return Finding(
        label=label,
        side="both" if number > 2 else side,
        zone=habit.zones[int(chance.integers(len(habit.zones)))],
        extent=round(float(LEAST + (MOST - LEAST) * chance.beta(1.6, 1.8)), 2),
        number=number,
    )


def _weight(label: str, there: set[str]) -> float:
    """Return how likely a further finding is, nothing where it is there already."""
    if label in there:
        return 0.0
    weight = float(np.cbrt(IMAGES[label]))
    for other in there:
        weight *= TOGETHER.get(frozenset((label, other)), 1.0)
    return weight
