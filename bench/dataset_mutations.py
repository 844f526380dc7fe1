"""Two thousand broken files: nothing crashes, hangs or takes the memory."""

import csv
import subprocess
import tempfile
import time
from collections import Counter
from io import BytesIO
from pathlib import Path

from pydicom.data import get_testdata_files

from bench.films import film, pixels, write_labels
from bench.mutations import write_mutated
from bench.outcome import Bar, Outcome
from bench.processes import build, environment, watched

FILES = 2_000
GIGABYTES = 2.0
LARGEST = 2**21


def measure(number: int = FILES) -> Outcome:
    """Build a dataset of mutated films, some of every transfer syntax, and of one whole film."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        films = originals()
        write_mutated(films, folder / "dicom" / "broken", number)
        film(pixels(256, 192), 0).save_as(folder / "dicom" / "a.dcm", enforce_file_format=True)
        write_labels(folder / "labels.csv", range(1))
        table = folder / "links.csv"
        table.write_text("report_id,image\n" + "".join(_links(folder / "dicom")))
        command = [*build(folder, folder / "out", "--views", "all"), "--link", table]
        started = time.perf_counter()
        process = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL)
        peaks = watched(process)
        seconds = time.perf_counter() - started
        made = len(list((folder / "out" / "images").glob("*.png")))
        rejected = _rejected(folder / "out-crosswalk" / "rejected.csv")
    largest = max(peaks.values()) * 1024 / 1e9
    reasons = rejected.most_common(12)
    return Outcome(
        bars=[
            Bar("files neither made into an image nor rejected", number + 1 - made
                - rejected.total(), "at most", 0),
            Bar("rejected without a reason", rejected[""], "at most", 0),
            Bar("peak of the largest process, GB", largest, "at most", GIGABYTES),
        ],
        figures={
            "files": number, "originals": len(films), "seconds": seconds, "images": made,
            "rejected": rejected.total(), "peak_gb": largest, "reasons": dict(rejected),
        },
        tables={"Reasons": [["reason", "files"], *([r, str(n)] for r, n in reasons)]},
        notes=(
            f"{number:,} files made of {len(films)} films in {seconds:.0f} s: {made:,} images, "
            f"{rejected.total():,} rejected; the largest process held {largest:.2f} GB.",
        ),
    )  # fmt: skip


def originals() -> list[bytes]:
    """Return films of many transfer syntaxes: those that pydicom brings, and made ones."""
    paths = (Path(path) for path in get_testdata_files("*.dcm"))
    found = [path.read_bytes() for path in sorted(paths) if path.stat().st_size < LARGEST]
    made = BytesIO()
    film(pixels(200, 160), 1).save_as(made, enforce_file_format=True)
    return [*found, *[made.getvalue()] * max(1, len(found) // 4)]


def _links(folder: Path) -> list[str]:
    return [f"A000000,{path.relative_to(folder)}\n" for path in sorted(folder.rglob("*.dcm"))]


def _rejected(path: Path) -> "Counter[str]":
    with path.open(encoding="utf-8", newline="") as file:
        return Counter(row["reason"] for row in csv.DictReader(file))
