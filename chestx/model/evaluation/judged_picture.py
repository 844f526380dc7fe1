"""The picture of an annotated film: what is hit there is what the tables count."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from chestx.model.equations.pixels import XYWH
from chestx.model.evaluation.canvas import Grey
from chestx.model.evaluation.overlap import box_overlap, cover, region_overlap
from chestx.model.evaluation.overlays import Marked, Seen, draw_judged
from chestx.model.methods.method import Finding, Method

HIT_AT = 0.3
"""IoU above which something found is drawn as a hit."""


def judged_picture(
    film: Grey,
    method: Method,
    name: str,
    score: float,
    heatmap: npt.NDArray[np.float32],
    found: Finding,
    truth: Sequence[XYWH],
) -> bytes:
    """Return the PNG of a film [size, size] with what `method` finds of a class, and its truth.

    Boxes are in pixels of the film. A patch model is judged by its region, so that its region is
    drawn and not the boxes around it.
    """
    limits = method.heatmap_range
    seen = Seen(name, score, heatmap, limits, *marked(found, truth, len(film)))
    return draw_judged(film, seen, truth, rule=f"IoU > {HIT_AT}")


def marked(
    found: Finding, truth: Sequence[XYWH], size: int
) -> tuple[list[Marked], npt.NDArray[np.bool_] | None, bool | None]:
    """Return `boxes`, `region` and `region_hits` of `Seen` for an image of `size` pixels a side."""
    if found.region is None:
        best = box_overlap(found.boxes, truth).iou.max(axis=1, initial=0.0) > HIT_AT
        return list(map(Marked, found.boxes, best.tolist())), None, None
    covered = cover(truth, size, len(found.region))
    return [], found.region, bool(region_overlap(found.region, covered, size).iou > HIT_AT)
