"""What a run learns from: `films.csv` says which film is in which set, a digest what they were."""

import csv
import io
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

from chestx.dataset.nih.folder import NihDataset
from chestx.errors import ChestxError
from chestx.job.csv_line import csv_line
from chestx.model.data.cache import file_state
from chestx.model.data.split import DataSplit
from chestx.model.training.films import Films

FILMS = "films.csv"
_HEADER = ("image", "set")
_SETS = ("train", "val", "test")


def films_csv(split: DataSplit) -> bytes:
    """Return `films.csv`: `image, set` of each image of the split."""
    rows = [(image, name) for name in _SETS for image in getattr(split, name)]
    return "".join(map(csv_line, (_HEADER, *rows))).encode()


def digest_of(films: Films) -> str:
    """Return what stands for the films: names, sets, labels, boxes, sizes and times of files."""
    dataset, images = films.dataset, films.split.images
    targets = dataset.targets(films.classes)[dataset.rows(images)].tolist()
    digest = blake2b(repr([films.classes, *films.split[:3], films.train, films.val]).encode())
    for image, labels in zip(images, targets, strict=True):
        boxes = films.checked.boxes.get(image, ())
        file = file_state(dataset.path_of(image))
        digest.update(repr((image, labels, [tuple(box) for box in boxes], file)).encode())
    return digest.hexdigest()[:32]


def stored_split(run: Path, dataset: NihDataset) -> DataSplit:
    """Return the split of a run's own data, whatever became of lists and table since.

    What the run has learned from is never for testing. Images that are no longer there are left
    out, new ones are in no set. Raises `ChestxError` where `films.csv` is missing or damaged.
    """
    sets = _read(run / FILMS)
    there = set(dataset.entries["image"])
    train, val, test = ([image for image in sets[name] if image in there] for name in _SETS)
    return DataSplit(train, val, test)


def stored_images(run: Path) -> set[str]:
    """Return the names of all films of a run's own data, as `stored_split` reads them."""
    return {image for images in _read(run / FILMS).values() for image in images}


def other_films(run: Path) -> ChestxError:
    """Return the error for a run that has learned from films, labels, boxes or splits of old."""
    return ChestxError(
        f"'{run}' was made from other films, labels or boxes: use --no-resume or another -o"
    )


def _read(path: Path) -> Mapping[str, Sequence[str]]:
    sets: dict[str, list[str]] = {name: [] for name in _SETS}
    try:
        for image, name in list(csv.reader(io.StringIO(path.read_text("utf-8"))))[1:]:
            sets[name].append(image)
    except (OSError, ValueError, KeyError, csv.Error) as error:
        raise ChestxError(
            f"'{path}' does not say what the run has learned from ({type(error).__name__}): "
            "train it again with --no-resume"
        ) from error
    return sets
