"""The page of what the reports say and what the dataset holds."""

from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np

from chestx.dataset.description.statistics import Statistics, count_findings
from chestx.dataset.nih.folder import NihDataset, open_dataset
from chestx.gallery.films import link
from chestx.gallery.html import Cell, Drawn, figure, section, table
from chestx.gallery.site import Contents
from chestx.gallery.studies import NEGATED, PRESENT, UNCERTAIN, Studies
from chestx.gallery.workspace import Workspace

FOLDER = "figures"
FIGURES = {
    "class_counts": "Images of each class",
    "co_occurrence": "Classes that come together",
    "box_sizes": "Sizes of the boxes",
}
STATES = {"present": PRESENT, "uncertain": UNCERTAIN, "negated": NEGATED}
WIDTH, HEIGHT = 160, 8
"""Of a bar, in pixels."""


def dataset_page(workspace: Workspace, contents: Contents, out: Path) -> str:
    """Return the counts of reports and of the dataset, and its figures."""
    parts = [_of_reports(contents.studies)] if contents.studies.reports else []
    if workspace.data:
        parts += [_of_dataset(open_dataset(workspace.data)), *_figures(workspace.data, out)]
    return "".join(parts)


def _of_reports(studies: Studies) -> str:
    labels = studies.labels[: studies.reports]
    counts = [(labels == state).sum(axis=0).tolist() for state in STATES.values()]
    rows = [
        [name.replace("_", " "), *numbers, _bar(numbers, studies.reports)]
        for name, numbers in zip(studies.classes, np.array(counts).T.tolist(), strict=True)
    ]
    head = ["Class", *map(str.capitalize, STATES), "Share of the reports"]
    return section("Reports", table(f"What {studies.reports:,} reports say", head, rows))


def _bar(numbers: list[int], whole: int) -> Drawn:
    """Draw how many reports are of each state; the numbers beside it say the same."""
    edges = [0.0, *accumulate(WIDTH * number / max(whole, 1) for number in numbers)]
    parts = "".join(
        f'<rect class="{state}" x="{left:.2f}" width="{right - left:.2f}" height="{HEIGHT}"/>'
        for state, (left, right) in zip(STATES, pairwise(edges), strict=True)
    )
    return Drawn(
        f'<svg class="bar" width="{WIDTH}" height="{HEIGHT}" aria-hidden="true">{parts}</svg>'
    )


def _of_dataset(dataset: NihDataset) -> str:
    entries = dataset.entries
    found = count_findings(
        entries["image"].tolist(),
        entries["finding_labels"].tolist(),
        entries["patient"].tolist(),
        classes=dataset.classes,
        splits={name: dataset.split(name) for name in dataset.splits},
        boxes=dataset.boxes["label"].tolist(),
        views=entries["view"].tolist(),
    )
    head = ["Class", "Images", "With another", "Boxes", *map(_title, found.splits)]
    caption = f"{found.images:,} images of {found.patients:,} patients"
    return section("Images", table(caption, head, [*_classes(found), *_sums(found)]))


def _classes(found: Statistics) -> list[list[Cell]]:
    return [
        [
            name,
            found.counts[name],
            found.overlaps[name],
            found.boxes.get(name, 0),
            *(split.counts.get(name, 0) for split in found.splits.values()),
        ]
        for name in found.classes
    ]


def _sums(found: Statistics) -> list[list[Cell]]:
    splits = found.splits.values()
    return [
        ["No Finding", found.no_finding, "", "", *(split.no_finding for split in splits)],
        ["All images", found.images, "", sum(found.boxes.values()), *(s.images for s in splits)],
        ["Patients", found.patients, "", "", *(split.patients for split in splits)],
    ]


def _title(split: str) -> str:
    return split.replace("_", " and ").capitalize()


def _figures(data: Path, out: Path) -> list[str]:
    there = {name: data / FOLDER / f"{name}.svg" for name in FIGURES}
    drawn = [figure(link(path, out), FIGURES[n]) for n, path in there.items() if path.is_file()]
    return [section("Figures", *drawn)] if drawn else []
