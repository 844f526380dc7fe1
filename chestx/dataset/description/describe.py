"""What `chestx describe` prints: the statistics of any folder in NIH's layout."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from chestx.dataset.csv_table import read_table
from chestx.dataset.description.about import MANIFEST, views_text
from chestx.dataset.description.published import PublishedColumn, published_columns
from chestx.dataset.description.statistics import Statistics, count_findings
from chestx.dataset.nih.columns import CLASSES, NO_FINDING
from chestx.dataset.nih.folder import NihDataset, open_dataset
from chestx.job.count import count
from chestx.job.tables import Row, text_table

LARGE = 100_000
"""A dataset with NIH's classes and more images is taken for ChestX-ray14 itself."""


def describe(folder: str | Path, *, compare: bool = False) -> str:
    """Return the statistics of a folder in NIH's layout as text.

    Table 16 of the paper and the differences stand beside them with `compare`, and where the
    folder holds ChestX-ray14; ChestX-ray8 is quoted too. Raise `ChestxError` for another folder.
    """
    dataset = open_dataset(folder)
    statistics = dataset_statistics(dataset)
    columns = published_columns() if compare or is_chestx_ray14(statistics) else ()
    parts = ["\n".join(_facts(dataset, statistics)), text_table(count_rows(statistics, columns))]
    if columns:
        parts.append("\n".join(_sources(statistics, columns)))
    return "\n\n".join(parts)


def dataset_statistics(dataset: NihDataset) -> Statistics:
    """Count all that the tables and lists of a dataset say of the images of its table.

    Views are those of `manifest.csv` where it is there: it tells lateral from unknown ones.
    """
    entries = dataset.entries
    return count_findings(
        entries["image"].tolist(),
        entries["finding_labels"].tolist(),
        entries["patient"].tolist(),
        splits={name: dataset.split(name) for name in dataset.splits},
        boxes=_boxes(dataset)["label"].tolist(),
        views=_views(dataset),
    )


def _boxes(dataset: NihDataset) -> pd.DataFrame:
    """Return the boxes on images of the table: the list of a part of NIH's has all of NIH's."""
    return dataset.boxes[dataset.boxes["image"].isin(dataset.entries["image"])]


def _views(dataset: NihDataset) -> list[str]:
    """Return the view of each image, empty where it is not known."""
    images, views = dataset.entries["image"].tolist(), dataset.entries["view"].tolist()
    path = dataset.folder / MANIFEST
    if not path.exists():
        return views
    table = read_table(path)
    if not {"image", "view"} <= {*table.header}:
        return views
    image_at, view_at = table.header.index("image"), table.header.index("view")
    told = {row[image_at]: row[view_at] for _, row in table.rows}
    return [told.get(image, view) for image, view in zip(images, views, strict=True)]


def is_chestx_ray14(statistics: Statistics) -> bool:
    """Tell whether a dataset looks like NIH's own, whole or nearly so."""
    return set(statistics.classes) == set(CLASSES) and statistics.images > LARGE


def count_rows(statistics: Statistics, columns: Sequence[PublishedColumn] = ()) -> list[Row]:
    """Return `#` and `Ov.` per class and of `No Finding`, published columns beside them.

    The first of the columns is compared with, the others are quoted.
    """
    header = ["Class", "#", "Ov."]
    for place, column in enumerate(columns):
        header += [f"{column.title} #", "Ov."] + ([] if place else ["difference #", "Ov."])
    rows = [header]
    for name, ours in _counts(statistics).items():
        row = [name, *map(_number, ours)]
        for place, column in enumerate(columns):
            theirs = column.counts.get(name)
            row += ["", ""] if theirs is None else map(_number, theirs)
            if not place:
                row += ["", ""] if theirs is None else map(_difference, ours, theirs)
        rows.append(row)
    return rows


def differing_rows(statistics: Statistics, column: PublishedColumn) -> list[str]:
    """Return the classes, or `No Finding`, whose `#` or `Ov.` differ from the published ones."""
    ours = _counts(statistics)
    return [name for name, theirs in column.counts.items() if ours.get(name) != theirs]


def _counts(statistics: Statistics) -> dict[str, tuple[int, int]]:
    counts = {n: (statistics.counts[n], statistics.overlaps[n]) for n in statistics.classes}
    return {**counts, NO_FINDING: (statistics.no_finding, 0)}


def _number(number: int) -> str:
    return f"{number:,}"


def _difference(ours: int, theirs: int) -> str:
    return f"{ours - theirs:+,}" if ours != theirs else "0"


def _facts(dataset: NihDataset, statistics: Statistics) -> Iterator[str]:
    yield f"{count(statistics.images, 'image')} of {count(statistics.patients, 'patient')}"
    yield f"Views: {views_text(statistics)}"
    for name, split in statistics.splits.items():
        images, patients = count(split.images, "image"), count(split.patients, "patient")
        yield f"Split {name}: {images} of {patients}"
    if len(boxes := _boxes(dataset)):
        yield f"Boxes: {len(boxes):,} on {count(boxes['image'].nunique(), 'image')}"
    if missing := len(dataset.missing()):
        yield f"Missing: the files of {count(missing, 'image')}"


def _sources(statistics: Statistics, columns: Sequence[PublishedColumn]) -> Iterator[str]:
    for column in columns:
        said = f"{column.title}: {column.images:,} images; {column.source}. {column.note}"
        yield said.rstrip()
    differing, rows = len(differing_rows(statistics, columns[0])), len(columns[0].counts)
    yield f"{differing} of {rows} rows differ from the published ones of {columns[0].title}."
