"""How a dataset's images were made of films: what a film that is predicted goes through too."""

import json
from collections.abc import Mapping
from typing import Literal, NamedTuple

from chestx.dataset.film import Placement
from chestx.dataset.films.fit import Fit, fit_to
from chestx.dataset.films.stored import Patterns
from chestx.dataset.nih.folder import NihDataset


class ImageFormat(NamedTuple):
    """Side of the images in pixels, 0 where they differ; how films were fitted to it; bits."""

    size: int = 0
    fit: Fit = "squash"
    bits: Literal[8, 16] = 8

    def of_film(self, picture: Patterns, size: int) -> tuple[Patterns, Placement]:
        """Return a film's picture as an image of the dataset, and where its pixels went.

        Of images that differ in size nothing is known but that a network sees them as `size`.
        """
        return fit_to(picture, self.size or size, self.fit)


def image_format(dataset: NihDataset, sizes: Mapping[str, tuple[int, int]]) -> ImageFormat:
    """Return the format of a dataset's images of these sizes.

    `build-dataset` notes it in `run.json`. NIH's download and others without that note have images
    of 8 bits that were squashed, as the paper says of NIH's.
    """
    sides = {side for size in sizes.values() for side in size}
    fit: Fit = "squash"
    bits: Literal[8, 16] = 8
    noted = _noted(dataset)
    if noted.get("fit") == "pad":
        fit = "pad"
    if noted.get("bits") == 16:
        bits = 16
    return ImageFormat(sides.pop() if len(sides) == 1 else 0, fit, bits)


def _noted(dataset: NihDataset) -> Mapping[str, object]:
    try:
        run = json.loads((dataset.folder / "run.json").read_text("utf-8"))
        options = run["options"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return options if isinstance(options, dict) else {}
