"""Both methods on simulated films, whose lesions are known: do boxes teach where to look?

Three ways to train, with the same films and labels: the patch model with the boxes of the
training films, the patch model without boxes, and the unified network, which sees
a class where its heatmap is hot. Labels are mined from the simulated reports.
"""

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.outcome import SPREAD_HEADER, Bar, Outcome, spread_cells
from bench.processes import CHESTX, ONE_THREAD, environment, side_by_side, timed
from chestx.dataset.nih.folder import open_dataset
from chestx.model.evaluation.overlap import box_overlap
from chestx.model.evaluation.truth import truth_boxes
from chestx.simulation.hospital.box_files import BOXED

STUDIES, TALLEST, SIDE = 2400, 400, 256
SPLIT = "68,6,26"
SEEDS = (0, 1, 2)
IOU = 0.3
LEAST_AUC, LEAST_BOXES = 0.9, 200
RESAMPLES = 10_000
BOXES, NO_BOXES, CAM = "patch MIL with boxes", "patch MIL without boxes", "W-CEL, heatmap boxes"
COMMON: Mapping[str, Any] = {
    "classes": BOXED,
    "backbone": "efficientnet_lite0",
    "weights": "imagenet",
    "size": 192,
    "batch_size": 8,
    "accumulate": 1,
    "optimizer": "adam",
    "lr": 0.0005,
    "backbone_lr": 0.0003,
    "epochs": 4,
    "lr_every": 3,
    "channels_last": True,
    "devices": "cpu",
}
METHODS: Mapping[str, Mapping[str, Any]] = {
    BOXES: {"method": "mil", "patches": 12, "rescale": False},
    NO_BOXES: {"method": "mil", "patches": 12, "rescale": False},
    CAM: {"method": "wcel", "map_size": 8},
}
Hits = npt.NDArray[np.bool_]


