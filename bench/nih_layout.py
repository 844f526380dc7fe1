"""A dataset in NIH's layout to train on: films with shapes and noise, labels, and a few boxes."""

import csv
from pathlib import Path

import numpy as np

from bench.films import pixels
from chestx.dataset.films.png import encode_png
from chestx.dataset.nih.columns import BOX_HEADER, ENTRY_HEADER

CLASSES = ("Atelectasis", "Cardiomegaly", "Effusion", "Mass", "Nodule", "Pneumothorax")
BOXED = 4
"""Every so many films have a box."""


def write_dataset(folder: Path, films: int, size: int) -> None:
    """Write `films` of as many patients, and the lists of 80, 10 and 10%."""
    (folder / "images").mkdir(parents=True)
    shades = (pixels(size, size) >> 4).astype(np.uint8)
    entries, boxes = [], []
    for number in range(films):
        name, label = f"{number:08d}_000.png", CLASSES[number % len(CLASSES)]
        film = np.roll(shades, number * 7, axis=1)
        (folder / "images" / name).write_bytes(encode_png(film))
        entries.append((name, label, 0, number, 50, "F", "PA", size, size, 0.1, 0.1))
        if number % BOXED == 0:
            boxes.append((name, label, size // 4, size // 4, size // 8, size // 8))
    for table, header, rows in (
        ("Data_Entry_2017.csv", ENTRY_HEADER, entries),
        ("BBox_List_2017.csv", BOX_HEADER, boxes),
    ):
        with (folder / table).open("w", newline="") as file:
            csv.writer(file).writerows([header, *rows])
    names = [row[0] for row in entries]
    ends = {"train": films * 8 // 10, "val": films * 9 // 10, "test": films}
    start = 0
    for split, end in ends.items():
        (folder / f"{split}_list.txt").write_text("\n".join(names[start:end]))
        start = end
