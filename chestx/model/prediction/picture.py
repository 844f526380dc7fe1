"""The overlay picture of a film: what was found, a class in each row."""

import io

from PIL import Image

from chestx.model.evaluation.overlays import Marked, Seen, draw_seen
from chestx.model.prediction.predicted import Predicted

MOST_DRAWN = 3
"""Classes in a picture."""


def draw(film: Predicted) -> bytes:
    """Return a PNG of the classes that were found, highest score first, at most `MOST_DRAWN`.

    Where none was, the class with the highest score is drawn, its heatmap alone.
    """
    assert film.read.film is not None
    seen = _seen(film, film.read.film.shape)
    rows = [draw_seen(film.read.film, one, spacing=film.read.spacing) for one in seen]
    return rows[0] if len(rows) == 1 else _stacked(rows)


def _seen(film: Predicted, shape: tuple[int, int]) -> list[Seen]:
    """Choose the classes; say how each is drawn on a picture of `shape`.

    Activations, which have no limits, are coloured from the heatmap's lowest to its highest. A
    region's outline says more than the boxes around it.
    """
    ranked = sorted(film.classes, key=lambda one: -one[1])
    seen = []
    for name, score, heatmap in ranked[:MOST_DRAWN]:
        found = film.found.get(name)
        if found is None:
            break
        drawn = found.on(*shape) if found.region is None else []
        boxes = [Marked(box) for box in drawn]
        seen.append(Seen(name, score, heatmap, film.limits, boxes, found.region))
    return seen or [Seen(*ranked[0], film.limits)]


def _stacked(pngs: list[bytes]) -> bytes:
    rows = [Image.open(io.BytesIO(png)) for png in pngs]
    whole = Image.new("RGB", (rows[0].width, sum(row.height for row in rows)))
    top = 0
    for row in rows:
        whole.paste(row, (0, top))
        top += row.height
    file = io.BytesIO()
    whole.save(file, "PNG", compress_level=4)
    return file.getvalue()
