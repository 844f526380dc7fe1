"""`predictions.jsonl`: what the model says of each image, for pages that show it."""

import base64
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from chestx.dataset.film import Placement
from chestx.model.evaluation.located import OnFilm, locate
from chestx.model.methods.method import Method

PREDICTIONS = "predictions.jsonl"
THRESHOLD = 0.5
"""A class whose score is not below it is a finding."""
_DECIMALS = 6
Floats = npt.NDArray[np.float32]


class Lines:
    """Makes the line of an image.

    It has `image`, `rows`, `columns`, `scores` by class, `findings` of the classes whose score is
    not below `THRESHOLD` and of those that `told` has for the image, with `boxes` and of a patch
    model `region` in pixels of the image, and `heatmaps` of the same classes and of the one with
    the highest score: `side`, the values of 0 and 255, and the cells as bytes in base64.
    """

    def __init__(
        self,
        method: Method,
        sizes: Mapping[str, tuple[int, int]],
        told: Mapping[str, Collection[str]],
    ) -> None:
        self.method, self.sizes, self.told = method, sizes, told

    def of(self, image: str, scores: Sequence[float], heatmaps: Floats) -> str:
        """Return the line of an image with its scores [C] and heatmaps [C, S, S]."""
        columns, rows = self.sizes[image]
        place = OnFilm(rows, columns, 1, Placement(1 / columns, 1 / rows))
        names = self.method.classes
        by_score, by_heatmap = (
            dict(zip(names, values, strict=True)) for values in (scores, heatmaps)
        )
        found = {n for n in names if by_score[n] >= THRESHOLD} | set(self.told.get(image, ()))
        shown = found | {max(names, key=by_score.__getitem__)}
        line = {
            "image": image,
            "rows": rows,
            "columns": columns,
            "scores": {name: round(score, _DECIMALS) for name, score in by_score.items()},
            "findings": {
                name: locate(self.method, by_heatmap[name]).as_json(place)
                for name in names
                if name in found
            },
            "heatmaps": {name: self._cells(by_heatmap[name]) for name in names if name in shown},
        }
        return json.dumps(line, ensure_ascii=False) + "\n"

    def _cells(self, heatmap: Floats) -> dict[str, Any]:
        low, high = self.method.heatmap_range or (float(heatmap.min()), float(heatmap.max()))
        share = (heatmap - low) / (high - low) if high > low else np.zeros_like(heatmap)
        cells = np.rint(255 * np.nan_to_num(share).clip(0, 1)).astype(np.uint8)
        return {
            "side": len(cells),
            "low": round(low, _DECIMALS),
            "high": round(high, _DECIMALS),
            "values": base64.b64encode(cells.tobytes()).decode(),
        }
