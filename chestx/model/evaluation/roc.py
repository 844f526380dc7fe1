"""The area under the ROC curve of each class, with intervals by bootstrap over patients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from chestx.model.evaluation.bootstrap import RESAMPLES, SEED, draws, interval, resampled_auc

THRESHOLDS = 200
"""Points of the ROC curve in the papers."""
LEAST_PATIENTS = 5
LEAST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Auc:
    """A class: its exact AUC by ranks, the ends of its 95% interval, its positives and negatives.

    `value_200` is the area under the curve through the papers' 200 thresholds. What is undefined
    is None: all of it where the class has no positives or no negatives.
    """

    value: float | None
    low: float | None
    high: float | None
    n_pos: int
    n_neg: int
    value_200: float | None


@dataclass(frozen=True, slots=True)
class MeanAuc:
    """The mean over the classes that are there, None where none is; `value_200` as in `Auc`."""

    value: float | None
    low: float | None
    high: float | None
    value_200: float | None


def auc_by_class(
    ranks: npt.NDArray[np.floating],
    scores: npt.NDArray[np.floating],
    targets: npt.NDArray[np.integer],
    patients: npt.NDArray[np.integer],
    classes: Sequence[str],
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> tuple[dict[str, Auc], MeanAuc]:
    """Return AUCs for ranks, scores and targets (1 or 0) of N images x C classes.

    An image whose target is below 0, which says neither, is left out for that class.
    Scores, in 0..1, are for the papers' thresholds; ranks order the images as scores do, and also
    where these are rounded to 0 or 1. `patients` [N] numbers the patient of each image: whole
    patients are drawn, since the films of one are alike. The order of the images does not matter.
    A class has an interval where its positives and its negatives are of `LEAST_PATIENTS` each: the
    resamples of fewer are too much alike. The interval of the mean comes from the resamples in
    which every class that the sample has is there, since a mean over fewer classes would be of
    something else; where these are less than half, there is none.
    """
    drawn, patient = draws(patients, resamples=resamples, seed=seed)
    found: dict[str, Auc] = {}
    defined = []
    for column, name in enumerate(classes):
        known = targets[:, column] >= 0
        rank, score, target = (array[known, column] for array in (ranks, scores, targets))
        positive = target == 1
        n_pos = int(np.count_nonzero(positive))
        n_neg = len(positive) - n_pos
        if not n_pos or not n_neg:
            found[name] = Auc(None, None, None, n_pos, n_neg, None)
            continue
        values = resampled_auc(rank, positive, patient[known], drawn)
        defined.append(values)
        sides = (patient[known][side] for side in (positive, ~positive))
        enough = min(len(np.unique(side)) for side in sides) >= LEAST_PATIENTS
        low, high = interval(values) if enough else (None, None)
        exact = float(roc_auc_score(positive, rank))
        coarse = auc_by_thresholds(score, positive)
        found[name] = Auc(exact, low, high, n_pos, n_neg, coarse)
    return found, _mean(found, defined)


def auc_by_thresholds(
    score: npt.NDArray[np.floating], positive: npt.NDArray[np.bool_], thresholds: int = THRESHOLDS
) -> float:
    """Return the area under the curve through evenly spaced thresholds from 0 to 1, by trapezoids.

    A film is called positive where its score in 0..1 is at least the threshold; the curve begins at
    (0, 0), which no score reaches. Scores that crowd together share a few thresholds, so that this
    is below the exact AUC or above it.
    """
    at = np.linspace(0, 1, thresholds)
    sensitivity, false_alarms = (
        1 - np.searchsorted(np.sort(score[side].astype(np.float64)), at) / np.count_nonzero(side)
        for side in (positive, ~positive)
    )
    return float(np.trapezoid([0, *sensitivity[::-1]], [0, *false_alarms[::-1]]))


def _mean(found: Mapping[str, Auc], resampled: Sequence[npt.NDArray[np.float64]]) -> MeanAuc:
    if not resampled:
        return MeanAuc(None, None, None, None)
    means = np.mean(resampled, axis=0)  # NaN where one of them is
    enough = np.isfinite(means).mean() >= LEAST_SHARE
    low, high = interval(means) if enough else (None, None)
    exact = [auc.value for auc in found.values() if auc.value is not None]
    coarse = [auc.value_200 for auc in found.values() if auc.value_200 is not None]
    return MeanAuc(float(np.mean(exact)), low, high, float(np.mean(coarse)))
