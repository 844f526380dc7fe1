"""A small made-up hospital: films, and labels of reports that are named by accession number."""

from pathlib import Path

import numpy as np
from dicom_films import gradient, write_film

from chestx.job.csv_line import csv_line

CLASSES = (
    "Atelectasis", "Cardiomegaly", "Effusion", "Infiltration", "Mass", "Nodule", "Pneumonia",
    "Pneumothorax", "Consolidation", "Edema", "Emphysema", "Fibrosis", "Pleural_Thickening",
    "Hernia",
)  # fmt: skip


def write_labels(path: Path, reports: dict[str, dict[str, int]]) -> Path:
    """Write `labels.csv` as mine-labels does: the states of each report's classes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [csv_line(["report_id", "Finding Labels", "Normal", *CLASSES])]
    for report, states in reports.items():
        present = "|".join(c for c in CLASSES if states.get(c) == 1) or "No Finding"
        cells = [str(states.get(c, "")) for c in CLASSES]
        lines.append(csv_line([report, present, "0", *cells]))
    path.write_text("".join(lines), "utf-8")
    return path


def write_hospital(folder: Path, patients: int = 8, *, rows: int = 96, seed: int = 0) -> None:
    """Write `dicom/` and `labels/labels.csv`: one or two studies for each patient."""
    chance = np.random.default_rng(seed)
    reports: dict[str, dict[str, int]] = {}
    for number in range(patients):
        for visit in range(1 + number % 2):
            accession = f"ACC{number:05d}{visit}"
            tags = {
                "PatientID": f"MRN-{number}",
                "PatientName": f"Geheim^Nümmer{number}",
                "AccessionNumber": accession,
                "StudyDate": f"2019{1 + number % 12:02d}{1 + visit:02d}",
                "PatientAge": f"{20 + 9 * (number % 9):03d}Y",
                "PatientSex": "FM"[number % 2],
            }
            noise = chance.integers(0, 64, (rows, rows * 2 // 3), np.uint16)
            pixels = gradient(rows, rows * 2 // 3, 4000) + noise
            at = folder / "dicom" / f"p{number}" / accession
            write_film(at / "1.dcm", pixels, **tags)
            write_film(at / "2.dcm", pixels, **tags, ViewPosition="LL", InstanceNumber=2)
            states = {c: int(s) for c in CLASSES if (s := chance.choice([9, 1, 0, -1])) != 9}
            reports[accession] = states
    write_labels(folder / "labels" / "labels.csv", reports)
