"""What lies in archives and is no film: a slice of a CT, a file whose transfer broke off."""

from collections.abc import Iterator

import numpy as np
from pydicom.uid import ExplicitVRLittleEndian

from chestx.simulation.hospital.dicom import as_file, dicom_file, patient_header
from chestx.simulation.hospital.readout import Readout
from chestx.simulation.hospital.studies import Study

CT_CLASS = "1.2.840.10008.5.1.4.1.1.2"
_EDGE = 64
# The number of the broken film in its study.
_PLACE = 9


def foreign_files(study: Study, readout: Readout) -> Iterator[tuple[str, bytes]]:
    """Yield path below `dicom/` and bytes; `readout` is one of the study."""
    if study.has_ct:
        yield f"{study.folder}/CT/1", _ct(study)
    if study.has_broken:
        film = study.film(study.visit.frontal, _PLACE)
        whole = dicom_file(study, film, readout)
        yield film.source, whole[: len(whole) * 3 // 5]


def _ct(study: Study) -> bytes:
    header = patient_header(study, study.uid_of("ct"), CT_CLASS)
    header.Modality = "CT"
    header.StudyInstanceUID = study.uid_of("ct study")
    header.SeriesInstanceUID = study.uid_of("ct series")
    header.AccessionNumber = f"CT{study.accession[2:]}"
    header.SeriesNumber, header.InstanceNumber = 1, 1
    header.BodyPartExamined = "CHEST"
    header.Rows = header.Columns = _EDGE
    header.PixelSpacing, header.SliceThickness = [0.8, 0.8], 5.0
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.BitsAllocated = header.BitsStored = 16
    header.HighBit, header.PixelRepresentation = 15, 1
    header.RescaleSlope, header.RescaleIntercept = 1, -1024
    y, x = np.mgrid[-1 : 1 : _EDGE * 1j, -1 : 1 : _EDGE * 1j]
    slice_ = np.where(x**2 + y**2 < 0.8, 1064, 24).astype("<i2")
    header.add_new("PixelData", "OW", slice_.tobytes())
    return as_file(header, ExplicitVRLittleEndian)
