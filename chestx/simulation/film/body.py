"""A patient's chest: all that stays the same from one visit to the next."""

from dataclasses import dataclass

from chestx.simulation.study import Sex


@dataclass(frozen=True, slots=True)
class Body:
    """A patient's build."""

    seed: int
    sex: Sex
    age: int


def make_body(*, seed: int, sex: Sex, age: int) -> Body:
    """Return the chest of a patient: the same for the same arguments."""
    return Body(seed=seed, sex=sex, age=age)
