"""Both methods on simulated films, whose lesions are known: does a box teach where to look?

Three ways to train, the same films and labels for all: the patch model with the boxes of the
training set, the patch model without them, and the unified network, which sees where its heatmap
is hot. Labels are mined from the simulated reports; boxes are those of the simulated radiologists.
"""

import csv
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.outcome import Bar, Outcome
from bench.processes import CHESTX, timed
from chestx.dataset.nih.folder import open_dataset
from chestx.model.evaluation.overlap import box_overlap
from chestx.model.evaluation.truth import truth_boxes

STUDIES, TALLEST, SIDE = 1800, 400, 256
SEEDS = (0, 1, 2)
IOU = 0.3
LEAST_AUC, LEAST_BOXES = 0.9, 200
RESAMPLES = 10_000
BOXES, NO_BOXES, CAM = "patch MIL with boxes", "patch MIL without boxes", "W-CEL, boxes of heatmaps"
COMMON: Mapping[str, Any] = {
    "backbone": "resnet10t",
    "weights": "none",
    "size": 224,
    "batch_size": 16,
    "accumulate": 1,
    "optimizer": "adam",
    "lr": 0.001,
    "backbone_lr": 0.001,
    "epochs": 12,
    "lr_every": 9,
    "precision": "bf16",
    "channels_last": True,
    "devices": "cpu",
}
METHODS: Mapping[str, Mapping[str, Any]] = {
    BOXES: {"method": "mil", "patches": 12},
    NO_BOXES: {"method": "mil", "patches": 12},
    CAM: {"method": "wcel", "map_size": 8},
}
Hits = npt.NDArray[np.bool_]


def measure() -> Outcome:
    """Simulate, train three ways with three seeds, and compare on the boxes of the test set."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds = make(folder)
        hits: dict[str, list[Hits]] = {}
        aucs: dict[str, list[float]] = {}
        for seed in SEEDS:
            for way, options in METHODS.items():
                run = folder / "runs" / f"{way}-{seed}".replace(" ", "-").replace(",", "")
                settings = {**COMMON, **options, "seed": seed}
                seconds[f"{way}, seed {seed}"] = train(folder, run, settings, boxes=way == BOXES)
                hits.setdefault(way, []).append(hits_of(run, folder / "dataset"))
                aucs.setdefault(way, []).append(mean_auc(run))
                shutil.rmtree(run / "checkpoints")
        patients = patients_of(folder / "dataset")
    return _outcome(hits, aucs, patients, seconds)


def make(folder: Path) -> dict[str, float]:
    """Make the dataset, and a second one that has no boxes."""
    here = {"cwd": folder}
    seconds = {
        "simulate": timed(
            [CHESTX, "simulate", "--studies", str(STUDIES), "--size", str(TALLEST), "-q"], **here
        ),
        "mine-labels": timed([CHESTX, "mine-labels", "-q", "reports"], **here),
        "build-dataset": timed([CHESTX, "build-dataset", "-q", "--size", str(SIDE)], **here),
    }
    without_boxes(folder)
    return seconds


def without_boxes(folder: Path) -> None:
    """Let `plain/` be the dataset without its list of boxes."""
    plain, whole = folder / "plain", folder / "dataset"
    plain.mkdir()
    for path in whole.iterdir():
        if path.is_file() and not path.name.startswith((".", "BBox_List")):
            shutil.copyfile(path, plain / path.name)
    (plain / "images").symlink_to(whole / "images")


def train(folder: Path, run: Path, settings: Mapping[str, Any], *, boxes: bool) -> float:
    """Train and judge a run; return the seconds of both."""
    data = folder / ("dataset" if boxes else "plain")
    config = folder / f"{run.name}.toml"
    config.write_text("".join(f"{k} = {json.dumps(v)}\n" for k, v in settings.items()))
    spent = timed([CHESTX, "train", "--config", config, "--data", data, "-o", run, "-q"])
    judge = [CHESTX, "evaluate", run, "--data", folder / "dataset", "--overlays", "0", "-q"]
    return spent + timed(judge)


def hits_of(run: Path, dataset: Path) -> Hits:
    """Return for each box of the test set whether a box found for its class overlaps it enough.

    The same rule for all: of a patch model the boxes around its regions count.
    """
    lines = (run / "evaluation/predictions.jsonl").read_text().splitlines()
    found = {line["image"]: line["findings"] for line in map(json.loads, lines)}
    hit = []
    for (image, name), truth in sorted(_truth(dataset).items()):
        boxes = [tuple(box) for box in found[image][name]["boxes"]]
        hit += (box_overlap(boxes, truth).iou.max(axis=0, initial=0.0) > IOU).tolist()
    return np.array(hit)


def patients_of(dataset: Path) -> npt.NDArray[np.int64]:
    """Return the patient of each box of the test set."""
    truth = sorted(_truth(dataset).items())
    return np.array([int(image[:8]) for (image, _), boxes in truth for _ in boxes])


def mean_auc(run: Path) -> float:
    """Return the mean AUC on the test set."""
    return float(json.loads((run / "evaluation/metrics.json").read_text())["mean_auc"])


def _truth(folder: Path) -> dict[tuple[str, str], list[tuple[float, float, float, float]]]:
    dataset = open_dataset(folder)
    return truth_boxes(dataset, dataset.split("test"))
