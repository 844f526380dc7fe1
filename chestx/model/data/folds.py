"""Cross-validation by patient."""

from collections.abc import Sequence

from chestx.dataset.nih.folder import NihDataset
from chestx.errors import ChestxError
from chestx.model.data.split import DataSplit, draw_split, with_validation

FOLDS = 5
"""As Li et al. have it."""


def patient_folds(
    dataset: NihDataset, images: Sequence[str], *, folds: int = FOLDS, seed: int
) -> list[list[str]]:
    """Deal `images` out to folds; a patient is in one fold, each fold has its share of each class.

    One fold after the other is drawn from what is left. The result depends on patients, labels and
    seed alone; images keep their order. Raises `ChestxError` for less than two folds, or fewer
    patients than folds.
    """
    patients = len(set(dataset.entries["patient"].to_numpy()[dataset.rows(images)].tolist()))
    if not 2 <= folds <= patients:
        raise ChestxError(
            f"{patients:,} patients cannot be dealt out to {folds} folds: "
            "choose at least 2 folds and no more than there are patients"
        )
    drawn = []
    left = list(images)
    for remaining in range(folds, 1, -1):
        share = 1 / remaining
        split = draw_split(dataset, left, (1 - share, 0.0, share), seed=seed)
        drawn.append(list(split.test))
        left = list(split.train)
    return [*drawn, left]


def fold_split(
    dataset: NihDataset, folds: Sequence[Sequence[str]], test: int, *, seed: int
) -> DataSplit:
    """Return the split whose test set is fold `test`; an eighth of the others is for validation."""
    others = {image for at, fold in enumerate(folds) if at != test for image in fold}
    names = dataset.entries["image"]
    drawn = with_validation(dataset, [image for image in names if image in others], seed=seed)
    return drawn._replace(test=list(folds[test]))
