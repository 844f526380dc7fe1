"""Which images a model learns from, is chosen by, and is judged on: always by patient."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from chestx.dataset.nih.folder import NihDataset
from chestx.dataset.splits.fractions import Fractions
from chestx.dataset.splits.stratify import split_patients
from chestx.job.count import count

VAL_FRACTION = 0.125
"""Of what is not for testing: 10 of 80 per cent, as Li et al. have it."""
WHOLE: Fractions = (0.7, 0.1, 0.2)
"""Of a dataset without lists: as both papers have it."""


class DataSplit(NamedTuple):
    """Names of images; those of a patient are all in one of the three. `told` is for the user."""

    train: Sequence[str]
    val: Sequence[str]
    test: Sequence[str]
    told: str = ""

    @property
    def images(self) -> list[str]:
        """All images."""
        return [*self.train, *self.val, *self.test]


def split_dataset(dataset: NihDataset, *, seed: int) -> DataSplit:
    """Return the split that the folder's lists say, or one by patient where they say none.

    With NIH's two lists, or where there is no list for validation, the validation set is an eighth
    of the patients that are not for testing. Without any list it is 70, 10 and 20 per cent. What
    is drawn depends on `seed` and the patients, and is stratified by class. Images that no list
    names are not used where there is one for training. A list that names only a part of a
    patient's images keeps the others out of the sets before it, too.
    """
    lists = dataset.splits
    if not lists:
        drawn = draw_split(dataset, dataset.entries["image"].tolist(), WHOLE, seed=seed)
        told = "the dataset has no lists: 70, 10 and 20% of its patients drawn for train, val, test"
        return drawn._replace(told=told)
    test = dataset.split("test") if "test" in lists else []
    if "val" in lists:
        val = dataset.split("val")
        name = "train" if "train" in lists else "train_val"
        if name in lists:
            listed = _without(dataset.split(name), val)
            train = _of_other_patients(dataset, listed, [*val, *test])
            return DataSplit(train, val, test, _left_out(len(listed) - len(train), name))
        train = _of_other_patients(dataset, dataset.entries["image"].tolist(), [*val, *test])
        return DataSplit(train, val, test, _rest("train", train))
    if "train_val" in lists or "train" in lists:
        source = "train_val" if "train_val" in lists else "train"
        drawn = with_validation(dataset, dataset.split(source), seed=seed)
        told = f"an eighth of the patients of {source} drawn for validation"
        return DataSplit(drawn.train, drawn.val, test, told)
    rest = _of_other_patients(dataset, dataset.entries["image"].tolist(), test)
    drawn = with_validation(dataset, rest, seed=seed)
    return DataSplit(drawn.train, drawn.val, test, _rest("train and val", drawn.images))


def with_validation(dataset: NihDataset, images: Sequence[str], *, seed: int) -> DataSplit:
    """Take an eighth of the patients of `images` for validation; `test` is empty."""
    return draw_split(dataset, images, (1 - VAL_FRACTION, VAL_FRACTION, 0.0), seed=seed)


def draw_split(
    dataset: NihDataset, images: Sequence[str], fractions: Fractions, *, seed: int
) -> DataSplit:
    """Deal the patients of `images` out by `fractions` of train, val and test, stratified by class.

    Images keep their order. The result depends on patients, labels and seed alone.
    """
    rows = dataset.rows(images)
    patients = dataset.entries["patient"].to_numpy()[rows]
    labels = np.column_stack([dataset.targets()[rows], np.ones(len(rows), np.uint8)])
    numbers, place = np.unique(patients, return_inverse=True)
    counts = np.zeros((len(numbers), labels.shape[1]), np.int64)
    np.add.at(counts, place, labels)
    drawn = split_patients(
        dict(zip(numbers.tolist(), counts, strict=True)), fractions, seed, known={}
    )
    chosen = [drawn[patient] for patient in patients.tolist()]
    train, val, test = (
        [image for image, split in zip(images, chosen, strict=True) if split == name]
        for name in ("train", "val", "test")
    )
    return DataSplit(train, val, test)


def _without(images: Iterable[str], others: Iterable[str]) -> list[str]:
    out = set(others)
    return [image for image in images if image not in out]


def _of_other_patients(
    dataset: NihDataset, images: Sequence[str], others: Sequence[str]
) -> list[str]:
    """Return the images of patients who have none of the `others`."""
    patients = dataset.entries["patient"].to_numpy()
    theirs = np.isin(patients[dataset.rows(images)], patients[dataset.rows(others)])
    return [image for image, known in zip(images, theirs.tolist(), strict=True) if not known]


def _rest(name: str, images: Sequence[str]) -> str:
    taken = count(len(images), "image")
    return f"no list for {name}: taken from the {taken} of patients whom no list names"


def _left_out(number: int, name: str) -> str:
    kept_out = f"{count(number, 'image')} of {name} left out: other images of the same patients are"
    return f"{kept_out} in val or test" if number else ""
