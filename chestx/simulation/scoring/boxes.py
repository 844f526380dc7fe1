"""Whether boxes lie on the images where the lesions are."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from chestx.dataset.nih.columns import BOX_LIST, BOX_SYNONYMS
from chestx.simulation.hospital.truth import BOXES
from chestx.simulation.scoring.tables import MANIFEST, Fields, by, read_rows

NEAR = 1.0
"""How far an edge may be off, in pixels of the image: boxes are cut at the film's edges."""

Edges = tuple[float, float, float, float]
EDGES = ("Bbox [x", "y", "w", "h]")


class BoxScore(NamedTuple):
    """Boxes that were drawn, those of them in their place, those in the list, and no one's."""

    drawn: int
    placed: int
    listed: int
    strange: int


def score_boxes(truth: Path, dataset: Path, crosswalk: Sequence[Fields]) -> BoxScore:
    """Compare the dataset's list with the drawn boxes, scaled to the images."""
    manifest = by("image", read_rows(dataset / MANIFEST))
    images = {row["sop_instance_uid"]: row["image"] for row in crosswalk}
    drawn = [box for box in read_rows(truth / BOXES) if box["drawn"] == "1"]
    listed = [
        (row["Image Index"], _class(row["Finding Label"]), _edges(row, EDGES))
        for row in read_rows(dataset / BOX_LIST)
    ]
    left = list(listed)
    for box in drawn:
        image = images.get(box["sop_instance_uid"], "")
        if image:
            wanted = (image, box["label"], _on_image(box, manifest[image]))
            found = next((one for one in left if _same(one, wanted)), None)
            if found:
                left.remove(found)
    return BoxScore(len(drawn), len(listed) - len(left), len(listed), len(left))


def _same(one: tuple[str, str, Edges], other: tuple[str, str, Edges]) -> bool:
    near = all(abs(a - b) <= NEAR for a, b in zip(one[2], other[2], strict=True))
    return one[:2] == other[:2] and near


def _on_image(box: Fields, row: Fields) -> Edges:
    x, y, width, height = _edges(box, ("x", "y", "width", "height"))
    scale_x, scale_y = float(row["scale_x"]), float(row["scale_y"])
    return (
        x * scale_x + float(row["offset_x"]),
        y * scale_y + float(row["offset_y"]),
        width * scale_x,
        height * scale_y,
    )


def _edges(row: Fields, names: Sequence[str]) -> Edges:
    x, y, width, height = (float(row[name]) for name in names)
    return x, y, width, height


def _class(listed: str) -> str:
    return BOX_SYNONYMS.get(listed, listed)
