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
