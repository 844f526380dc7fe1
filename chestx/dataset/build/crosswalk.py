"""The way back from the dataset to the hospital: `crosswalk.csv`, which stays with its key."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from chestx.job.csv_line import csv_line
from chestx.job.names import printable
from chestx.job.output import Output

CROSSWALK = "crosswalk.csv"


@dataclass(frozen=True, slots=True)
class Row:
    """An image and where it comes from; `patient_from` is "patient id", or what stood in for it."""

    image: str
    patient: str
    split: str
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
