"""A dataset of eighteen small films, and runs of a tiny network on it."""

import csv
from pathlib import Path

import numpy as np
import torch

from chestx.dataset.films.png import encode_png
from chestx.dataset.nih.columns import BOX_HEADER, ENTRY_HEADER
from chestx.dataset.nih.folder import open_dataset
from chestx.model.methods.registry import make_method
from chestx.model.training.config import TrainConfig, config_text, make_config
from chestx.model.training.films import split_of
from chestx.model.training.learned import FILMS, films_csv
from chestx.model.training.train import train

METHODS = ("wcel", "mil")
TRAIN, VAL, TEST = range(10), range(10, 16), range(16, 18)
TINY = {
    "backbone": "test_efficientnet",
    "weights": "none",
    "size": 64,
    "epochs": 4,
    "batch_size": 2,
    "accumulate": 2,
    "lr": 0.001,
    "backbone_lr": 0.0001,
    "lr_every": 1,
    "lr_factor": 0.5,
    "augment": True,
    "devices": "cpu",
    "seed": 3,
}
OWN = {"wcel": {"map_size": 8, "loss": "wcel"}, "mil": {"patches": 12}}


def image(number: int) -> str:
    return f"{number:08d}_000.png"


def findings(number: int) -> str:
    return ("No Finding", "Mass", "Nodule", "Mass|Nodule", "No Finding")[number % 5]


def make_data(folder: Path) -> Path:
    """Write eighteen films, a patient each, with two boxes."""
    (folder / "images").mkdir(parents=True)
    with (folder / "Data_Entry_2017.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(ENTRY_HEADER)
        for number in (*TRAIN, *VAL, *TEST):
            row = (image(number), findings(number), 0, number, 50, "F", "PA", 40, 40, 0.1, 0.1)
            table.writerow(row)
            film = np.random.default_rng(number).integers(0, 256, (40, 40), np.uint8)
            (folder / "images" / image(number)).write_bytes(encode_png(film))
    boxes = [(image(1), "Mass", 4, 4, 20, 20), (image(12), "Nodule", 10, 0, 20, 30)]
    write_boxes(folder, boxes)
    for name, numbers in (("train", TRAIN), ("val", VAL), ("test", TEST)):
        (folder / f"{name}_list.txt").write_text("\n".join(map(image, numbers)))
    return folder


def write_boxes(folder: Path, boxes: list[tuple[str, str, float, float, float, float]]) -> None:
    with (folder / "BBox_List_2017.csv").open("w", newline="") as file:
        csv.writer(file).writerows([BOX_HEADER, *boxes])


def tiny(data: Path, method: str = "wcel", **changes: object) -> TrainConfig:
    given = {**TINY, **OWN[method], "data": str(data), **changes}
    return make_config(method, None, given)


def untrained(config: TrainConfig, run: Path) -> Path:
    """Leave a run as `train` does, of a network with weights at random."""
    torch.manual_seed(1)
    method = make_method(config.method, config.classes, **config.method_options())
    (run / "checkpoints").mkdir(parents=True)
    (run / "config.toml").write_text(config_text(config))
    (run / FILMS).write_bytes(films_csv(split_of(config, open_dataset(config.data))))
    state = {f"method.{name}": tensor for name, tensor in method.state_dict().items()}
    torch.save({"state_dict": state}, run / "checkpoints/best.ckpt")
    return run


def run_of(config: TrainConfig, run: Path, **options: bool) -> Path:
    train(config, run, quiet=True, **options)
    return run
