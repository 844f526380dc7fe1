"""The films of a run: checked, cached, and drawn in batches."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import lightning as L
from torch.utils.data import DataLoader

from chestx.dataset.nih.folder import NihDataset, open_dataset
from chestx.errors import ChestxError
from chestx.job.workers import cores
from chestx.model.batch import Batch
from chestx.model.data.augment import Augmentation
from chestx.model.data.cache import Cache, cache_folder, open_cache
from chestx.model.data.check import Checked, check_dataset
from chestx.model.data.films import FilmData, collate
from chestx.model.data.folds import fold_split, patient_folds
from chestx.model.data.fractions import sample_images
from chestx.model.data.order import Batches
from chestx.model.data.split import DataSplit, split_dataset, without_uncertain
from chestx.model.training.config import TrainConfig


@dataclass(frozen=True)
class Films:
    """A dataset that has been checked, with its split and its cache."""

    dataset: NihDataset
    split: DataSplit
    checked: Checked
    cache: Cache

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that are learned."""
        return tuple(self.checked.classes)


def open_films(config: TrainConfig, run: Path, *, quiet: bool = True) -> Films:
    """Check the whole dataset and make its cache: what can go wrong goes wrong here."""
    dataset = open_dataset(config.data)
    split = split_of(config, dataset)
    frame = (config.boxes_in, config.boxes_in) if config.boxes_in else None
    checked = check_dataset(dataset, split, config.classes or None, frame=frame)
    if not split.train or not split.val:
        raise ChestxError(f"'{config.data}' has no images to train on, or none to validate")
    cache = open_cache(
        dataset, split.images, config.size, cache_folder(run), workers=cores(), quiet=quiet
    )
    return Films(dataset, split, checked, cache)


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
    """Batches for training and validation; `patches` are those of the method's masks."""

    def __init__(self, films: Films, config: TrainConfig, patches: int) -> None:
        super().__init__()
        self.films, self.config, self.patches = films, config, patches

    def train_dataloader(self) -> DataLoader[Batch]:
        """Return the batches of training; Lightning tells them the epoch."""
        config, films = self.config, self.films
        images = sample_images(
            films.split.train,
            films.checked.boxes,
            boxes_fraction=config.boxes_fraction,
            unboxed_fraction=config.unboxed_fraction,
            seed=config.seed,
        )
        images = without_uncertain(films.dataset, images, films.classes)
        return self._loader(images, shuffled=True)

    def val_dataloader(self) -> DataLoader[Batch]:
        """Return the films of validation in their order."""
        return self._loader(self.films.split.val, shuffled=False)

    def _loader(self, images: Sequence[str], *, shuffled: bool) -> DataLoader[Batch]:
        config, trainer = self.config, self.trainer
        data = FilmData(
            self.films.dataset,
            self.films.cache,
            self.films.checked,
            images,
            patches=self.patches,
            annotated_negative=shuffled and config.annotated_negative,
            augmentation=Augmentation() if shuffled and config.augment else None,
            seed=config.seed,
        )
        batches = Batches(
            len(images),
            config.batch_size,
            seed=config.seed,
            shuffled=shuffled,
            rank=trainer.global_rank if trainer else 0,
            world=trainer.world_size if trainer else 1,
        )
        return DataLoader(
            data,
            batch_sampler=batches,
            collate_fn=collate,  # type: ignore[arg-type]  # FilmData gives whole batches
            num_workers=config.loader_workers,
        )
