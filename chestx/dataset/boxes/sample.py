"""`chestx boxes sample`: the films on which radiologists draw boxes."""

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from chestx import __version__
from chestx.dataset.boxes.tasks import (
    README,
    Task,
    cvat_files,
    cvat_labels,
    label_studio_config,
    label_studio_tasks,
    tasks_csv,
)
from chestx.dataset.nih.columns import CLASSES, IMAGES
from chestx.dataset.nih.findings import split_findings
from chestx.dataset.nih.folder import NihDataset, open_dataset
from chestx.errors import ChestxError
from chestx.job.count import count
from chestx.job.output import RUN, Output, claim

COMMAND = "boxes sample"

PER_CLASS = 200
"""Wang et al. 2017, section 2.4: for each disease 200 images."""

PAPER_CLASSES = CLASSES[:8]
TASKS = "tasks.csv"

_Films = dict[int, list[str]]
"""The images with a class, by patient."""


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """The tasks drawn per class; `short` has the classes whose patients are too few."""

    out: Path
    tasks: Mapping[str, int]
    images: int
    short: tuple[str, ...]

    def __str__(self) -> str:
        tasks = count(sum(self.tasks.values()), "task")
        lines = [f"{tasks} on {count(self.images, 'film')} in '{self.out}'"]
        lines += [
            f"  {name}: {self.tasks[name]:,}" + (", all there are" if name in self.short else "")
            for name in self.tasks
        ]
        return "\n".join(lines)


def sample_films(
    dataset: Path,
    out: Path = Path("annotation"),
    *,
    per_class: int = PER_CLASS,
    classes: Sequence[str] | None = None,
    seed: int = 0,
) -> SampleSummary:
    """Draw `per_class` films of each class and write the tasks for radiologists into `out`.

    A film may be drawn for a class that its labels state, once for each patient and class; a
    patient who was drawn for another class comes last, and classes of few patients choose first.
    The draw depends on `seed`, images and labels alone. `classes` are by default those of the
    paper that the dataset has, or else all of it. `out` gets `tasks.csv`, `images/`,
    `label-studio/`, `cvat/`, a README and `run.json`. Raises `ChestxError` for a class that no
    image has, an image that is missing, or an `out` with another round or other files in it.
    """
    if per_class < 1:
        raise ChestxError("draw at least one film per class")
    found = open_dataset(dataset)
    chosen = _chosen(found, classes)
    drawn = _draw(_films(found, chosen), per_class, seed)
    tasks = _tasks(drawn)
    images = sorted({task.image for task in tasks})
    paths = {image: found.path_of(image) for image in images}
    counts = {name: len(drawn[name]) for name in chosen}
    options = {"per_class": per_class, "classes": chosen, "seed": seed}
    with Output(out) as output:
        claim(output, COMMAND)
        _refuse_another(output, tasks)
        # First of all: a run that was killed is to be known as the same round.
        _write_run(output, options, counts, len(images))
        output.write(TASKS, tasks_csv(tasks).encode())
        output.make_subfolder(IMAGES)
        for image, path in paths.items():
            _copy(output, path, f"{IMAGES}/{image}")
        _write_label_studio(output, tasks, chosen)
        _write_cvat(output, tasks)
        output.write("README.md", README.encode())
    short = tuple(name for name in chosen if counts[name] < per_class)
    return SampleSummary(out, counts, len(images), short)


def _chosen(dataset: NihDataset, classes: Sequence[str] | None) -> tuple[str, ...]:
    if classes is None:
        paper = tuple(name for name in PAPER_CLASSES if name in dataset.classes)
        chosen = paper or dataset.classes
    else:
        chosen = tuple(dict.fromkeys(classes))
    unknown = [name for name in chosen if name not in dataset.classes]
    if unknown or not chosen:
        what = f"no image has the class {unknown[0]!r}" if unknown else "no image has a class"
        raise ChestxError(f"{what}: choose from {', '.join(dataset.classes) or 'another dataset'}")
    return chosen


def _films(dataset: NihDataset, classes: Sequence[str]) -> dict[str, _Films]:
    films: dict[str, _Films] = {name: {} for name in classes}
    entries = dataset.entries
    rows = zip(entries["image"], entries["finding_labels"], entries["patient"], strict=True)
    for image, labels, patient in rows:
        for name in split_findings(labels):
            if name in films:
                films[name].setdefault(int(patient), []).append(image)
    return films


def _draw(films: Mapping[str, _Films], per_class: int, seed: int) -> dict[str, list[str]]:
    """Return the images for each class."""
    seen: set[int] = set()
    drawn: dict[str, list[str]] = {}
    for name in sorted(films, key=lambda name: (len(films[name]), name)):
        of_class = films[name]
        patients = sorted(
            of_class, key=lambda patient: (patient in seen, _lot(seed, name, str(patient)))
        )[:per_class]
        seen.update(patients)
        drawn[name] = sorted(
            min(of_class[patient], key=lambda image: _lot(seed, name, image))
            for patient in patients
        )
    return drawn


def _lot(seed: int, *what: str) -> bytes:
    """Return the place in the draw: other films do not change it."""
    return blake2b("\0".join((str(seed), *what)).encode(), digest_size=16).digest()


def _tasks(drawn: Mapping[str, Sequence[str]]) -> list[Task]:
    pairs = sorted((name, image) for name, images in drawn.items() for image in images)
    return [Task(number, image, name) for number, (name, image) in enumerate(pairs, 1)]


def _refuse_another(output: Output, tasks: Sequence[Task]) -> None:
    path = output / TASKS
    if path.exists() and path.read_bytes() != tasks_csv(tasks).encode():
        raise ChestxError(
            f"'{output.folder}' holds another round of annotation: name another folder with -o"
        )


def _write_run(
    output: Output, options: Mapping[str, object], tasks: Mapping[str, int], images: int
) -> None:
    counts = {"tasks": tasks, "images": images}
    run = {"version": __version__, "command": COMMAND, "options": options, **counts}
    output.write(RUN, (json.dumps(run, indent=2) + "\n").encode())


def _copy(output: Output, image: Path, name: str) -> None:
    """Copy an image: a link would let the annotation tool change the dataset."""
    with image.open("rb") as source, output.writing(name) as copy:
        shutil.copyfileobj(source, copy)


def _write_label_studio(output: Output, tasks: Sequence[Task], classes: Sequence[str]) -> None:
    output.make_subfolder("label-studio")
    output.write("label-studio/config.xml", label_studio_config(classes).encode())
    output.write("label-studio/tasks.json", label_studio_tasks(tasks).encode())


def _write_cvat(output: Output, tasks: Sequence[Task]) -> None:
    output.make_subfolder("cvat")
    for keyword in sorted({task.keyword for task in tasks}):
        folder = "cvat/" + re.sub(r"\W", "_", keyword)
        output.make_subfolder(folder)
        output.write(f"{folder}/labels.json", cvat_labels(keyword).encode())
        own = [task for task in tasks if task.keyword == keyword]
        output.write(f"{folder}/images.txt", cvat_files(own).encode())
