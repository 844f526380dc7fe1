"""A film with what a model says of it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from chestx.model.evaluation.located import Located
from chestx.model.prediction.inputs import Source
from chestx.model.prediction.read import ReadFilm

_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Predicted:
    """`classes` are name, score and heatmap [S, S]; `found` those that reach the threshold.

    `limits` are the lowest and the highest value that a heatmap can have, None where it has none.
    """

    source: Source
    read: ReadFilm
    classes: Sequence[tuple[str, float, npt.NDArray[np.float32]]]
    found: Mapping[str, Located]
    limits: tuple[float, float] | None

    def line(self, overlay: str | None) -> str:
        """Return the line of `predictions.jsonl`; `overlay` is the film's picture."""
        place = self.read.place
        line = {
            "image": self.source.image,
            "rows": place.rows,
            "columns": place.columns,
            "scores": {name: round(score, _DECIMALS) for name, score, _ in self.classes},
            "findings": {name: one.as_json(place) for name, one in self.found.items()},
            "overlay": overlay,
        }
        return json.dumps(line, ensure_ascii=False) + "\n"
