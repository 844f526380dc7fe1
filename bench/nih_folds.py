"""Both methods on real films: 400 of NIH's, five folds of patients, AUC on the fold left out."""

import csv
import json
import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from bench.data import ROOT
from bench.outcome import Bar, Outcome
from bench.processes import CHESTX, ONE_THREAD, environment, side_by_side, timed
from chestx.dataset.nih.folder import open_dataset
from chestx.model.evaluation.bootstrap import draws, interval, resampled_auc

NIH = ROOT.parent / "shared" / "data" / "nih"
FRAME = 1024
"""The edge of the images in whose pixels NIH's boxes count; the films here are reduced."""
FOLDS = 5
LEAST_POSITIVES = 30
CHANCE, GOAL = 0.5, 0.65
RESAMPLES = 2000
COMMON: Mapping[str, Any] = {
    "backbone": "efficientnet_lite0",
    "weights": "imagenet",
    "size": 192,
    "batch_size": 16,
    "accumulate": 1,
    "optimizer": "adam",
    "lr": 0.001,
    "backbone_lr": 0.0001,
    "augment": True,
    "channels_last": True,
    "boxes_in": FRAME,
    "devices": "cpu",
    "data": str(NIH),
    "folds": FOLDS,
}
METHODS: Mapping[str, Mapping[str, Any]] = {
    "wcel": {"pooling": "avg", "map_size": 8, "epochs": 6, "lr_every": 4},
    "mil": {"patches": 12, "epochs": 6, "lr_every": 4},
}


class Judged(NamedTuple):
    """A method: the mean of its folds' mean AUCs with its interval, and by class."""

    value: float
    low: float
    high: float
    by_class: dict[str, float]
    seconds: float


def measure() -> Outcome:
    """Train both methods with each fold held out."""
    classes = frequent_classes()
    with tempfile.TemporaryDirectory() as name:
        found = {method: _judged(method, classes, Path(name)) for method in METHODS}
    best = max(found.values(), key=lambda judged: judged.value)
    return Outcome(
        bars=[
            Bar("mean AUC of the better method, lower end of 95%", best.low, "above", CHANCE),
            Bar("mean AUC of the better method", best.value, "above", CHANCE, GOAL),
        ],
        figures={
            "classes": classes,
            "methods": {method: judged._asdict() for method, judged in found.items()},
            "settings": {
                method: {**COMMON, **own, "data": "nih"} for method, own in METHODS.items()
            },
        },
        tables={
            "Mean AUC": [
                ["method", "mean AUC", "95% interval", "minutes of a core"],
                *(
                    [m, f"{j.value:.3f}", f"{j.low:.3f} to {j.high:.3f}", f"{j.seconds / 60:.1f}"]
                    for m, j in found.items()
                ),
            ],
            "By class": [
                ["class", *found],
                *([c, *(f"{j.by_class[c]:.3f}" for j in found.values())] for c in classes),
            ],
        },
        notes=(
            f"400 NIH films of 400 patients, reduced to {COMMON['size']} x {COMMON['size']}; each "
            f"method trains {FOLDS} times, `chestx train --fold N`, and the model of the best "
            f"epoch on validation is judged on the fold left out. The {len(classes)} findings with "
            f"at least {LEAST_POSITIVES} positive films count. Means of the folds' AUCs; "
            "intervals: bootstrap of patients within folds. Settings were chosen on other folds "
            "of the same films (another seed), so that the figures lean to the good side.",
        ),
    )


def frequent_classes() -> list[str]:
    """Return the findings that enough films have."""
    dataset = open_dataset(NIH)
    positives = dataset.targets().sum(axis=0)
    return [
        name
        for name, number in zip(dataset.classes, positives.tolist(), strict=True)
        if number >= LEAST_POSITIVES
    ]


def _judged(method: str, classes: list[str], folder: Path) -> Judged:
    config = folder / f"{method}.toml"
    settings = {"method": method, **COMMON, **METHODS[method]}
    config.write_text("".join(f"{key} = {json.dumps(v)}\n" for key, v in settings.items()))
    tasks = [partial(_fold, config, folder, fold) for fold in range(1, FOLDS + 1)]
    runs = side_by_side(tasks)
    values, resampled = zip(
        *(_aucs(run, classes, seed=fold) for fold, (run, _) in enumerate(runs, 1)), strict=True
    )
    low, high = interval(np.mean(resampled, axis=0))
    assert low is not None
    assert high is not None
    means = np.mean(values, axis=0)
    by_class = dict(zip(classes, means.tolist(), strict=True))
    return Judged(float(means.mean()), low, high, by_class, sum(spent for _, spent in runs))


def _fold(config: Path, folder: Path, fold: int) -> tuple[Path, float]:
    """Train and judge with a fold left out; return the run and the seconds."""
    run = folder / f"{config.stem}-{fold}"
    one_thread = environment(**ONE_THREAD)
    learn = [CHESTX, "train", "--config", config, "--fold", str(fold), "-o", run, "-q"]
    judge = [CHESTX, "evaluate", run, "--overlays", "0", "-q"]
    return run, timed(learn, one_thread) + timed(judge, one_thread)


def _aucs(
    run: Path, classes: list[str], seed: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the AUCs of a fold by class, and their mean in each resample of its patients."""
    with (run / "evaluation/scores.csv").open() as file:
        rows = list(csv.DictReader(file))
    dataset = open_dataset(NIH)
    at = dataset.rows([row["image"] for row in rows])
    scores = np.array([[float(row[name]) for name in classes] for row in rows])
    targets = dataset.targets(classes)[at]
    patients = dataset.entries["patient"].to_numpy()[at]
    drawn, patient = draws(patients, resamples=RESAMPLES, seed=seed)
    again = [
        resampled_auc(scores[:, column], targets[:, column] == 1, patient, drawn)
        for column in range(len(classes))
    ]
    exact = [float(roc_auc_score(targets[:, c], scores[:, c])) for c in range(len(classes))]
    return np.array(exact), np.nanmean(again, axis=0)
