"""What of the films of a run may be meant so, but should be known before hours are spent."""

from collections.abc import Iterable, Sequence

import numpy as np

from chestx.dataset.nih.folder import NihDataset
from chestx.errors import ChestxError
from chestx.model.data.check import Checked


def notes_of(
    dataset: NihDataset,
    checked: Checked,
    train: Sequence[str],
    val: Sequence[str],
    *,
    with_boxes: bool,
) -> tuple[str, ...]:
    """Return lines for the user on the images that are learned from and chosen by, `train`, `val`.

    `with_boxes` tells that the method learns from boxes where there are some. Raises `ChestxError`
    where none of `train` has any of the classes.
    """
    classes = checked.classes
    positives, negatives = _sides(dataset, train, classes)
    if not any(positives):
        raise ChestxError(
            f"no image of the training set has any of the classes {', '.join(classes)}: "
            "choose other classes or another split"
        )
    notes = [
        _note(classes, [not n for n in positives], "has no positive image in the training set"),
        _note(classes, [not n for n in negatives], "has no negative image in the training set"),
    ]
    if with_boxes and not any(image in checked.boxes for image in train):
        others = f" (of all images of the sets {len(checked.boxes):,} have one)"
        notes.append(
            "no image that is learned from has a box: labels alone will teach where to look"
            + others * bool(checked.boxes)
        )
    if not any(map(min, *_sides(dataset, val, classes))):
        notes.append(
            "no class has positives and negatives in the validation set, so that no AUC can be "
            "had: the best model is the last one"
        )
    return tuple(note for note in notes if note)


def _sides(
    dataset: NihDataset, images: Sequence[str], classes: Sequence[str]
) -> tuple[list[int], list[int]]:
    """Return how many of the images have each class, and how many have not."""
    positives = dataset.targets(classes)[dataset.rows(images)].sum(axis=0, dtype=np.int64)
    return positives.tolist(), (len(images) - positives).tolist()


def _note(classes: Sequence[str], which: Iterable[bool], what: str) -> str:
    names = [name for name, yes in zip(classes, which, strict=True) if yes]
    return f"{', '.join(names)}: {what}" if names else ""
