"""The films of a run: checked, cached, and drawn in batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning as L
from torch.utils.data import DataLoader

from chestx.dataset.nih.folder import NihDataset, open_dataset
from chestx.errors import ChestxError
from chestx.job.workers import cores
from chestx.model.batch import Batch
from chestx.model.data.augment import Augmentation
from chestx.model.data.cache import Cache, cache_folder, open_cache
from chestx.model.data.check import Checked, check_dataset
from chestx.model.data.films import FilmData, film_loader
from chestx.model.data.folds import fold_split, patient_folds
from chestx.model.data.fractions import sample_images
from chestx.model.data.image_format import ImageFormat, image_format
from chestx.model.data.notes import notes_of
from chestx.model.data.order import Batches
from chestx.model.data.split import DataSplit, split_dataset
from chestx.model.data.uncertain import without_uncertain
from chestx.model.methods.registry import METHODS
from chestx.model.training.config import TrainConfig


@dataclass(frozen=True)
class Films:
    """A dataset that has been checked, with its split.

    `train` are the images to learn from, `val` those by which the best model is chosen: of the
    split's, those without an uncertain label, and for `train` the fractions that were asked for.
    `notes` are lines for the user.
    """

    dataset: NihDataset
    split: DataSplit
    checked: Checked
    train: Sequence[str]
    val: Sequence[str]
    notes: tuple[str, ...]

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that are learned."""
        return tuple(self.checked.classes)

    @property
    def image_format(self) -> ImageFormat:
        """How the images were made of films."""
        return image_format(self.dataset, self.checked.sizes)

    def open_cache(self, size: int, run: Path, *, quiet: bool) -> Cache:
        """Make the cache for the run, or take it where it has been made."""
        images, folder = self.split.images, cache_folder(run)
        return open_cache(self.dataset, images, size, folder, workers=cores(), quiet=quiet)


def check_films(config: TrainConfig) -> Films:
    """Check the whole dataset, before any work is begun on it."""
    dataset = open_dataset(config.data)
    split = split_of(config, dataset)
    frame = (config.boxes_in, config.boxes_in) if config.boxes_in else None
    checked = check_dataset(dataset, split, config.classes or None, frame=frame)
    drawn = sample_images(
        split.train,
        checked.boxes,
        boxes_fraction=config.boxes_fraction,
        unboxed_fraction=config.unboxed_fraction,
        seed=config.seed,
    )
    train, val = (without_uncertain(dataset, part, checked.classes) for part in (drawn, split.val))
    if len(train) < 2 or not val:
        raise ChestxError(
            f"'{config.data}' leaves {len(train)} images to train on and {len(val)} to "
            "validate: mend its lists, or use larger fractions"
        )
    with_boxes = METHODS[config.method].learns_from_boxes
    notes = notes_of(dataset, checked, train, val, with_boxes=with_boxes)
    return Films(dataset, split, checked, train, val, notes)


def split_of(config: TrainConfig, dataset: NihDataset) -> DataSplit:
    """Return the dataset's split, or that of the configured fold."""
    if not config.fold:
        return split_dataset(dataset, seed=config.seed)
    images = dataset.entries["image"].tolist()
    folds = patient_folds(dataset, images, folds=config.folds, seed=0)
    if config.fold > len(folds):
        raise ChestxError(f"there is no fold {config.fold}: there are {len(folds)}")
    return fold_split(dataset, folds, config.fold - 1, seed=0)


class FilmModule(L.LightningDataModule):
    """Batches for training and validation; `patches` are those of the method's masks.

    Several processes share the batches of training; each validates on all films.
    """

    def __init__(self, films: Films, cache: Cache, config: TrainConfig, patches: int) -> None:
        super().__init__()
        self.films, self.cache, self.config, self.patches = films, cache, config, patches

    def train_dataloader(self) -> DataLoader[Batch]:
        """Return the batches of the epoch that is next, from where a checkpoint stands in it."""
        config, trainer = self.config, self.trainer
        assert trainer is not None
        images = self.films.train
        data = self._films(
            images,
            annotated_negative=config.annotated_negative,
            augmentation=Augmentation() if config.augment else None,
        )
        batches = Batches(
            len(images),
            config.batch_size,
            accumulate=config.accumulate,
            seed=config.seed,
            rank=trainer.global_rank,
            world=trainer.world_size,
        )
        if not len(batches):
            raise ChestxError(
                f"{len(images)} images are too few for {trainer.world_size} processes: train with "
                "fewer --devices"
            )
        # Workers fetch ahead as soon as there is a loader, earlier than Lightning's epoch begins.
        loop = trainer.fit_loop
        epoch = loop.epoch_progress.current.processed  # type: ignore[attr-defined]
        turns = loop.epoch_loop.batch_progress.current.ready
        batches.begin(epoch, turns % len(batches))
        return film_loader(data, batches, workers=config.loader_workers)

    def val_dataloader(self) -> DataLoader[Batch]:
        """Return the films of validation in their order."""
        images = self.films.val
        batches = Batches(len(images), self.config.batch_size, shuffled=False)
        return film_loader(self._films(images), batches, workers=self.config.loader_workers)

    def _films(self, images: Sequence[str], **options: Any) -> FilmData:
        films, seed = self.films, self.config.seed
        return FilmData(
            films.dataset,
            self.cache,
            films.checked,
            images,
            patches=self.patches,
            seed=seed,
            **options,
        )
