"""Whether images look as the films did."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from chestx.dataset.nih.columns import IMAGES
from chestx.simulation.hospital.truth import EDGE, FILMS
from chestx.simulation.scoring.tables import MANIFEST, Fields, by, read_rows

MOST = 99.9
_LEAST = 32
"""A side in pixels below which a film is no longer compared as a picture."""


class ImageScore(NamedTuple):
    """Differences in grey levels: the largest, and what 99.9% of the compared pixels are within."""

    images: int
    largest: int
    most: int


def score_images(truth: Path, dataset: Path, crosswalk: Sequence[Fields]) -> ImageScore:
    """Compare the images with the brightness of the films, both averaged to the same size.

    The truth has 256 x 256 pixels, each the mean of its part of the film. An image of 384 is made
    of other parts; both are means of the same at 128, the largest size that divides them. Images
    that are larger than their film, or not square, differ by how they were resized, too.
    """
    import numpy as np

    manifest = by("image", read_rows(dataset / MANIFEST))
    counts = np.zeros(256, np.int64)
    compared = 0
    for row in crosswalk:
        film = truth / FILMS / f"{row['sop_instance_uid']}.png"
        if film.exists():
            image = _film_part(dataset / IMAGES / row["image"], manifest[row["image"]])
            counts += np.bincount(_differences(image, film).ravel(), minlength=256)
            compared += 1
    if not compared:
        return ImageScore(0, 0, 0)
    shares = 100 * np.cumsum(counts) / counts.sum()
    largest, most = int(np.flatnonzero(counts)[-1]), int(np.searchsorted(shares, MOST))
    return ImageScore(compared, largest, most)


def _film_part(path: Path, row: Fields) -> Any:
    """Return the part of an image that is film: without the bars of `--fit pad`."""
    left, top = round(float(row["offset_x"])), round(float(row["offset_y"]))
    width = round(float(row["scale_x"]) * int(row["columns"]))
    height = round(float(row["scale_y"]) * int(row["rows"]))
    return _read(path)[top : top + height, left : left + width]


def _differences(image: Any, film: Path) -> Any:
    import cv2
    import numpy as np

    size = math.gcd(EDGE, *image.shape)
    side = size if size >= _LEAST else EDGE
    seen, drawn = (
        cv2.resize(one.astype(np.float32), (side, side), interpolation=cv2.INTER_AREA)
        for one in (image, _read(film))
    )
    return np.rint(np.abs(seen - drawn)).astype(np.int64)


def _read(path: Path) -> Any:
    import cv2

    return cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
