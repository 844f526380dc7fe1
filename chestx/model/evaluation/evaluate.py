"""Judge a run on films that it has not learned from: the papers' tables, curves and pictures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress, islice
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import torch

from chestx.dataset.nih.folder import open_dataset
from chestx.errors import ChestxError
from chestx.job.count import count
from chestx.job.csv_line import csv_line
from chestx.job.output import Output
from chestx.job.progress import Progress
from chestx.job.workers import cores
from chestx.model.data.cache import cache_folder, open_cache
from chestx.model.data.check import check_dataset
from chestx.model.data.films import FilmData, film_loader
from chestx.model.data.order import Batches
from chestx.model.equations.pixels import XYWH
from chestx.model.evaluation.figures import ROC, draw_roc
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
from chestx.model.methods.method import Finding, Method
from chestx.model.training.config import TrainConfig
from chestx.model.training.films import split_of
from chestx.model.training.run import load_run

EVALUATION = "evaluation"
TABLES = "metrics.md"
SCORES = "scores.csv"
SPLITS = ("test", "val", "train")
_BATCH = 16


@dataclass(frozen=True, slots=True)
class EvaluateSummary:
    """What an evaluation found, for the user."""

    folder: Path
    metrics: Metrics

    def __str__(self) -> str:
        judged = f"{count(self.metrics.n_images, 'image')} of {self.metrics.split}"
        return f"{metrics_markdown(self.metrics)}\n{judged} judged, see '{self.folder}'"


def evaluate(
    run: Path,
    *,
    data: Path | None = None,
    split: str = "test",
    overlays: int = 12,
    quiet: bool = False,
) -> EvaluateSummary:
    """Judge the best model of `run` on a split and write RUN/evaluation.

    `data` is another dataset than that of training; `overlays` is how many pictures of annotated
    films are drawn. Raises `ChestxError` where there is no model, or no film to judge.
    """
    config, method = load_run(run)
    dataset = open_dataset(data or config.data)
    parts = split_of(config, dataset)
    images = dict(zip(SPLITS, (parts.test, parts.val, parts.train), strict=True))[split]
    if not images:
        raise ChestxError(f"'{data or config.data}' has no images of the split '{split}'")
    frame = (config.boxes_in, config.boxes_in) if config.boxes_in else None
    checked = check_dataset(dataset, parts, config.classes, frame=frame)
    folder = cache_folder(run)
    cache = open_cache(dataset, parts.images, config.size, folder, workers=cores(), quiet=quiet)
    labels = truth_labels(dataset, images, config.classes)
    truth = scaled_boxes(truth_boxes(dataset, images), checked.sizes, frame, config.size)
    films = FilmData(dataset, cache, checked, images, patches=method.patches, seed=config.seed)
    predictions = Predictions(images, config.classes, annotated_images(truth))
    lines = Lines(method, checked.sizes, _told(images, labels, config.classes, truth))
    output = Output(run / EVALUATION)
    with output, output.writing(PREDICTIONS) as file:
        _predict(method, films, predictions, lines, file, quiet=quiet)
        predictions.refuse_undefined()
    found = _findings(method, predictions, config.size)
    localization = _localize(method, found, truth, config)
    metrics = measure(
        split, predictions, dataset, labels, truth, localization, image_size=config.size
    )
    with output:
        output.write(METRICS, metrics_json(metrics).encode())
        output.write(SCORES, _scores_text(predictions).encode())
        output.write(TABLES, metrics_markdown(metrics).encode())
        roc = draw_roc(predictions.ranks, labels, metrics.auc, metrics.mean_auc)
        output.write(ROC, roc)
        output.remove_subfolder(OVERLAYS)  # of an earlier evaluation
        output.make_subfolder(OVERLAYS)
        names = OverlayNames()
        shown = (key for key in truth if key[1] in config.classes)
        for image, name in islice(shown, overlays):
            score = predictions.score(image, name)
            heatmap, film = predictions.heatmap(image, name), cache.images[cache.rows([image])[0]]
            seen, boxes = found[image, name], truth[image, name]
            drawn = judged_picture(film, method, name, score, heatmap, seen, boxes)
            output.write(names.of(f"{Path(image).stem}_{name}"), drawn)
    return EvaluateSummary(run / EVALUATION, metrics)


def _predict(
    method: Method,
    films: FilmData,
    predictions: Predictions,
    lines: Lines,
    file: BinaryIO,
    *,
    quiet: bool,
) -> None:
    """Let the model see all films; write what it says of each, keep what the tables need."""
    loader = film_loader(films, Batches(len(films), _BATCH, shuffled=False))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    method = method.to(device)
    at = 0
    with torch.inference_mode(), Progress("judging", "films", quiet=quiet) as bar:
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
