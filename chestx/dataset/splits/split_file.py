"""A split that the user has already: a table of patients or images, or the lists of a dataset.

| file | patients named by |
|---|---|
| CSV with `split` and `patient_id` | the hospital's id |
| CSV with `split` and `Patient ID` | the dataset's number |
| CSV with `split` and `image` or `Image Index` | an image of the dataset: `PPPPPPPP_FFF.png`, never a film's file |
| a folder with `test_list.txt`, `train_val_list.txt`, `train_list.txt`, `val_list.txt`, or one of these | an image of the dataset |

The dataset's numbers and images are those of an earlier run with the same key. Patients whom a
split does not name go to the training set, which harms neither of the others.
"""  # noqa: E501

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chestx.dataset.csv_table import Table, plain, read_table
from chestx.dataset.identity.names import patient_of
from chestx.dataset.splits import SPLITS, Split
from chestx.dataset.splits.lists import LISTS, TRAIN_VAL, Listed, read_list, read_lists
from chestx.dataset.unmatched import Unmatched
from chestx.errors import ChestxError

By = Literal["patient_id", "number"]
COLUMNS: dict[str, tuple[By, Callable[[str], str | int]]] = {
    "patient_id": ("patient_id", str),
    "Patient ID": ("number", int),
    "image": ("number", patient_of),
    "Image Index": ("number", patient_of),
}
"""The columns that name patients, with how a patient is read from them."""

NAMES = (
    "patient_id (the hospital's), Patient ID (the dataset's number), image or Image Index (names "
    "of the dataset's images, such as 00000001_000.png, not of films)"
)
NEEDS = (
    f"columns split ({', '.join(SPLITS)}) and one of {NAMES}, or a folder with {', '.join(LISTS)}"
)
UNNAMED: Split = "train"


@dataclass(frozen=True, slots=True)
class SplitFile:
    """What names the split of patients, each patient once, by hospital's id or dataset's number.

    `column` of the file `name` names them; lists are of the column image.
    """

    name: str
    column: str
    by: By
    splits: Mapping[str | int, Listed]
    faults: Sequence[Unmatched]


def read_split_file(path: Path) -> SplitFile:
    """Read a split in one of the forms above.

    Raises `ChestxError` where it is in none, names no patient, or puts one into two splits.
    """
    faults: list[Unmatched] = []
    if path.is_dir() or path.name in (*LISTS, TRAIN_VAL):
        column = "image"
        entries = iter(_lists(path))
    else:
        table = read_table(path)
        column = next((name for name in COLUMNS if name in table.header), "")
        if not column or "split" not in table.header:
            raise ChestxError(f"'{path}' is no split: it needs {NEEDS}")
        entries = _entries(table, column, path.name, faults)
    by, patient = COLUMNS[column]
    splits: dict[str | int, Listed] = {}
    for entry in entries:
        try:
            who = patient(entry.name)
        except ValueError:
            faults.append(_fault(entry, "it names no patient of a dataset"))
            continue
        first = splits.setdefault(who, entry)
        if first.split != entry.split:
            raise ChestxError(
                f"'{path}' puts a patient into two splits: line {first.row} of '{first.source}' "
                f"and line {entry.row} of '{entry.source}'"
            )
    if not splits:
        raise ChestxError(f"'{path}' names no patient: it needs {NEEDS}")
    return SplitFile(path.name, column, by, splits, faults)


def apply_split_file(
    file: SplitFile, patients: Mapping[int, str]
) -> tuple[dict[int, Split], list[Unmatched]]:
    """Return the split of each of the dataset's `patients`, and what found no partner.

    `patients` are the hospital's ids by the dataset's numbers. An id that two issuers gave away
    puts both patients into its split. Listed are rows that name nobody, patients whom the dataset
    lacks, and patients who are not named and go to the training set. Raises `ChestxError` where
    none is named.
    """
    splits: dict[int, Split] = {}
    unnamed: list[Unmatched] = []
    met: set[str | int] = set()
    for number, patient in sorted(patients.items()):
        who = number if file.by == "number" else plain(patient)
        met.add(who)
        listed = file.splits.get(who)
        splits[number] = listed.split if listed else UNNAMED
        if listed is None:
            reason = f"the split file does not name this patient: put into {UNNAMED}"
            unnamed.append(Unmatched("split", f"{number:08d}", "", reason))
    if len(unnamed) == len(splits):
        raise ChestxError(
            f"'{file.name}' names none of the dataset's patients by its columns split and "
            f"{file.column}: patients are named by {NAMES}"
        )
    absent = [
        _fault(entry, "no patient of the dataset")
        for who, entry in file.splits.items()
        if who not in met
    ]
    return splits, [*file.faults, *absent, *unnamed]


def _lists(path: Path) -> Sequence[Listed]:
    if path.is_dir():
        return read_lists(path)
    return [*read_list(path, LISTS.get(path.name, "train"))]


def _entries(table: Table, column: str, source: str, faults: list[Unmatched]) -> Iterator[Listed]:
    faults.extend(Unmatched("split", "", source, reason, line) for line, reason in table.faults)
    name_at, split_at = table.header.index(column), table.header.index("split")
    for line, row in table.rows:
        split = next((split for split in SPLITS if split == row[split_at].lower()), None)
        if split is None or not row[name_at]:
            reason = f"the split is none of {', '.join(SPLITS)}, or no patient is named"
            faults.append(Unmatched("split", row[name_at], source, reason, line))
        else:
            yield Listed(row[name_at], split, source, line)


def _fault(entry: Listed, reason: str) -> Unmatched:
    return Unmatched("split", entry.name, entry.source, reason, entry.row)
