"""What a report's id may say of the film that it is of."""

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from chestx.dataset.csv_table import plain
from chestx.dataset.linking.row import patient_day, study_date

Way = Literal["accession", "study", "patient-date"]

# The patient's id may hold separators and digits too: what follows it is told by its form.
PATIENT_DATE = re.compile(r"(.+)[ _-](\d{8}|\d{4}-\d{2}-\d{2})(?:[ _-]\d{1,3})?")

KINDS = (
    ("UIDs", r"\d+(?:\.\d+){3,}"),
    ("a patient's id with a date", PATIENT_DATE.pattern),
    ("numbers", r"\d+"),
    ("numbers of rows, since their table has no column of ids", r".*:\d+"),
    ("letters with a number", r"[^\W\d]+[ _-]?\d+"),
)


def _patient_day(text: str) -> str:
    found = PATIENT_DATE.fullmatch(text)
    return patient_day(found[1].strip(), study_date(found[2])) if found else ""


VALUE_IN: Mapping[Way, Callable[[str], str]] = {
    "accession": str,
    "study": str,
    "patient-date": _patient_day,
}
"""The value of a film that stands in an id, empty where there is none."""


def parts(report: str) -> tuple[str, ...]:
    """Return the id, and its last part: ids made from files in folders have the folders' names."""
    name = plain(report)
    return (name, posixpath.basename(name)) if "/" in name else (name,)


def kind_of_ids(reports: Iterable[str]) -> str:
    """Say what most of the ids are, without quoting any."""
    kinds = Counter(_kind(posixpath.basename(report.strip())) for report in reports)
    return max(kinds, key=kinds.__getitem__) if kinds else "missing"


def _kind(name: str) -> str:
    found = (kind for kind, pattern in KINDS if re.fullmatch(pattern, name))
    return next(found, "names of another kind")
