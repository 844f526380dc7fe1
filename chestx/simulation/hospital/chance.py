"""Chance that depends on nothing but what it is for."""

import numpy as np


def chance_of(seed: int, *which: int) -> np.random.Generator:
    """Return the generator that belongs to the numbers: those of a patient, a visit, a film."""
    return np.random.default_rng([seed, *which])


def seed_of(seed: int, *which: int) -> int:
    """Return a seed of 32 bits that belongs to the numbers."""
    return int(np.random.SeedSequence([seed, *which]).generate_state(1)[0])
