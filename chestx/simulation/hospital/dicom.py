"""The DICOM file of a film: header, names where names should not be, pixels."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, JPEGBaseline8Bit

from chestx.simulation.hospital.encode import codestream
from chestx.simulation.hospital.grey import lookup_table, stored_values, window_of
from chestx.simulation.hospital.readout import Readout
from chestx.simulation.hospital.stations import Station
from chestx.simulation.hospital.studies import Film, Study
from chestx.simulation.study import View

SOP_CLASSES = {"CR": "1.2.840.10008.5.1.4.1.1.1", "DX": "1.2.840.10008.5.1.4.1.1.1.1"}
# A UID made from a UUID, drawn once.
IMPLEMENTATION = "2.25.215329270148340541857317361803398874989"
LATIN, UNICODE = "ISO_IR 100", "ISO_IR 192"
# SNOMED CT codes of projections (PS3.16 CID 4010).
VIEW_CODES: dict[View, tuple[str, str]] = {
    "PA": ("399348003", "postero-anterior"),
    "AP": ("399067008", "antero-posterior"),
    "LL": ("399173006", "left lateral"),
}
SERIES: dict[View, str] = {"PA": "Thorax p.a.", "AP": "Thorax a.p. Bett", "LL": "Thorax seitlich"}
# Where the rows and the columns lead to (PS3.3 C.7.6.1.1.1); a lateral's rows lead to the back.
ORIENTATIONS: dict[View, list[str]] = {"PA": ["L", "F"], "AP": ["L", "F"], "LL": ["P", "F"]}
# A chest detector is about 43 cm high.
_DETECTOR_MM = 430.0
_PRIVATE_GROUP, _PRIVATE_CREATOR = 0x0019, "ALTSTADT ROENTGEN 1.2"


def dicom_file(study: Study, film: Film, readout: Readout) -> bytes:
    """Return the bytes of the file."""
    station = study.station
    header = patient_header(study, film.uid, SOP_CLASSES[station.modality])
    header.Modality = station.modality
    header.SeriesInstanceUID = film.series_uid
    header.SeriesNumber, header.InstanceNumber = film.place, 1
    header.StationName = station.name
    header.ImageType = ["ORIGINAL", "PRIMARY"]
    header.BodyPartExamined = "CHEST"
    if station.burned_in:
        header.BurnedInAnnotation = station.burned_in
    _say_view(header, film.view, station)
    _say_names(header, study)
    _say_grey(header, station)
    rows, columns = readout.brightness.shape
    header.ImagerPixelSpacing = [f"{_DETECTOR_MM / study.tallest:.6f}"] * 2
    header.Rows, header.Columns = rows, columns
    _say_pixels(header, _pixels(readout, station), station)
    return as_file(header, station.syntax)


def patient_header(study: Study, uid: str, sop_class: str) -> Dataset:
    """Return what every file of a study says of patient and visit."""
    patient, visit = study.patient, study.visit
    header = Dataset()
    header.SpecificCharacterSet = LATIN if _is_latin(patient.name) else UNICODE
    header.SOPClassUID, header.SOPInstanceUID = sop_class, uid
    header.StudyInstanceUID = study.uid
    header.StudyDate = header.AcquisitionDate = f"{visit.day:%Y%m%d}"
    header.StudyTime = header.AcquisitionTime = visit.clock
    header.AccessionNumber = study.accession
    header.StudyID = str(study.number + 1)
    header.StudyDescription = "Thorax"
    header.Manufacturer = "Altstadt"
    header.InstitutionName = patient.issuer
    header.PatientName = patient.name
    header.PatientID, header.IssuerOfPatientID = patient.id, patient.issuer
    header.PatientBirthDate = f"{patient.birth:%Y%m%d}"
    header.PatientSex = patient.sex
    header.PatientAge = f"{study.age:03d}Y"
    return header


def as_file(header: Dataset, syntax: UID) -> bytes:
    """Return a data set with its preamble and meta information."""
    header.file_meta = FileMetaDataset()
    header.file_meta.MediaStorageSOPClassUID = header.SOPClassUID
    header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
    header.file_meta.TransferSyntaxUID = syntax
    header.file_meta.ImplementationClassUID = UID(IMPLEMENTATION)
    header.file_meta.ImplementationVersionName = "CHESTX"
    file = io.BytesIO()
    header.save_as(file, enforce_file_format=True)
    return file.getvalue()


def _is_latin(name: str) -> bool:
    try:
        name.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _say_view(header: Dataset, view: View, station: Station) -> None:
    """State the projection in one of the places where devices do."""
    header.PatientOrientation = ORIENTATIONS[view]
    if station.view_said == "series":
        header.SeriesDescription = SERIES[view]
    elif station.view_said == "code":
        code = Dataset()
        code.CodeValue, code.CodeMeaning = VIEW_CODES[view]
        code.CodingSchemeDesignator = "SCT"
        header.ViewCodeSequence = [code]
    else:
        header.ViewPosition = view


def _say_names(header: Dataset, study: Study) -> None:
    """Write the patient's name where it should not be, each station in more places."""
    surname, given = study.patient.name.split("^")
    places: list[tuple[str, Any]] = [
        ("StudyDescription", f"Thorax {surname}, {given}"[:64]),
        ("PatientComments", f"{given} {surname}, Tel. privat"),
        ("ImageComments", f"Voraufnahme {surname} {study.patient.id}"),
    ]
    for keyword, value in places[: study.station.names]:
        setattr(header, keyword, value)
    if study.station.names > len(places):
        block = header.private_block(_PRIVATE_GROUP, _PRIVATE_CREATOR, create=True)
        block.add_new(0x01, "LO", f"{surname} {given}"[:64])
        block.add_new(0x02, "LO", study.patient.id)


