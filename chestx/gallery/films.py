"""What is known of the films of a dataset: where they are, how they are shown, boxes, splits."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from chestx.dataset.csv_table import read_table
from chestx.dataset.nih.folder import NihDataset
from chestx.errors import ChestxError
from chestx.gallery.studies import Bytes

SPLITS = ("", "train", "val", "test", "train_val")
"""A split's number; a film that is in a part of train_val is not in train_val."""
MANIFEST, PAD = "manifest.csv", "pad"
BOX = ["x", "y", "width", "height"]


@dataclass(frozen=True, slots=True)
class Films:
    """F films: `facts` of each for the page, `boxed` [F, C] where there is a box, `splits` [F].

    The facts are `[image, folder, aspect, patient, age, sex, view, split, boxes]`: the folder's
    number in `folders` (links from the gallery), -1 for a film that is not there; width over height
    of the body, 0 where the image has it itself; boxes are `[class, x, y, width, height]` in pixels
    of the image.
    """

    folders: tuple[str, ...]
    facts: tuple[list[Any], ...]
    boxed: Bytes
    splits: Bytes


def read_films(
    dataset: NihDataset | None, classes: Sequence[str], out: Path, *, with_boxes: bool = True
) -> Films:
    """Read what the page at `out` shows of every film of the dataset."""
    if dataset is None:
        return Films((), (), np.zeros((0, len(classes)), np.uint8), np.zeros(0, np.uint8))
    images = dataset.entries["image"].tolist()
    splits = _splits(dataset, images)
    folders, places = _places(dataset, images, out)
    boxes: dict[str, list[list[float]]] = {image: [] for image in images}
    at = {name: i for i, name in enumerate(classes)}
    rows = dataset.boxes[dataset.boxes["image"].isin(boxes if with_boxes else ())]
    for image, label, edges in zip(
        rows["image"], rows["label"], rows[BOX].to_numpy().tolist(), strict=True
    ):
        boxes[image].append([at[label], *edges])
    boxed = np.zeros((len(images), len(classes)), np.uint8)
    for row, image in enumerate(images):
        for box in boxes[image]:
            boxed[row, int(box[0])] = 1
    table = dataset.entries
    columns = zip(
        images,
        places,
        _aspects(dataset),
        table["patient"].tolist(),
        [None if age != age else int(age) for age in table["age"].astype("float").tolist()],
        table["sex"].tolist(),
        table["view"].tolist(),
        splits.tolist(),
        boxes.values(),
        strict=True,
    )
    return Films(folders, tuple(map(list, columns)), boxed, splits)


def link(path: Path, out: Path) -> str:
    """Return the relative link from a page in the folder `out` to a file."""
    way = os.path.relpath(path.resolve(), out.resolve())
    return quote(Path(way).as_posix())


def _splits(dataset: NihDataset, images: Sequence[str]) -> Bytes:
    number = {image: i for i, image in enumerate(images)}
    found = np.zeros(len(images), np.uint8)
    for name in ("train_val", "train", "val", "test"):
        if name in dataset.splits:
            found[[number[image] for image in dataset.split(name)]] = SPLITS.index(name)
    return found


def _places(
    dataset: NihDataset, images: Sequence[str], out: Path
) -> tuple[tuple[str, ...], list[int]]:
    missing = set(dataset.missing())
    folders: dict[Path, int] = {}
    places = []
    for image in images:
        if image in missing:
            places.append(-1)
        else:
            folder = dataset.path_of(image).parent
            places.append(folders.setdefault(folder, len(folders)))
    return tuple(link(folder, out) for folder in folders), places


def _aspects(dataset: NihDataset) -> list[float]:
    """Return width over height of the body on each film, which squashing has changed."""
    table = dataset.entries
    if _fit(dataset.folder) == PAD:
        return [0.0] * len(table)
    pixel = (table["spacing_x"] / table["spacing_y"]).to_numpy()
    pixel = np.where(np.isfinite(pixel) & (pixel > 0), pixel, 1.0)
    shape = table["width"].to_numpy() / np.maximum(table["height"].to_numpy(), 1)
    return [round(aspect, 4) for aspect in (shape * pixel).tolist()]


def _fit(folder: Path) -> str:
    """Return how the films of a dataset of chestx were made square; NIH squashed them."""
    path = folder / MANIFEST
    if not path.is_file():
        return ""
    table = read_table(path)
    if "fit" not in table.header:
        raise ChestxError(f"'{path}' is damaged: run chestx build-dataset again")
    return str(table.rows[0][1][table.header.index("fit")]) if table.rows else ""
