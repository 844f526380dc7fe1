"""The habits of a simulated radiologist: always the same for the same number."""

from dataclasses import dataclass
from functools import cache
from random import Random

from chestx.simulation.report.grammar import pick
from chestx.simulation.report.vocabulary import House, houses, organ_headings

RADIOLOGISTS = 80
ORDERS = (
    ("limits", "devices", "heart", "mediastinum", "lungs", "pleura", "bones", "abdomen"),
    ("limits", "lungs", "pleura", "heart", "mediastinum", "bones", "abdomen", "devices"),
    ("limits", "devices", "lungs", "pleura", "heart", "mediastinum", "abdomen", "bones"),
    ("heart", "mediastinum", "lungs", "pleura", "bones", "abdomen", "devices", "limits"),
)


@dataclass(frozen=True, slots=True)
class Radiologist:
    """How someone writes: the houses worked for, the order of organs, small habits.

    `compares` is how often earlier films are spoken of, `remarks` how much is said beside what
    was asked, `restates` how often the impression repeats what the findings name.
    """

    houses: tuple[House, ...]
    order: tuple[str, ...]
    organs: dict[str, tuple[str, ...]]
    serial_comma: bool
    spaces: str
    bullet: str
    compares: float
    remarks: float
    restates: float


@cache
def radiologist(number: int) -> Radiologist:
    """Return the habits of one of `RADIOLOGISTS`."""
    draw = Random(number).random
    weighted = [house for house in houses() for _ in range(house.weight)]
    return Radiologist(
        (pick(weighted, draw), pick(weighted, draw)),
        pick(ORDERS, draw),
        pick(organ_headings(), draw),
        draw() < 0.5,
        pick((" ", " ", "  "), draw),
        pick(("- ", "- ", "* ", "\u2022 "), draw),
        0.3 + 0.7 * draw(),
        0.4 + 0.9 * draw(),
        0.6 + 0.4 * draw(),
    )
