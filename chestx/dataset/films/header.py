"""What the header of a file says of its film, without its pixels."""

from pathlib import Path

from chestx.dataset.film import BurnedIn, Film, View
from chestx.dataset.films.content import format_of, map_file
from chestx.dataset.films.dicom_file import DicomFile, contained, read_dicom
from chestx.dataset.films.picture import picture_size
from chestx.dataset.films.radiograph import check_radiograph
from chestx.dataset.films.values import (
    age_in_years,
    clock,
    code,
    day,
    integer,
    spacing,
    text,
    values,
)
from chestx.dataset.films.view import judge_view

_BURNED_IN: dict[str, BurnedIn] = {"YES": "yes", "NO": "no"}


def read_header(path: Path, source: str) -> Film:
    """Return the film of a DICOM, PNG or JPEG file, told apart by content.

    `source` is what the film is to be called. Raises `UnusableFilmError` with the reason if the
    file gives no film. The pixels are not looked at.
    """
    data = map_file(path)
    kind = format_of(data)
    if kind != "dicom":
        rows, columns = picture_size(data, kind)
        return Film(source, rows, columns)
    with contained():
        file = read_dicom(memoryview(data))
        check_radiograph(file)
        return _film(file, source)


def _film(file: DicomFile, source: str) -> Film:
    header = file.header
    sex = code(header, "PatientSex")
    return Film(
        source=source,
        rows=integer(header, "Rows"),
        columns=integer(header, "Columns"),
        view=view_of(file),
        sop_instance_uid=text(header, "SOPInstanceUID"),
        study_instance_uid=text(header, "StudyInstanceUID"),
        series_number=integer(header, "SeriesNumber"),
        instance_number=integer(header, "InstanceNumber"),
        accession_number=text(header, "AccessionNumber"),
        patient_id=text(header, "PatientID"),
        issuer=text(header, "IssuerOfPatientID"),
        study_date=day(header, "StudyDate"),
        study_time=clock(header, "StudyTime"),
        age=age_in_years(header),
        sex=sex if sex in ("M", "F") else "",
        spacing=spacing(header),
        burned_in=burned_in(file),
    )


def view_of(file: DicomFile) -> View:
    """Judge the view by all that the header says of it."""
    header = file.header
    return judge_view(
        view_position=text(header, "ViewPosition"),
        view_code=_meaning(file),
        series_description=text(header, "SeriesDescription"),
        study_description=text(header, "StudyDescription"),
        protocol=text(header, "ProtocolName"),
        body_part=text(header, "BodyPartExamined"),
        patient_orientation=text(header, "PatientOrientation"),
    )


def burned_in(file: DicomFile) -> BurnedIn:
    """Return what the header says of text in the pixels, which proves nothing."""
    return _BURNED_IN.get(code(file.header, "BurnedInAnnotation"), "unknown")


def _meaning(file: DicomFile) -> str:
    """Return the meaning of the View Code (PS3.16 CID 4010), such as "postero-anterior"."""
    items = values(file.header, "ViewCodeSequence")
    return text(items[0], "CodeMeaning") if items else ""
