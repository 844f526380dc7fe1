"""The lists of a dataset's splits: `train_list.txt` and its like, an image in each line.

`test_list.txt` and `train_val_list.txt` are NIH's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from chestx.dataset.nih.columns import LISTS as FILES
from chestx.dataset.splits import SPLITS, Split
from chestx.errors import ChestxError

TRAIN_VAL = FILES["train_val"]
LISTS: dict[str, Split] = {FILES[split]: split for split in SPLITS}


@dataclass(frozen=True, slots=True)
class Listed:
    """A `name` in line `row` of the list `source`, for which it is of `split`."""

    name: str
    split: Split
    source: str
    row: int


def list_texts(images: Mapping[str, Split]) -> dict[str, str]:
    """Return the text of each list by the name of its file; names are sorted."""
    of_list = {file: {split} for file, split in LISTS.items()} | {TRAIN_VAL: {"train", "val"}}
    return {
        file: "".join(f"{name}\n" for name in sorted(images) if images[name] in splits)
        for file, splits in of_list.items()
    }


def read_lists(folder: Path) -> list[Listed]:
    """Return what the lists of a folder name, nothing where there are none.

    An image of `train_val_list.txt` is of `train` unless `val_list.txt` names it.
    """
    listed = [entry for file, split in LISTS.items() for entry in read_list(folder / file, split)]
    named = {entry.name for entry in listed}
    rest = [entry for entry in read_list(folder / TRAIN_VAL, "train") if entry.name not in named]
    return listed + rest


def read_list(path: Path, split: Split) -> Iterator[Listed]:
    """Yield what a list names, nothing where there is no such file."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise ChestxError(f"cannot read '{path}' ({type(error).__name__})") from error
    for row, line in enumerate(lines, 1):
        if name := line.strip():
            yield Listed(name, split, path.name, row)
