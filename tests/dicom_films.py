"""DICOM films of made-up patients, for tests."""

from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

DIGITAL_X_RAY = "1.2.840.10008.5.1.4.1.1.1.1"


def gradient(rows: int = 96, columns: int = 64, top: int = 4095) -> np.ndarray:
    """Return stored values from 0 to `top`, unlike each other in both directions."""
    y, x = np.mgrid[0:rows, 0:columns]
    return ((2 * y + x) * top // (2 * rows + columns - 3)).astype(np.uint16)


def film(pixels: np.ndarray | None = None, /, **tags: Any) -> Dataset:
    """Return a frontal DX of 12 bits; `tags` are added, or taken away where they are None.

    UIDs are made from what tells the film apart, so that the same call gives the same bytes.
    """
    pixels = gradient() if pixels is None else pixels
    known = [str(tags.get(k)) for k in ("PatientID", "AccessionNumber", "SeriesNumber")]
    number = str(tags.get("InstanceNumber", 1))
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID = DIGITAL_X_RAY
    ds.SOPInstanceUID = generate_uid(entropy_srcs=[*known, number])
    ds.StudyInstanceUID = generate_uid(entropy_srcs=known[:2])
    ds.SeriesInstanceUID = generate_uid(entropy_srcs=known)
    ds.Modality = "DX"
    ds.PatientID = "P1"
    ds.PatientName = "Müster^Möritz"
    ds.PatientAge = "061Y"
    ds.PatientSex = "F"
    ds.StudyDate = "20190304"
    ds.StudyTime = "101112"
    ds.AccessionNumber = "A1"
    ds.SeriesNumber = 1
    ds.InstanceNumber = 1
    ds.ViewPosition = "PA"
    ds.BodyPartExamined = "CHEST"
    ds.Rows, ds.Columns = pixels.shape[:2]
    ds.BitsAllocated = 8 * pixels.dtype.itemsize
    ds.BitsStored = 12 if ds.BitsAllocated == 16 else 8
    ds.HighBit = ds.BitsStored - 1
    ds.PixelRepresentation = int(pixels.dtype.kind == "i")
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.WindowCenter, ds.WindowWidth = 2048, 4096
    ds.PixelData = pixels.tobytes()
    for name, value in tags.items():
        if value is not None:
            setattr(ds, name, value)
        elif name in ds:
            delattr(ds, name)
    return ds


def write_film(path: Path, pixels: np.ndarray | None = None, /, **tags: Any) -> Path:
    """Write a film as a DICOM file and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ds = film(pixels, **tags)
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.save_as(path, enforce_file_format=True)
    return path
