"""Predictions against a dataset: everything that `metrics.json` and the tables say."""

import numpy as np
import numpy.typing as npt

from chestx.dataset.nih.folder import NihDataset
from chestx.model.equations.pixels import ImageSize
from chestx.model.evaluation.bootstrap import RESAMPLES, SEED
from chestx.model.evaluation.grid_ceiling import PATCHES, grid_ceiling
from chestx.model.evaluation.localization import Localization
from chestx.model.evaluation.metrics import Metrics
from chestx.model.evaluation.predictions import Predictions
from chestx.model.evaluation.roc import auc_by_class
from chestx.model.evaluation.truth import Truth


def measure(
    split: str,
    predictions: Predictions,
    dataset: NihDataset,
    labels: npt.NDArray[np.int8],
    truth: Truth,
    localization: Localization,
    *,
    image_size: ImageSize,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Metrics:
    """Return the metrics of a model on the images of `predictions`, a split of `dataset`.

    `labels` and `truth` are `truth_labels` and `truth_boxes` of its images, `localization` is what
    the model's boxes or regions reach on `truth`. The boxes count in images of `image_size`. Raise
    `ChestxError` for scores that are not finite.
    """
    predictions.refuse_undefined()
    classes = predictions.classes
    patients = dataset.entries["patient"].to_numpy()[dataset.rows(predictions.images)]
    auc, mean = auc_by_class(
        predictions.ranks,
        predictions.scores,
        labels,
        patients,
        classes,
        resamples=resamples,
        seed=seed,
    )
    return Metrics(
        split,
        len(patients),
        len(set(patients.tolist())),
        sum(map(len, truth.values())),
        auc,
        mean,
        localization,
        {patches: grid_ceiling(truth, classes, image_size, patches) for patches in PATCHES},
    )
