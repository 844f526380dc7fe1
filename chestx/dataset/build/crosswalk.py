"""The way back from the dataset to the hospital: `crosswalk.csv`, which stays with its key.

It is also the memory of the names, numbers and splits that were given, so that they stay when films
are added.
"""

import csv
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from chestx.dataset.splits import SPLITS, Split
from chestx.errors import ChestxError
from chestx.job.csv_line import csv_line
from chestx.job.names import printable
from chestx.job.output import Output

CROSSWALK = "crosswalk.csv"


@dataclass(frozen=True, slots=True)
class Row:
    """An image and where it comes from; `patient_from` is "patient id", or what stood in for it."""

    image: str
    patient: str
    split: Split
    source: str
    sop_instance_uid: str
    study_instance_uid: str
    accession_number: str
    patient_id: str
    issuer_of_patient_id: str
    patient_from: str
    study_date: str
    report_ids: str


HEADER = [field.name for field in fields(Row)]


def folder_for(dataset: Path) -> Path:
    """Return the folder of a dataset's crosswalk, beside it."""
    if dataset.name in ("", ".."):
        dataset = dataset.resolve()
    name = "crosswalk" if dataset.name == "dataset" else f"{dataset.name}-crosswalk"
    return dataset.with_name(name)


def write_crosswalk(crosswalk: Output, rows: Iterable[Row]) -> None:
    """Write `crosswalk.csv`."""
    lines = [csv_line(HEADER), *(csv_line(map(printable, astuple(row))) for row in rows)]
    crosswalk.write(CROSSWALK, "".join(lines).encode())


def read_crosswalk(crosswalk: Output) -> list[Row]:
    """Return the rows of an earlier run, none where there was none.

    Raises `ChestxError` where the file has been changed beyond recognition: without it images
    would change their names.
    """
    path = crosswalk / CROSSWALK
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            header, *cells = csv.reader(file)
            rows = [Row(*row) for row in cells]  # type: ignore[arg-type]
        if header == HEADER and all(row.split in SPLITS for row in rows):
            return rows
    except (ValueError, TypeError, csv.Error, UnicodeDecodeError):
        pass
    raise ChestxError(
        f"'{path}' was changed after it was written: restore it, or use --no-resume or another -o"
    )
