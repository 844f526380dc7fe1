"""Which films a run is judged on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path

from chestx.dataset.nih.folder import NihDataset, open_dataset
from chestx.errors import ChestxError
from chestx.job.count import count
from chestx.model.data.split import DataSplit
from chestx.model.training.config import TrainConfig
from chestx.model.training.films import split_of
from chestx.model.training.learned import stored_images, stored_split

SPLITS = ("test", "val", "train", "all")
EVALUATION = "evaluation"


@dataclass(frozen=True)
class JudgedFilms:
    """The images of a split of a dataset: the run's `own`, or another.

    `boxes_in` is the edge of the images in whose pixels boxes count, 0 for the images themselves;
    `told` what the user should know of the split; `folder` the name of what is written for it.
    """

    dataset: NihDataset
    own: bool
    split: str
    images: Sequence[str]
    boxes_in: int
    told: str

    @property
    def frame(self) -> tuple[int, int] | None:
        """The size of the picture in which boxes count, None for the images."""
        return (self.boxes_in, self.boxes_in) if self.boxes_in else None

    @property
    def parts(self) -> DataSplit:
        """A split of these images alone: no other one need be there."""
        return DataSplit([], [], self.images)

    @property
    def folder(self) -> str:
        """`evaluation` for the test set of the run's own data; other films leave that alone.

        Of other data it has a digest of the images' names: many datasets are called `dataset`.
        """
        of_data = [] if self.own else [self.dataset.folder.resolve().name, _digest(self.dataset)]
        of_split = [] if self.split == "test" else [self.split]
        return "-".join([EVALUATION, *of_data, *of_split])


def films_to_judge(
    run: Path, config: TrainConfig, data: Path | None, split: str | None, boxes_in: int | None
) -> JudgedFilms:
    """Return the films of a split of `data`, by default the test set of the run's own data.

    The run remembers its own split: what it has learned from is never for testing.

    Of other data without lists all films are judged; the run's fold and `boxes_in` are not theirs.
    Raises `ChestxError` where there is no such film.
    """
    folder = data or Path(config.data)
    dataset = open_dataset(folder)
    own = _is_own(run, dataset)
    if split is None:
        split = "test" if own or dataset.splits else "all"
    if boxes_in is None:
        boxes_in = config.boxes_in if own else 0
    images, told = _images(run, config, dataset, split, own=own)
    if not own:
        told = "; ".join(filter(None, (told, _known(run, dataset, images))))
    if not images:
        others = ", ".join(name for name in SPLITS if name != split)
        raise ChestxError(
            f"'{folder}' has no images of the split '{split}': name another --split ({others})"
        )
    return JudgedFilms(dataset, own, split, images, boxes_in, told)


def _digest(dataset: NihDataset) -> str:
    names = "\n".join(sorted(dataset.entries["image"]))
    return blake2b(names.encode(), digest_size=3).hexdigest()


def _is_own(run: Path, dataset: NihDataset) -> bool:
    """Tell whether a dataset holds most of the films that the run knows, wherever it lies now.

    Its path tells little: in every workspace it is called `dataset`. Some films may have gone.
    """
    known = stored_images(run)
    return 2 * len(known & set(dataset.entries["image"])) > len(known)


def _known(run: Path, dataset: NihDataset, images: Sequence[str]) -> str:
    """Say how many of the images may be films that the run has learned from, in another folder."""
    split = stored_split(run, dataset)
    seen = len({*split.train, *split.val}.intersection(images))
    of_all = f"{seen:,} of {count(len(images), 'image')}"
    return f"{of_all} have names of films that the model has learned from" if seen else ""


def _images(
    run: Path, config: TrainConfig, dataset: NihDataset, split: str, *, own: bool
) -> tuple[Sequence[str], str]:
    """Return the images and what is to be told of them."""
    learned = "the model has learned from films among them"
    if split == "all":
        other = "" if dataset.splits else "the dataset has no lists"
        return dataset.entries["image"].tolist(), learned if own else other
    if not own and not dataset.splits:
        raise ChestxError(
            f"'{dataset.folder}' has no lists that say which films are its split '{split}': use "
            "--split all"
        )
    parts = stored_split(run, dataset) if own else split_of(replace(config, fold=0), dataset)
    images = {"test": parts.test, "val": parts.val, "train": parts.train}[split]
    fold = f"fold {config.fold} of {config.folds}" if config.fold and own else ""
    return images, "; ".join(filter(None, (fold, parts.told, learned * (split == "train"))))
