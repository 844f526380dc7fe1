"""The types that the rooms of the dataset hand to each other: a film, its view, its faults."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["frontal", "lateral", "other", "unknown"]
BurnedIn = Literal["yes", "no", "unknown"]


class UnusableFilmError(Exception):
    """A file that gives no film; the message is the reason, for `rejected.csv`.

    It names no patient and quotes nothing that stands in the file but numbers and UIDs of the
    standard.
    """


@dataclass(frozen=True, slots=True)
class View:
    """The projection of a film.

    `position` is "PA", "AP" or empty where it is not known; `reason` says what told that the film
    is not frontal, or that nothing told.
    """

    kind: Kind
    position: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Film:
    """What the header of a file says of its film: ids and dates are for linking alone.

    They go to the crosswalk and nowhere else. A text that is missing is empty; `study_date` is
    YYYYMMDD, `study_time` HHMMSS, `age` in years, `sex` "M", "F" or empty, `spacing` the distance
    of columns (x) and of rows (y) in mm. `source` is the path below the folder of films, with
    slashes. A PNG or JPEG has but a source, rows and columns.
    """

    source: str
    rows: int
    columns: int
    view: View = View("unknown")
    sop_instance_uid: str = ""
    study_instance_uid: str = ""
    series_number: int = 0
    instance_number: int = 0
    accession_number: str = ""
    patient_id: str = ""
    issuer: str = ""
    study_date: str = ""
    study_time: str = ""
    age: int | None = None
    sex: str = ""
    spacing: tuple[float, float] | None = None
    burned_in: BurnedIn = "unknown"


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the pixels of a film lie in its image: x' = x * scale_x + offset_x, y' likewise.

    Coordinates are those of pixel edges: a film of 3000 columns reaches from 0 to 3000.
    """

    scale_x: float
    scale_y: float
    offset_x: float = 0.0
    offset_y: float = 0.0


@dataclass(frozen=True, slots=True)
class Windowing:
    """How stored values became grey levels (DICOM PS3.3 C.11).

    `voi` is "LINEAR", "LINEAR_EXACT" or "SIGMOID" with the window's `center` and `width`, "LUT"
    for a VOI LUT sequence, "MINMAX" for the range of the pixels, "NONE" for a picture that is
    shown as it is.
    """

    voi: str
    center: float | None = None
    width: float | None = None


@dataclass(frozen=True, slots=True)
class Developed:
    """A film that has become an image of the dataset: its row of the manifest but its name."""

    sha256: str
    bytes: int
    rows: int
    columns: int
    photometric: str
    transfer_syntax: str
    windowing: Windowing
    placement: Placement
