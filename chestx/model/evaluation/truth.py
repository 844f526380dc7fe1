"""The boxes of radiologists on the films of a split, by image and class."""

from collections.abc import Iterable, Mapping, Sequence

from chestx.dataset.nih.folder import NihDataset
from chestx.model.equations.pixels import XYWH

Key = tuple[str, str]
"""An image and a class, by name."""
Truth = Mapping[Key, Sequence[XYWH]]


def truth_boxes(dataset: NihDataset, images: Iterable[str]) -> dict[Key, list[XYWH]]:
    """Return the boxes on `images`, in pixels of the images (1024 x 1024 in NIH's)."""
    wanted = set(images)
    columns = (dataset.boxes[name].tolist() for name in dataset.boxes.columns)
    found: dict[Key, list[XYWH]] = {}
    for image, label, x, y, width, height in zip(*columns, strict=True):
        if image in wanted:
            found.setdefault((image, label), []).append((x, y, width, height))
    return found


def annotated_images(truth: Truth) -> list[str]:
    """Return the images that have a box of any class, by name."""
    return sorted({image for image, _ in truth})
