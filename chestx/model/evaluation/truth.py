"""What the films of a split have: labels, and boxes of radiologists by image and class."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from chestx.dataset.nih.folder import NihDataset
from chestx.model.data.uncertain import uncertain_labels
from chestx.model.equations.pixels import XYWH

Key = tuple[str, str]
"""An image and a class, by name."""
Truth = Mapping[Key, Sequence[XYWH]]


def truth_labels(
    dataset: NihDataset, images: Sequence[str], classes: Sequence[str]
) -> npt.NDArray[np.int8]:
    """Return 1 where an image has a class, 0 where not, -1 where it is uncertain: [N, C]."""
    labels = dataset.targets(classes)[dataset.rows(images)].astype(np.int8)
    uncertain = uncertain_labels(dataset)
    for row, image in enumerate(images):
        for name in uncertain.get(image, frozenset()).intersection(classes):
            labels[row, classes.index(name)] = -1
    return labels


def truth_boxes(dataset: NihDataset, images: Iterable[str]) -> dict[Key, list[XYWH]]:
    """Return the boxes on `images`, in their order, in pixels of the images (1024 in NIH's)."""
    wanted = {image: at for at, image in enumerate(images)}
    columns = (dataset.boxes[name].tolist() for name in dataset.boxes.columns)
    found: dict[Key, list[XYWH]] = {}
    for image, label, x, y, width, height in zip(*columns, strict=True):
        if image in wanted:
            found.setdefault((image, label), []).append((x, y, width, height))
    return {key: found[key] for key in sorted(found, key=lambda key: wanted[key[0]])}


def scaled_boxes(
    boxes: Truth,
    sizes: Mapping[str, tuple[int, int]],
    frame: tuple[int, int] | None,
    size: int,
) -> dict[Key, list[XYWH]]:
    """Return boxes in pixels of images that are made size x size.

    They counted in pictures of `frame`, width and height, or else in the images, whose `sizes` are
    given.
    """
    scaled: dict[Key, list[XYWH]] = {}
    for key, found in boxes.items():
        width, height = frame or sizes[key[0]]
        scaled[key] = [
            (x / width * size, y / height * size, w / width * size, h / height * size)
            for x, y, w, h in found
        ]
    return scaled


def annotated_images(truth: Truth) -> list[str]:
    """Return the images that have a box of any class, by name."""
    return sorted({image for image, _ in truth})
