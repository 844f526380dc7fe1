"""Judge a run on films that it has not learned from: the papers' tables, curves and pictures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from itertools import compress, islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import torch

from chestx.job import anew
from chestx.job.count import count
from chestx.job.csv_line import csv_line
from chestx.job.output import Output
from chestx.job.progress import Progress
from chestx.job.workers import cores
from chestx.model.data.cache import Cache, cache_folder, open_cache
from chestx.model.data.check import check_dataset
from chestx.model.data.films import FilmData, film_loader
from chestx.model.data.order import Batches
from chestx.model.equations.pixels import XYWH
from chestx.model.evaluation.figures import ROC, draw_roc
from chestx.model.evaluation.judged_films import JudgedFilms, films_to_judge
from chestx.model.evaluation.judged_picture import judged_picture
from chestx.model.evaluation.lines import PREDICTIONS, Lines
from chestx.model.evaluation.localization import (
    Localization,
    localize_boxes,
    localize_regions,
)
from chestx.model.evaluation.measure import measure
from chestx.model.evaluation.metrics import METRICS, Metrics, metrics_json
from chestx.model.evaluation.overlay_names import OVERLAYS, OverlayNames
from chestx.model.evaluation.predictions import Predictions
from chestx.model.evaluation.tables import metrics_markdown
from chestx.model.evaluation.truth import (
    Key,
    annotated_images,
    scaled_boxes,
    truth_boxes,
    truth_labels,
)
from chestx.model.methods.inference import device_of, inference
from chestx.model.methods.method import Finding, Method
from chestx.model.training.config import TrainConfig
from chestx.model.training.record import is_finished
from chestx.model.training.run import BEST, load_run

COMMAND = "evaluate"
TABLES = "metrics.md"
SCORES = "scores.csv"
_FILES = (METRICS, TABLES, SCORES, ROC, PREDICTIONS)
_LIBRARIES = ("numpy", "opencv-python-headless", "scikit-learn", "timm", "torch", "torchvision")
_BATCH = 16


@dataclass(frozen=True, slots=True)
class EvaluateSummary:
    """What an evaluation found, for the user."""

    folder: Path
    metrics: Metrics
    told: str

    def __str__(self) -> str:
        split = self.metrics.split + f" ({self.told})" * bool(self.told)
        judged = f"{count(self.metrics.n_images, 'image')} of {split}"
        return f"{metrics_markdown(self.metrics)}\n{judged} judged, see '{self.folder}'"


UNFINISHED_TRAINING = "training has not finished, this is its best model so far"


def evaluate(
    run: Path,
    out: Path | None = None,
    *,
    data: Path | None = None,
    split: str | None = None,
    boxes_in: int | None = None,
    overlays: int = 12,
    quiet: bool = False,
) -> EvaluateSummary:
    """Judge the best model of `run` on films and write what came of it.

    `data`, `split` and `boxes_in` as in `films_to_judge`; `out` is by default RUN/evaluation, and
    another folder of the run for other films than the test set of its own data. `overlays` is how
    many pictures of annotated films are drawn. `run.json` says that the evaluation is whole, and
    of which checkpoint it is. Raises `ChestxError` where there is no model, or no film to judge.
    """
    config, method = load_run(run)
    judged = films_to_judge(run, config, data, split, boxes_in)
    dataset, images, classes, size = judged.dataset, judged.images, config.classes, config.size
    checked = check_dataset(dataset, judged.parts, classes, frame=judged.frame)
    cache = open_cache(dataset, images, size, cache_folder(run), workers=cores(), quiet=quiet)
    labels = truth_labels(dataset, images, classes)
    truth = scaled_boxes(truth_boxes(dataset, images), checked.sizes, judged.frame, size)
    films = FilmData(dataset, cache, checked, images, patches=method.patches, seed=config.seed)
    predictions = Predictions(images, classes, annotated_images(truth))
    lines = Lines(method, checked.sizes, _told(images, labels, classes, truth))
    facts = _facts(run, config, judged)
    with Output(out or run / judged.folder) as output:
        anew.begin(
            output,
            COMMAND,
            facts,
            libraries=_LIBRARIES,
            files=_FILES,
            folders=(OVERLAYS,),
            own=out is None,
        )
        with output.writing(PREDICTIONS) as file:
            device = device_of(config.devices)
            _predict(method.to(device), device, films, predictions, lines, file, quiet=quiet)
            predictions.refuse_undefined()
        found = _findings(method, predictions, size)
        localization = _localize(method, found, truth, config)
        metrics = measure(
            judged.split, predictions, dataset, labels, truth, localization, image_size=size
        )
        output.write(SCORES, _scores_text(predictions).encode())
        output.write(ROC, draw_roc(predictions.ranks, labels, metrics.auc, metrics.mean_auc))
        shown = islice((key for key in truth if key[1] in classes), overlays)
        _draw(output, cache, method, predictions, found, {key: truth[key] for key in shown})
        output.write(TABLES, metrics_markdown(metrics).encode())
        output.write(METRICS, metrics_json(metrics).encode())
        anew.note(output, COMMAND, facts, libraries=_LIBRARIES, finished=True)
    told = filter(None, (judged.told, "" if is_finished(run) else UNFINISHED_TRAINING))
    return EvaluateSummary(output.folder, metrics, "; ".join(told))


def _draw(
    output: Output,
    cache: Cache,
    method: Method,
    predictions: Predictions,
    found: Mapping[Key, Finding],
    truth: Mapping[Key, list[XYWH]],
) -> None:
    """Draw a picture for each image and class of `truth`."""
    output.make_subfolder(OVERLAYS)
    names = OverlayNames()
    for (image, name), boxes in truth.items():
        film = cache.images[cache.rows([image])[0]]
        score, heatmap = predictions.score(image, name), predictions.heatmap(image, name)
        drawn = judged_picture(film, method, name, score, heatmap, found[image, name], boxes)
        output.write(names.of(f"{Path(image).stem}_{name}"), drawn)


def _facts(run: Path, config: TrainConfig, judged: JudgedFilms) -> dict[str, Any]:
    """Return what `run.json` says of the evaluation."""
    with (run / BEST).open("rb") as file:
        checkpoint = file_digest(file, "sha256").hexdigest()
    return {
        "method": config.method,
        "classes": config.classes,
        "checkpoint_sha256": checkpoint,
        "own_data": judged.own,
        "split": judged.split,
        "told": judged.told,
        "boxes_in": judged.boxes_in,
        "images": len(judged.images),
    }


def _predict(
    method: Method,
    device: torch.device,
    films: FilmData,
    predictions: Predictions,
    lines: Lines,
    file: BinaryIO,
    *,
    quiet: bool,
) -> None:
    """Let the model see all films; write what it says of each, keep what the tables need."""
    loader = film_loader(films, Batches(len(films), _BATCH, shuffled=False))
    at = 0
    with inference(), Progress("judging", "films", quiet=quiet) as bar:
        for batch in loader:
            rows = range(at, at + len(batch.image))
            at = rows.stop
            output, maps = method.output_and_heatmaps(batch.image.to(device))
            found = method.scores(output), method.rank(output), maps
            scores, ranks, heatmaps = (tensor.float().cpu().numpy() for tensor in found)
            predictions.put(rows, scores, ranks, heatmaps)
            for row, *of_film in zip(rows, scores.tolist(), heatmaps, strict=True):
                file.write(lines.of(predictions.images[row], *of_film).encode())
            bar.add(len(rows))


def _told(
    images: Sequence[str],
    labels: npt.NDArray[np.int8],
    classes: Sequence[str],
    truth: Iterable[Key],
) -> dict[str, set[str]]:
    """Return the classes that labels or boxes give each image."""
    told = {
        image: set(compress(classes, row))
        for image, row in zip(images, (labels == 1).tolist(), strict=True)
    }
    for image, name in truth:
        told[image].add(name)
    return told


def _scores_text(predictions: Predictions) -> str:
    """Return the score of every image and class."""
    rows = zip(predictions.images, predictions.scores.tolist(), strict=True)
    lines = (csv_line((image, *(f"{score:.6f}" for score in row))) for image, row in rows)
    return csv_line(("image", *predictions.classes)) + "".join(lines)


def _findings(method: Method, predictions: Predictions, size: int) -> dict[Key, Finding]:
    """Localize every class on every annotated film: what is wrong counts too."""
    return {
        (image, name): method.localize(predictions.heatmap(image, name), size)
        for image in sorted(predictions.annotated)
        for name in predictions.classes
    }


def _localize(
    method: Method,
    found: Mapping[Key, Finding],
    truth: Mapping[Key, list[XYWH]],
    config: TrainConfig,
) -> Localization:
    if method.name == "wcel":
        boxes = {key: finding.boxes for key, finding in found.items()}
        return localize_boxes(boxes, truth, config.classes)
    regions = {key: finding.region for key, finding in found.items() if finding.region is not None}
    return localize_regions(regions, truth, config.classes, config.size)