def measure() -> Outcome:
    """Simulate, train three ways with three seeds, and compare on the boxes of the test set."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder)
        runs = [(way, seed) for seed in SEEDS for way in METHODS]
        judged = side_by_side([partial(run_of, folder, way, seed) for way, seed in runs])
        hits, aucs, minutes = (
            {way: [one[at] for one in judged[n :: len(METHODS)]] for n, way in enumerate(METHODS)}
            for at in range(3)
        )
        patients = patients_of(folder / "dataset")
        trained = boxes_learned_from(folder)
    return _outcome(hits, aucs, minutes, patients, trained)


def make(folder: Path) -> None:
    """Make the dataset, and the same without its boxes."""
    simulate = [CHESTX, "simulate", folder, "--studies", str(STUDIES), "--size", str(TALLEST), "-q"]
    timed(simulate)
    timed([CHESTX, "mine-labels", "-q", folder / "reports", "-o", folder / "labels"])
    inputs: list[str | Path] = ["--images", folder / "dicom", "--labels", folder / "labels"]
    boxes: list[str | Path] = ["--boxes", folder / "boxes", "--size", str(SIDE), "--split", SPLIT]
    timed([CHESTX, "build-dataset", "-q", *inputs, *boxes, "-o", folder / "dataset"])
    shutil.rmtree(folder / "dicom")
    without_boxes(folder / "dataset", folder / "none")


def without_boxes(whole: Path, plain: Path) -> None:
    """Let `plain` be the dataset `whole` without its list of boxes."""
    plain.mkdir()
    for path in whole.iterdir():
        if path.is_file() and not path.name.startswith((".", "BBox_List")):
            shutil.copyfile(path, plain / path.name)
    (plain / "images").symlink_to(whole / "images")


def run_of(folder: Path, way: str, seed: int) -> tuple[Hits, float, float]:
    """Train and judge a run; return its hits, its mean AUC and the minutes of training."""
    run = folder / f"run-{list(METHODS).index(way)}-{seed}"
    minutes = train(folder, run, way, seed) / 60
    hits, auc = hits_of(run, folder / "dataset"), mean_auc(run)
    shutil.rmtree(run)
    print(f"{way}, seed {seed}: {hits.mean():.3f} of boxes, mean AUC {auc:.3f}", flush=True)
    return hits, auc, minutes


def train(folder: Path, run: Path, way: str, seed: int) -> float:
    """Train a run and judge it by all boxes of the test set; return the seconds of training."""
    data = folder / ("dataset" if way == BOXES else "none")
    settings = {**COMMON, **METHODS[way], "seed": seed}
    config = folder / f"{run.name}.toml"
    config.write_text("".join(f"{k} = {json.dumps(v)}\n" for k, v in settings.items()))
    one_thread = environment(**ONE_THREAD)
    learn = [CHESTX, "train", "--config", config, "--data", data, "-o", run, "-q"]
    seconds = timed(learn, one_thread)
    out: list[str | Path] = ["-o", run / "evaluation", "--overlays", "0", "-q"]
    timed([CHESTX, "evaluate", run, "--data", folder / "dataset", *out], one_thread)
    return seconds


def hits_of(run: Path, dataset: Path) -> Hits:
    """Return for each box of the test set whether a box found for its class overlaps it enough.

    The same rule for all: of a patch model the boxes around its regions count.
    """
    lines = (run / "evaluation/predictions.jsonl").read_text().splitlines()
    found = {line["image"]: line["findings"] for line in map(json.loads, lines)}
    hit: list[bool] = []
    for (image, name), truth in _truth(dataset):
        boxes = [tuple(box) for box in found[image][name]["boxes"]]
        hit += (box_overlap(boxes, truth).iou.max(axis=0, initial=0.0) > IOU).tolist()
    return np.array(hit)


def patients_of(dataset: Path) -> npt.NDArray[np.int64]:
    """Return the patient of each box of the test set."""
    return np.array([int(image[:8]) for (image, _), boxes in _truth(dataset) for _ in boxes])


def mean_auc(run: Path) -> float:
    """Return the mean AUC on the test set."""
    return float(json.loads((run / "evaluation/metrics.json").read_text())["mean_auc"])


def boxes_learned_from(folder: Path) -> int:
    """Return how many boxes of the classes the training set has."""
    dataset = open_dataset(folder / "dataset")
    boxes = dataset.boxes
    return int((boxes["image"].isin(dataset.split("train")) & boxes["label"].isin(BOXED)).sum())


def _truth(folder: Path) -> Sequence[Any]:
    dataset = open_dataset(folder)
    truth = truth_boxes(dataset, dataset.split("test"))
    return sorted((key, boxes) for key, boxes in truth.items() if key[1] in BOXED)


def difference(
    one: Sequence[Hits], other: Sequence[Hits], patients: npt.NDArray[np.int64]
) -> dict[str, float]:
    """Return the difference of hit rates, mean over seeds, with 95% by bootstrap of patients.

    In pairs: the same boxes, drawn together, for both.
    """
    paired = np.mean(one, axis=0) - np.mean(other, axis=0)
    known, of_patient = np.unique(patients, return_inverse=True)
    sums = np.bincount(of_patient, paired)
    counts = np.bincount(of_patient)
    drawn = np.random.default_rng(0).integers(len(known), size=(RESAMPLES, len(known)))
    again = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(again, [0.025, 0.975])
    return {"value": float(paired.mean()), "low": float(low), "high": float(high)}


def _outcome(
    hits: Mapping[str, Sequence[Hits]],
    aucs: Mapping[str, Sequence[float]],
    minutes: Mapping[str, Sequence[float]],
    patients: npt.NDArray[np.int64],
    trained: int,
) -> Outcome:
    rates = {way: [float(found.mean()) for found in every] for way, every in hits.items()}
    over = {way: difference(hits[BOXES], hits[way], patients) for way in (NO_BOXES, CAM)}
    lowest = min(np.mean(found) for found in aucs.values())
    return Outcome(
        bars=[
            *(
                Bar(f"hits at IoU {IOU}, {BOXES} - {way}, lower end of 95%", d["low"], "above", 0)
                for way, d in over.items()
            ),
            Bar(
                "mean AUC of the patch model with boxes",
                float(np.mean(aucs[BOXES])),
                "above",
                LEAST_AUC,
            ),
            Bar("boxes of the test set", len(patients), "at least", LEAST_BOXES),
        ],
        figures={
            "hits": rates,
            "mean_auc": dict(aucs),
            "difference": over,
            "boxes": {"test": len(patients), "train": trained},
            "lowest_mean_auc": float(lowest),
            "settings": {way: {**COMMON, **own} for way, own in METHODS.items()},
        },
        tables={
            f"Boxes of the test set that are hit at IoU > {IOU}": [
                SPREAD_HEADER,
                *(spread_cells(way, found, 3) for way, found in rates.items()),
            ],
            "Difference in hits, mean over seeds, and 95% interval": [
                ["", "difference", "from", "to"],
                *(
                    [f"{BOXES} - {way}", *(f"{d[k]:.3f}" for k in ("value", "low", "high"))]
                    for way, d in over.items()
                ),
            ],
            "Mean AUC": [
                SPREAD_HEADER,
                *(spread_cells(way, found, 3) for way, found in aucs.items()),
            ],
            "Minutes of training, on one core": [
                SPREAD_HEADER,
                *(spread_cells(way, found, 1) for way, found in minutes.items()),
            ],
        },
        notes=(
            f"{STUDIES:,} simulated studies, films of {SIDE} x {SIDE}, the eight classes of "
            f"ChestX-ray8, labels mined from the reports, split {SPLIT} by patient; seeds "
            f"{', '.join(map(str, SEEDS))}. {len(patients)} boxes of the test set; the patch model "
            f"with boxes learns from {trained}. "
            "A box of the truth is hit where any box found for its class overlaps it enough; of a "
            "patch model the boxes around its regions count. Intervals: bootstrap of patients, in "
            f"pairs, {RESAMPLES:,} times.",
        ),
    )
