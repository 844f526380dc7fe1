"""The films of a set as batches: pixels of the cache, targets, and boxes as masks of patches."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from chestx.dataset.nih.folder import NihDataset
from chestx.model.batch import Batch
from chestx.model.data.augment import Augmentation
from chestx.model.data.cache import Cache
from chestx.model.data.check import Checked, FilmBox
from chestx.model.data.order import Batches, Draw
from chestx.model.equations.patch_mask import patch_mask
from chestx.model.equations.pixels import XYWH


class FilmData(Dataset[Batch]):
    """Batches of films for a `DataLoader` whose sampler is `Batches`: see `film_loader`.

    `images` are of the cache and of the checked dataset, which says classes and boxes. Masks are of
    `patches` a side; several boxes of a class are united. With `annotated_negative` an image with
    boxes is negative for all classes but the boxed ones, as in Li et al.; otherwise it keeps its
    own labels. `augmentation` is drawn from `seed`, the epoch and the film's place in `images`
    alone; a box that it moves off the film counts no longer.
    """

    def __init__(
        self,
        dataset: NihDataset,
        cache: Cache,
        checked: Checked,
        images: Sequence[str],
        *,
        patches: int,
        annotated_negative: bool = False,
        augmentation: Augmentation | None = None,
        seed: int = 0,
    ) -> None:
        self.cache, self.patches = cache, patches
        self.augmentation, self.seed = augmentation, seed
        rows = dataset.rows(images)
        self._rows = torch.from_numpy(rows.astype(np.int64))
        self._places = cache.rows(images)
        self._boxes = {
            at: checked.boxes[image] for at, image in enumerate(images) if image in checked.boxes
        }
        targets = dataset.targets(checked.classes)[rows].astype(np.float32)
        if annotated_negative:
            for at, boxes in self._boxes.items():
                boxed = np.isin(np.arange(targets.shape[1]), [box.label for box in boxes])
                targets[at] *= boxed
        self.targets = torch.from_numpy(targets)
        """float32 [N, C], 0 or 1."""

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, draw: Draw) -> Batch:
        """Return the films of a draw as one batch."""
        films = self.cache.images[self._places[draw.films]]
        targets = self.targets[draw.films]
        inside = torch.zeros((*targets.shape, self.patches, self.patches), dtype=torch.bool)
        has_box = torch.zeros(targets.shape, dtype=torch.bool)
        for at, place in enumerate(draw.films):
            boxes = self._boxes.get(place, ())
            edges = [_in_pixels(box, self.cache.size) for box in boxes]
            drawn: Sequence[XYWH | None] = edges
            if self.augmentation:
                films[at], drawn = self.augmentation.apply(
                    films[at], edges, seed=self.seed, epoch=draw.epoch, place=place
                )
            for box, edge in zip(boxes, drawn, strict=True):
                if edge is not None:
                    has_box[at, box.label] = True
                    inside[at, box.label] |= self._mask(edge)
        return Batch(
            torch.from_numpy(films).unsqueeze(1),
            targets,
            inside,
            has_box,
            self._rows[draw.films],
            self._whole(draw.whole),
        )

    def _whole(self, films: Sequence[int]) -> Tensor:
        targets = self.targets[films]
        positives = float(targets.sum())
        return torch.tensor([len(films), positives, targets.numel() - positives])

    def _mask(self, edge: XYWH) -> Tensor:
        return patch_mask(edge, self.cache.size, self.patches)


def film_loader(films: FilmData, batches: Batches, *, workers: int = 0) -> DataLoader[Batch]:
    """Return the loader of the batches of `films` that `batches` draws."""
    return DataLoader(
        films,
        sampler=batches,
        batch_size=None,  # a draw is a batch already
        collate_fn=_as_it_is,  # type: ignore[arg-type]
        num_workers=workers,
        persistent_workers=workers > 0,
        # Of its own, since a loader draws a number each time that it is begun.
        generator=torch.Generator(),
    )


def _as_it_is(batch: Batch) -> Batch:
    return batch


def _in_pixels(box: FilmBox, size: int) -> XYWH:
    return box.x * size, box.y * size, box.width * size, box.height * size
