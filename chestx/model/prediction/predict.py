"""Predict films with a trained model: scores, findings in their own pixels, overlay pictures."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from chestx.errors import ChestxError
from chestx.job.count import count
from chestx.job.output import Output, claim, made_by
from chestx.job.progress import Progress
from chestx.job.rejected import Rejected
from chestx.job.workers import Guard, ordered_map
from chestx.model.evaluation.located import locate
from chestx.model.evaluation.overlay_names import OverlayNames
from chestx.model.methods.inference import device_of
from chestx.model.methods.method import Method
from chestx.model.prediction.inputs import Source, list_sources
from chestx.model.prediction.picture import draw
from chestx.model.prediction.predicted import Predicted
from chestx.model.prediction.read import MEMORY, SECONDS, Reader, ReadFilm, lost
from chestx.model.prediction.score import score
from chestx.model.prediction.write import (
    COMMAND,
    PREDICTIONS,
    REJECTED,
    finish,
    start,
    write_rejected,
)
from chestx.model.training.run import load_run

RESEARCH = "For research only: not a medical device."

Read = tuple[Source, ReadFilm]


@dataclass(frozen=True, slots=True)
class PredictSummary:
    """What was predicted. Printed, it is for the user."""

    out: Path
    images: int
    rejected: int

    def __str__(self) -> str:
        lines = [f"{count(self.images, 'image')} predicted, see '{self.out / PREDICTIONS}'"]
        if self.rejected:
            files = count(self.rejected, "file")
            lines.append(f"{files} rejected, see '{self.out / REJECTED}'")
        return "; ".join(lines) + f"\n{RESEARCH}"


def predict(
    run: Path,
    images: Sequence[Path],
    out: Path | None = None,
    *,
    threshold: float = 0.5,
    overlays: bool = True,
    batch_size: int = 8,
    workers: int = 1,
    quiet: bool = False,
) -> PredictSummary:
    """Predict PNG, JPEG or DICOM files, or folders of them, with the best model of a run.

    `out`, by default `predictions` in the run's folder, is private, as names of files may name
    patients. It gets `predictions.jsonl`, a line for each film in the order of the input: `image`,
    `rows`, `columns`, `scores` by class, `findings` of the classes whose score is not below
    `threshold`, and `overlay`, its picture (`draw`), or null. A finding has `boxes` [x, y, width,
    height] in pixels of the film, and from a patch model also `region`, boxes that make it up. A
    file that gives no film is listed in `rejected.csv`. With more than one of `workers`, a file on
    which a decoder crashes or hangs is among them.

    Raises `ChestxError` for a folder that is no run, a path that is not there, an output folder of
    another command, or where no file gives a film.
    """
    if not 0 <= threshold <= 1:
        raise ChestxError(f"there is no score of {threshold}: give a threshold from 0 to 1")
    config, method = load_run(run)
    sources, rejected = list_sources(images)
    facts = {"method": config.method, "classes": method.classes, "threshold": threshold}
    reader = Reader(config.size, config.image_format, whole=overlays)
    model = _Model(method, config.devices, threshold, batch_size)
    done = 0
    with (
        Output(out or run / "predictions", private=True) as output,
        Progress(COMMAND, "images", quiet=quiet) as progress,
        closing(_read(reader, sources, workers, rejected, progress)) as films,
    ):
        claim(output, COMMAND)
        first = list(islice(films, 1))
        if not first:
            if made_by(output.folder) != COMMAND:  # what an earlier call has predicted stays
                start(output, facts, overlays=False)
            write_rejected(output, rejected)
            raise _nothing(output, rejected)
        start(output, facts, overlays=overlays)
        names = OverlayNames()
        with output.writing(PREDICTIONS) as lines:
            for film in model.predict(chain(first, films)):
                overlay = names.of(film.source.short) if overlays else None
                if overlay is not None:
                    with output.writing(overlay, durable=False) as picture:
                        picture.write(draw(film))
                lines.write(film.line(overlay).encode())
                done += 1
        write_rejected(output, rejected)
        finish(output, {**facts, "images": done, "rejected": len(rejected)})
    return PredictSummary(output.folder, done, len(rejected))


class _Model:
    """A method on its device, and what becomes of its output."""

    def __init__(self, method: Method, devices: str, threshold: float, batch_size: int) -> None:
        self.device = device_of(devices)
        self.method = method.to(self.device)
        self.threshold, self.batch_size = threshold, batch_size

    def predict(self, films: Iterator[Read]) -> Iterator[Predicted]:
        """Yield what the model says of each film, in order; take them in batches."""
        while batch := list(islice(films, self.batch_size)):
            results = score(self.method, [read.input for _, read in batch], self.device)
            for (source, read), scores, heatmaps in zip(batch, *results, strict=True):
                by_class = list(zip(self.method.classes, scores.tolist(), heatmaps, strict=True))
                found = {
                    name: locate(self.method, heatmap)
                    for name, value, heatmap in by_class
                    if value >= self.threshold
                }
                yield Predicted(source, read, by_class, found, self.method.heatmap_range)


def _read(
    reader: Reader,
    sources: Sequence[Source],
    workers: int,
    rejected: list[Rejected],
    progress: Progress,
) -> Generator[Read]:
    """Yield the files that give a film, and list the others."""
    paths = [source.path for source in sources]
    alone = workers == 1 or len(paths) == 1  # a process takes longer to start than a film to read
    guard = None if alone else Guard[Path, ReadFilm | str](lost, SECONDS, MEMORY)
    with closing(ordered_map(reader, paths, workers, guard=guard)) as results:
        for source, result in zip(sources, results, strict=True):
            if isinstance(result, str):
                rejected.append(Rejected("", source.image, result))
            else:
                yield source, result
            progress.add(1)


def _nothing(output: Output, rejected: Sequence[Rejected]) -> ChestxError:
    reasons = {one.reason for one in rejected}
    why = f" ({reasons.pop()})" if len(reasons) == 1 else ""
    files = count(len(rejected), "file")
    return ChestxError(f"none of {files} could be used{why}: see '{output / REJECTED}'")
