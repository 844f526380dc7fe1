"""A row of the table of links: a report, its film, and what is known of that film."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from chestx.dataset.film import View

By = Literal["image", "sop", "study", "accession", "patient-date"]

ALIASES = {
    "report_id": ("reportid", "report"),
    "image": ("image", "imagepath", "imageindex", "file", "filename", "path"),
    "sop_instance_uid": ("sopinstanceuid", "sopuid"),
    "study_instance_uid": ("studyinstanceuid", "studyuid"),
    "accession_number": ("accessionnumber", "accession", "accessionno"),
    "patient_id": ("patientid", "patient"),
    "study_date": ("studydate", "date"),
    "issuer": ("issuer", "issuerofpatientid"),
    "view": ("view", "viewposition"),
    "age": ("age", "patientage"),
    "sex": ("sex", "gender", "patientsex", "patientgender"),
}
"""The columns, and how else they may be called: without regard to case, spaces and signs."""

COLUMN_OF: dict[By, str] = {
    "image": "image",
    "sop": "sop_instance_uid",
    "study": "study_instance_uid",
    "accession": "accession_number",
}
"""What names a film, the most specific first; `patient_id` with `study_date` comes after these."""

COLUMNS_NEEDED = (
    f"the column report_id and one of {', '.join(COLUMN_OF.values())}, "
    "or patient_id with study_date"
)

VIEWS = {
    "PA": View("frontal", "PA"),
    "AP": View("frontal", "AP"),
    "FRONTAL": View("frontal"),
} | dict.fromkeys(("LATERAL", "LAT", "LL", "RL"), View("lateral", reason="lateral by the table"))
SEXES = {"M": "M", "MALE": "M", "F": "F", "FEMALE": "F"}
UNDERSTOOD = (
    "dates are YYYYMMDD or YYYY-MM-DD, ages whole years, sexes M or F, "
    "views PA, AP, frontal or lateral"
)
DATE = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:\.0)?")
AGE = re.compile(r"0*(\d{1,3})(?:Y|\.0)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """Line `line` of the table: the film whose `by` is `value` has the report `report_id`.

    `value` is a patient's day (`patient_day`) where `by` is "patient-date". The rest is what the
    row says of the film, each as in `Film`, empty or `None` where it says nothing that is
    understood; `unclear` are the columns that hold something else.
    """

    line: int
    report_id: str
    by: By
    value: str
    patient_id: str
    issuer: str
    study_date: str
    view: View | None
    age: int | None
    sex: str
    unclear: tuple[str, ...]

    @property
    def describes(self) -> bool:
        """Tell whether the row says something of its film."""
        told = (self.patient_id, self.issuer, self.study_date, self.view, self.sex)
        return any(told) or self.age is not None

    @property
    def column(self) -> str:
        """What `value` is, in the words of the table's columns."""
        return COLUMN_OF.get(self.by, "patient_id and study_date")


def columns_of(header: tuple[str, ...]) -> dict[str, int]:
    """Return where the columns of `ALIASES` stand."""
    at = {re.sub(r"[\W_]", "", name).casefold(): i for i, name in reversed([*enumerate(header)])}
    found = {name: [at[a] for a in aliases if a in at] for name, aliases in ALIASES.items()}
    return {name: places[0] for name, places in found.items() if places}


def usable(columns: Mapping[str, int]) -> bool:
    """Tell whether the columns say which film a report is of."""
    names_films = {*COLUMN_OF.values()} & columns.keys()
    return "report_id" in columns and bool(
        names_films or {"patient_id", "study_date"} <= columns.keys()
    )


def row_of(line: int, fields: Mapping[str, str]) -> Row | str:
    """Return the row of the `fields`, by name of column, or why it cannot be used."""
    if not fields["report_id"]:
        return "no report_id"
    patient, date = fields.get("patient_id", ""), study_date(fields.get("study_date", ""))
    years = AGE.fullmatch(fields.get("age", ""))
    age = int(years[1]) if years else None
    sex = SEXES.get(fields.get("sex", "").upper(), "")
    view = VIEWS.get(fields.get("view", "").upper())
    understood = {"study_date": date, "age": years, "sex": sex, "view": view}
    found = next(((by, fields[c]) for by, c in COLUMN_OF.items() if fields.get(c)), None)
    if found is None and patient and date:
        found = ("patient-date", patient_day(patient, date))
    if found is None:
        return "no column that names a film is filled, or the study_date is not YYYYMMDD"
    return Row(
        line,
        fields["report_id"],
        *found,
        patient,
        fields.get("issuer", ""),
        date,
        view,
        age,
        sex,
        tuple(name for name, value in understood.items() if fields.get(name) and not value),
    )


def study_date(text: str) -> str:
    """Return YYYYMMDD for that or YYYY-MM-DD, empty for anything else."""
    date = DATE.fullmatch(text)
    return "".join(date.groups()) if date else ""


def patient_day(patient: str, date: str) -> str:
    """Return one text for a patient id and a date, empty where one of them is."""
    return f"{patient}\n{date}" if patient and date else ""
