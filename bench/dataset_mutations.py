"""Two thousand broken files: nothing crashes, hangs or takes the memory."""

import csv
import subprocess
import tempfile
import time
import warnings
from collections import Counter
from io import BytesIO
from pathlib import Path

import data_store
import pydicom
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError

from bench.films import DIGITAL_X_RAY, accession, film, pixels, write_labels
from bench.mutations import PLACEHOLDER, write_mutated
from bench.outcome import Bar, Outcome
from bench.processes import build, environment, watched

FILES = 2_000
GIGABYTES = 2.0
LARGEST = 2**21
AT_THE_PIXELS = ("the compressed pixels", "the pixels")


def measure(number: int = FILES) -> Outcome:
    """Build a dataset of mutated films, some of every transfer syntax, and of one whole film."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        films = originals()
        write_mutated(films, folder / "dicom" / "broken", number)
        film(pixels(256, 192), 0).save_as(folder / "dicom" / "a.dcm", enforce_file_format=True)
        write_labels(folder / "labels.csv", range(number + 1))
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
            Bar("files that reached a decoder", made + _decoded(rejected), "at least", number / 4),
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
    """Return films of many transfer syntaxes: those that pydicom brings, and a made one."""
    folders = (Path(pydicom.data.__file__).parent, Path(data_store.__file__).parent)
    paths = sorted(path for folder in folders for path in folder.rglob("*.dcm"))
    with warnings.catch_warnings(action="ignore"):  # some of the films are faulty on purpose
        films = [_as_film(path) for path in paths if path.stat().st_size < LARGEST]
        kept = [_bytes(ds) for ds in films if ds is not None]
    made = film(pixels(200, 160), 1)
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = PLACEHOLDER
    return kept + [_bytes(made)] * (len(kept) // 5)


def _as_film(path: Path) -> Dataset | None:
    """Return a grey picture as if it were a radiograph, or nothing where it is none."""
    try:
        ds = pydicom.dcmread(path)
        if ds.PhotometricInterpretation[:4] != "MONO" or ds.get("NumberOfFrames", 1) != 1:
            return None
        ds.Modality, ds.ViewPosition = "DX", "PA"
        ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = DIGITAL_X_RAY
        ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = PLACEHOLDER
        return ds if "PixelData" in ds else None
    except (AttributeError, InvalidDicomError):
        return None


def _bytes(ds: Dataset) -> bytes:
    target = BytesIO()
    ds.save_as(target, enforce_file_format=True)
    return target.getvalue()


def _decoded(rejected: "Counter[str]") -> int:
    """Count the files whose pixels were at fault."""
    return sum(
        count for reason, count in rejected.items() if "pixel" in reason or "decode" in reason
    )


def _links(folder: Path) -> list[str]:
    paths = enumerate(sorted(folder.rglob("*.dcm")))
    return [f"{accession(number)},{path.relative_to(folder)}\n" for number, path in paths]


def _rejected(path: Path) -> "Counter[str]":
    with path.open(encoding="utf-8", newline="") as file:
        return Counter(row["reason"] for row in csv.DictReader(file))