def _say_grey(header: Dataset, station: Station) -> None:
    if station.modality == "DX":
        header.PresentationIntentType = "FOR PRESENTATION"
        header.PresentationLUTShape = "INVERSE" if station.inverted else "IDENTITY"
    if station.modality == "DX" or (station.slope, station.intercept) != (1.0, 0.0):
        header.RescaleSlope, header.RescaleIntercept = station.slope, station.intercept
        header.RescaleType = "US"
    if station.voi == "TABLE":
        header.VOILUTSequence = [_table(station)]
    elif station.voi != "NONE":
        window = window_of(station)
        further = range(1, station.windows)
        header.WindowCenter = [window.center, *(window.center + 100 * i for i in further)]
        header.WindowWidth = [window.width, *(window.width // (1 + i) for i in further)]
        if station.windows > 1:
            header.WindowCenterWidthExplanation = ["STANDARD", "HART", "WEICH"][: station.windows]
        if station.voi != "LINEAR":
            header.VOILUTFunction = station.voi


def _table(station: Station) -> Dataset:
    entries = lookup_table(station)
    table = Dataset()
    table.add_new("LUTDescriptor", "US", [len(entries), station.low, 16])
    table.LUTExplanation = "STANDARD"
    table.add_new("LUTData", "OW", entries.astype("<u2").tobytes())
    return table


def _pixels(readout: Readout, station: Station) -> npt.NDArray[Any]:
    values = stored_values(readout.brightness, station)
    if readout.padding is not None:
        values[readout.padding] = station.padding[0]
    return values.astype(np.uint8) if station.bits == 8 else values


def _say_pixels(header: Dataset, pixels: npt.NDArray[Any], station: Station) -> None:
    header.SamplesPerPixel = 1
    header.PhotometricInterpretation = f"MONOCHROME{1 if station.inverted else 2}"
    header.BitsAllocated = 8 * pixels.dtype.itemsize
    header.BitsStored, header.HighBit = station.bits, station.bits - 1
    header.PixelRepresentation = int(station.signed)
    if station.padding:
        kind = "SS" if station.signed else "US"
        header.add_new("PixelPaddingValue", kind, station.padding[0])
        if len(station.padding) > 1:
            header.add_new("PixelPaddingRangeLimit", kind, station.padding[1])
    data = codestream(pixels, station.syntax, station.bits)
    if data is None:
        raw = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes()
        header.add_new("PixelData", "OB" if pixels.itemsize == 1 else "OW", _even(raw))
        return
    if station.syntax == JPEGBaseline8Bit:
        header.LossyImageCompression = "01"
        header.LossyImageCompressionRatio = f"{pixels.nbytes / len(data):.2f}"
        header.LossyImageCompressionMethod = "ISO_10918_1"
    header.add_new("PixelData", "OB", encapsulate([data]))
    header["PixelData"].is_undefined_length = True


def _even(data: bytes) -> bytes:
    return data + b"\0" * (len(data) % 2)
