"""Opens a folder in the layout of ChestX-ray14: NIH's own download, or a dataset of chestx."""

import gzip
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from chestx.dataset.nih.columns import BOX_LIST, CLASSES, DATA_ENTRY, IMAGES, LISTS
from chestx.dataset.nih.findings import classes_of, split_findings
from chestx.dataset.nih.tables import no_boxes, read_boxes, read_entries
from chestx.errors import ChestxError
from chestx.job.count import count
from chestx.job.output import made_by

_INSIDE = {("train_val", "train"), ("train_val", "val")}
"""Pairs of lists that share images by design."""


class NihDataset:
    """A dataset: its table, its boxes, its lists, and where its images are.

    `entries` has a row per image: `image, finding_labels, follow_up, patient, age, sex, view,
    width, height, spacing_x, spacing_y` (see `read_entries`). `boxes` has a row per box: `image,
    label, x, y, width, height`, in pixels of the images (1024 x 1024 in NIH's), without rows where
    the folder has no list of boxes. `classes` are those that occur, NIH's in NIH's order and others
    after them by name. `splits` are the names of the lists that are there.
    """

    def __init__(
        self,
        folder: Path,
        entries: pd.DataFrame,
        boxes: pd.DataFrame,
        lists: Mapping[str, Sequence[str]],
    ) -> None:
        self.folder = folder
        self.entries = entries
        self.boxes = boxes
        self._lists = lists
        self._codes, self._sets = pd.factorize(entries["finding_labels"])
        self.classes = classes_of(self._sets)

    def __len__(self) -> int:
        return len(self.entries)

    def __repr__(self) -> str:
        images, classes = count(len(self), "image"), len(self.classes)
        return f"<NihDataset {str(self.folder)!r}: {images}, {classes} classes>"

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of the lists that are in the folder."""
        return tuple(self._lists)

    def split(self, name: str) -> list[str]:
        """Return the images of "train_val", "train", "val" or "test" in the order of their list.

        `ChestxError` where there is no such list. Images that the table does not have are left out.
        """
        if name not in LISTS:
            raise ChestxError(f"there is no split {name!r}: choose one of {', '.join(LISTS)}")
        if name not in self._lists:
            raise ChestxError(
                f"'{self.folder}' has no {LISTS[name]}: put the list there, one image a line"
            )
        known = self._rows.index
        return [image for image in self._lists[name] if image in known]

    def rows(self, images: Sequence[str]) -> npt.NDArray[np.intp]:
        """Return the places of images in `entries` and `targets`; `KeyError` for an unknown one."""
        return np.asarray(self._rows.loc[list(images)], np.intp)

    def targets(self, classes: Sequence[str] | None = None) -> npt.NDArray[np.uint8]:
        """Return 1 where an image has a class, else 0: N images x C classes, as in `entries`.

        A class of ChestX-ray14 that no image has is a column of zeros; `ChestxError` for another.
        """
        columns = {name: i for i, name in enumerate(self.classes if classes is None else classes)}
        unknown = [name for name in columns if name not in self.classes and name not in CLASSES]
        if unknown:
            raise ChestxError(
                f"no image of '{self.folder}' has the class {unknown[0]!r}: "
                f"choose from {', '.join(self.classes)}"
            )
        of_sets = np.zeros((len(self._sets), len(columns)), np.uint8)
        for row, labels in enumerate(self._sets):
            for name in split_findings(labels):
                if name in columns:
                    of_sets[row, columns[name]] = 1
        return of_sets[self._codes]

    def path_of(self, image: str) -> Path:
        """Return the file of an image; `ChestxError` where it is missing."""
        try:
            return self._paths[image]
        except KeyError:
            raise ChestxError(
                f"{image} is not among the images in '{self.folder}': see missing()"
            ) from None

    def missing(self) -> list[str]:
        """Return the images of the table whose files are not there, in the table's order."""
        paths = self._paths
        return [image for image in self.entries["image"] if image not in paths]

    @cached_property
    def _rows(self) -> "pd.Series[int]":
        return pd.Series(np.arange(len(self)), index=pd.Index(self.entries["image"]))

    @cached_property
    def _paths(self) -> dict[str, Path]:
        """The images on disk; the folders are listed once."""
        return {
            file.name: folder / file.name
            for folder in _image_folders(self.folder)
            for file in os.scandir(folder)
            if file.name.endswith(".png")
        }


def open_dataset(folder: str | Path) -> NihDataset:
    """Open a folder in NIH's layout.

    It holds `Data_Entry_2017.csv` (or `Data_Entry_2017_v2020.csv`) and, where they are there,
    `BBox_List_2017.csv`, `train_val_list.txt`, `test_list.txt`, `train_list.txt` and
    `val_list.txt`, each also as `.gz`; the images are in `images/` or in `images_001/images/` to
    `images_012/images/`. Images may be missing: see `missing()`. Raise `ChestxError` where the
    folder is none, a table is damaged, or a patient is in two lists.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ChestxError(
            f"there is no folder '{folder}': make a dataset with chestx build-dataset, or name the "
            "folder of ChestX-ray14"
        )
    entries = read_entries(_table(folder))
    boxes = _file(folder, BOX_LIST)
    lists = {
        name: _read_list(path)
        for name, file in LISTS.items()
        if (path := _file(folder, file)) is not None
    }
    _refuse_shared_patients(folder, entries, lists)
    return NihDataset(folder, entries, no_boxes() if boxes is None else read_boxes(boxes), lists)


def _table(folder: Path) -> Path:
    stem = DATA_ENTRY.removesuffix(".csv")
    found = sorted(path for end in ("csv", "csv.gz") for path in folder.glob(f"{stem}*.{end}"))
    if not found and made_by(folder) == "build-dataset":
        raise ChestxError(f"'{folder}' is not finished: run chestx build-dataset again")
    if not found:
        raise ChestxError(
            f"'{folder}' is no dataset in NIH's layout, it has no {DATA_ENTRY}: name the folder "
            "that holds this file, the lists and the images"
        )
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise ChestxError(f"'{folder}' has several tables ({names}): keep one of them")
    return found[0]


def _file(folder: Path, name: str) -> Path | None:
    return next((path for path in (folder / name, folder / f"{name}.gz") if path.is_file()), None)


def _read_list(path: Path) -> list[str]:
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if path.suffix == ".gz" else data).decode().split()
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ChestxError(
            f"'{path}' cannot be read as a list of images ({type(error).__name__}): get it again"
        ) from error


def _refuse_shared_patients(
    folder: Path, entries: pd.DataFrame, lists: Mapping[str, Sequence[str]]
) -> None:
    patient_of = dict(zip(entries["image"].tolist(), entries["patient"].tolist(), strict=True))
    patients = {
        name: {patient_of[image] for image in images if image in patient_of}
        for name, images in lists.items()
    }
    for one, other in combinations(lists, 2):
        shared = patients[one] & patients[other]
        if shared and (one, other) not in _INSIDE:
            number = count(len(shared), "patient")
            raise ChestxError(
                f"{LISTS[one]} and {LISTS[other]} of '{folder}' share {number}: move all images of "
                "a patient into one of the lists"
            )


def _image_folders(folder: Path) -> list[Path]:
    parts = sorted(folder.glob(f"{IMAGES}_[0-9]*"))
    folders = [*(part / IMAGES for part in parts), *parts, folder / IMAGES]
    return [path for path in folders if path.is_dir()]
