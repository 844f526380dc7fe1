"""Films to measure on, made up: DICOM files of any size, and labels for them."""

import random
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

CLASSES = ("Atelectasis", "Cardiomegaly", "Effusion", "Mass", "Nodule", "Pneumothorax")
DIGITAL_X_RAY = "1.2.840.10008.5.1.4.1.1.1.1"


def pixels(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    """Return stored values of 12 bits with the large shapes and the noise of a film."""
    chance = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:columns]
    shapes = 2000 + 900 * np.sin(x / columns * 7) + 700 * np.cos(y / rows * 8)
    noise = chance.normal(0, 25, (rows, columns))
    return np.clip(shapes + noise, 0, 4095).astype(np.uint16)


def film(stored: np.ndarray, number: int) -> Dataset:
    """Return an uncompressed frontal film of a patient of its own."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = DIGITAL_X_RAY
    ds.SOPInstanceUID = generate_uid(entropy_srcs=["film", str(number)])
    ds.StudyInstanceUID = generate_uid(entropy_srcs=["study", str(number)])
    ds.SeriesInstanceUID = generate_uid(entropy_srcs=["series", str(number)])
    ds.Modality, ds.ViewPosition, ds.BodyPartExamined = "DX", "PA", "CHEST"
    ds.PatientID, ds.AccessionNumber = f"P{number // 3}", accession(number)
    ds.PatientAge, ds.PatientSex, ds.StudyDate = "050Y", "F", "20200101"
    ds.Rows, ds.Columns = stored.shape
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.WindowCenter, ds.WindowWidth = 2000, 3000
    ds.PixelData = stored.tobytes()
    return ds


def accession(number: int) -> str:
    """Return the accession number, which is also the report's id."""
    return f"A{number:06d}"


def write_archive(
    folder: Path,
    count: int,
    rows: int,
    columns: int,
    *,
    change: Callable[[Dataset, int], None] = lambda ds, number: None,
) -> None:
    """Write `dicom/` and `labels.csv`; no two films have the same pixels."""
    (folder / "dicom").mkdir(parents=True)
    stored = pixels(rows, columns)
    for number in range(count):
        ds = film(np.roll(stored, 7 * number), number)
        change(ds, number)
        ds.save_as(path_of(folder, number), enforce_file_format=True)
    write_labels(folder / "labels.csv", range(count))


def path_of(folder: Path, number: int) -> Path:
    """Return the file of a film."""
    return folder / "dicom" / f"{number:06d}.dcm"


def write_labels(path: Path, numbers: Iterable[int], seed: int = 0) -> None:
    """Write labels as mine-labels does, for the reports of the films."""
    chance = random.Random(seed)
    lines = [",".join(["report_id", "Finding Labels", "Normal", *CLASSES])]
    for number in numbers:
        states = chance.choices(["", "0", "1"], [6, 3, 1], k=len(CLASSES))
        present = [c for c, s in zip(CLASSES, states, strict=True) if s == "1"]
        lines.append(",".join([accession(number), "|".join(present) or "No Finding", "0", *states]))
    path.write_text("\n".join(lines) + "\n")
