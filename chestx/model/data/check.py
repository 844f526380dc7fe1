"""A dataset is looked over before hours are spent on it."""

import struct
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chestx.dataset.nih.folder import NihDataset
from chestx.errors import ChestxError
from chestx.model.data.split import DataSplit

_READERS, _AT_ONCE = 8, 256
"""Threads that read headers, since disk or network make them wait, and how many a turn."""
_START, _HEADER, _END = b"\x89PNG\r\n\x1a\n", b"IHDR", b"IEND\xaeB`\x82"
_TOLERANCE = 0.5
"""Pixels by which a box may reach out of its image: coordinates are rounded by some tools."""


class FilmBox(NamedTuple):
    """A box of a class (its place in the classes), in fractions of the image's width and height."""

    label: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Checked:
    """What a checked dataset is known to have.

    `sizes` are width and height of each image in pixels, `boxes` those of the classes by image.
    """

    classes: tuple[str, ...]
    sizes: Mapping[str, tuple[int, int]]
    boxes: Mapping[str, tuple[FilmBox, ...]]


def check_dataset(
    dataset: NihDataset,
    split: DataSplit,
    classes: Sequence[str] | None = None,
    *,
    frame: tuple[int, int] | None = None,
) -> Checked:
    """Check all images of `split`, their boxes and labels; `classes` None means the dataset's.

    Every image is there and is a whole PNG by its first and last bytes (what lies between is
    decoded when the cache is built), every box lies inside of its image, and the image has its
    label. `frame` is the size (width, height) of the picture in which the boxes count, None where
    it is the image itself: of NIH's images that were made smaller it is 1024 x 1024.

    Raises `ChestxError`: how many of what are wrong, which comes first, and how to mend it. Names
    of images are said there: those of build-dataset and of NIH are pseudonyms, and what is damaged
    must be found.
    """
    chosen = tuple(dataset.classes if classes is None else classes)
    if not chosen or len(set(chosen)) < len(chosen):
        raise ChestxError("there are no classes to learn, or one is named twice: name each once")
    targets = dataset.targets(chosen)
    images = list(dict.fromkeys(split.images))
    if not images:
        raise ChestxError(f"no image of '{dataset.folder}' is in its lists: mend the lists")
    sizes = _image_sizes(dataset, images)
    boxes = _boxes(dataset, sizes, chosen, frame)
    _refuse_boxes_of_absent(dataset, boxes, targets, chosen)
    return Checked(chosen, sizes, boxes)


def _image_sizes(dataset: NihDataset, images: Sequence[str]) -> dict[str, tuple[int, int]]:
    absent = set(dataset.missing())
    _refuse(
        [image for image in images if image in absent],
        len(images),
        "image",
        "missing",
        f"put them into '{dataset.folder}', or take their rows out of the table and the lists",
    )
    paths = [dataset.path_of(image) for image in images]
    parts = [paths[at : at + _AT_ONCE] for at in range(0, len(paths), _AT_ONCE)]
    with ThreadPoolExecutor(_READERS) as readers:
        found = chain(*readers.map(lambda part: [_png_size(path) for path in part], parts))
        sizes = dict(zip(images, found, strict=True))
    _refuse(
        [image for image, size in sizes.items() if size is None],
        len(images),
        "image",
        "damaged or no PNG",
        "get them again, or take their rows out of the table and the lists",
    )
    return {image: size for image, size in sizes.items() if size is not None}


def _png_size(path: Path) -> tuple[int, int] | None:
    """Return width and height; None for a file that is no PNG, or ends too early."""
    try:
        with path.open("rb", buffering=0) as file:
            head = file.read(24)
            file.seek(-len(_END), 2)
            end = file.read()
    except OSError:
        return None
    if not head.startswith(_START) or head[12:16] != _HEADER or len(head) < 24 or end != _END:
        return None
    width, height = struct.unpack(">II", head[16:24])
    return (width, height) if width and height else None


def _boxes(
    dataset: NihDataset,
    sizes: Mapping[str, tuple[int, int]],
    classes: Sequence[str],
    frame: tuple[int, int] | None,
) -> dict[str, tuple[FilmBox, ...]]:
    places = {name: at for at, name in enumerate(classes)}
    table = dataset.boxes
    table = table[table["image"].isin(sizes.keys()) & table["label"].isin(places.keys())]
    names = table["image"].tolist()
    edges = table[["x", "y", "width", "height"]].to_numpy(np.float64)
    pictures = np.array([frame or sizes[name] for name in names], np.float64).reshape(-1, 2)
    start, length = edges[:, :2], edges[:, 2:]
    finite = np.isfinite(edges).all(axis=1)
    inside = (start >= -_TOLERANCE) & (start + length <= pictures + _TOLERANCE) & (length > 0)
    good = finite & inside.all(axis=1)
    _refuse(
        [name for name, ok in zip(names, good.tolist(), strict=True) if not ok],
        len(names),
        "box",
        "empty or not inside of the image",
        "mend the list of boxes, which counts in pixels of the images (NIH's of 1024 x 1024 ones)",
        plural="boxes",
    )
    shares = np.hstack([start / pictures, length / pictures]).tolist()
    boxes: dict[str, list[FilmBox]] = {}
    for name, label, share in zip(names, table["label"].tolist(), shares, strict=True):
        boxes.setdefault(name, []).append(FilmBox(places[label], *share))
    return {name: tuple(found) for name, found in boxes.items()}


def _refuse_boxes_of_absent(
    dataset: NihDataset,
    boxes: Mapping[str, Sequence[FilmBox]],
    targets: npt.NDArray[np.uint8],
    classes: Sequence[str],
) -> None:
    """Refuse boxes of what an image does not have: Eq. 1 of Li et al. is of positives."""
    rows = dict(zip(boxes, dataset.rows(list(boxes)).tolist(), strict=True))
    every = [(image, box.label) for image, found in boxes.items() for box in found]
    _refuse(
        [f"{image} ({classes[k]})" for image, k in every if not targets[rows[image], k]],
        len(every),
        "box",
        "of a class that the image does not have in the table",
        "mend the list of boxes or the table",
        plural="boxes",
    )


def _refuse(
    faulty: Sequence[str], whole: int, thing: str, fault: str, mend: str, *, plural: str = ""
) -> None:
    if faulty:
        things = thing if whole == 1 else plural or f"{thing}s"
        are = "is" if len(faulty) == 1 else "are"
        raise ChestxError(
            f"{len(faulty):,} of {whole:,} {things} {are} {fault}, the first is {faulty[0]}: {mend}"
        )
