"""What the rooms of the simulation hand to each other: findings, films, reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Side = Literal["left", "right", "both", ""]
"""The patient's; empty for what lies in the middle."""
Zone = Literal["apex", "upper", "middle", "lower", "base", "whole", ""]
"""A part of the lung; "whole" where it is spread over all of it, empty where it is outside."""
View = Literal["PA", "AP", "LL"]
Sex = Literal["F", "M"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A class of ChestX-ray14 as it is on a film.

    `extent` is in 0..1: from barely visible to as large and dense as it gets. `number` is how many
    there are, as of nodules; each is boxed.
    """

    label: str
    side: Side
    zone: Zone
    extent: float
    number: int = 1


class LesionBox(NamedTuple):
    """A lesion's box in pixels of the film: left and upper edge, width and height."""

    label: str
    x: float
    y: float
    width: float
    height: float


class DrawnFilm(NamedTuple):
    """A film as a radiologist sees it.

    `brightness` float32 [rows, columns] in 0..1: 0 is black, as air is, 1 white, as bone is.
    `boxes` bound what was drawn of each lesion that can be boxed; a diffuse finding has one box
    for each side.
    """

    brightness: npt.NDArray[np.float32]
    boxes: tuple[LesionBox, ...]


class SimulatedReport(NamedTuple):
    """A report and what it says: 1 present, -1 uncertain, 0 negated; classes unsaid are absent."""

    text: str
    states: Mapping[str, int]
