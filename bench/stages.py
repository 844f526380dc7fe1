"""The registry: a stage is a function that takes nothing and returns what it measured."""

from collections.abc import Callable

from bench import (
    dataset_kills,
    dataset_memory,
    dataset_mutations,
    dataset_speed,
    demo,
    films_pixels,
    films_speed,
    gallery_speed,
    labels_memory,
    labels_quality,
    labels_speed,
    labels_startup,
    nih_folds,
    nih_statistics,
    phantoms,
    train_overhead,
)
from bench.outcome import Outcome

STAGES: dict[str, Callable[[], Outcome]] = {
    "labels_quality": labels_quality.measure,
    "labels_speed": labels_speed.measure,
    "labels_startup": labels_startup.measure,
    "labels_memory": labels_memory.measure,
    "films_pixels": films_pixels.measure,
    "films_speed": films_speed.measure,
    "dataset_speed": dataset_speed.measure,
    "dataset_memory": dataset_memory.measure,
    "dataset_kills": dataset_kills.measure,
    "dataset_mutations": dataset_mutations.measure,
    "gallery_speed": gallery_speed.measure,
    "nih_statistics": nih_statistics.measure,
    "train_overhead": train_overhead.measure,
    "nih_folds": nih_folds.measure,
    "phantoms": phantoms.measure,
    "demo": demo.measure,
}
