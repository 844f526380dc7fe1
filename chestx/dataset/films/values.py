"""Values of a DICOM header in a form of their own: text, numbers, dates, ages (PS3.5 6.2).

Whatever is missing, damaged or impossible is empty or None: it makes no film unusable by itself.
"""

import math
import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from pydicom.dataset import Dataset

OLDEST_AGE = 90
_OLDEST_POSSIBLE = 130
_AGE = re.compile(r"(\d{1,3})\s*([YMWD]?)", re.IGNORECASE)
_DAYS = {"D": 1.0, "W": 7.0, "M": 365.25 / 12, "Y": 365.25}
_DATE = re.compile(r"(\d{4})[.\-/]?(\d{2})[.\-/]?(\d{2})")
_TIME = re.compile(r"(\d{2}):?(\d{2})?:?(\d{2})?(?:\.\d*)?")


def value(header: Dataset, keyword: str) -> Any:
    """Return a value as pydicom converts it, None where it is missing or damaged."""
    try:
        return header.get(keyword)
    except Exception:
        return None


def values(header: Dataset, keyword: str) -> list[Any]:
    """Return all values of an element that may have several."""
    found = value(header, keyword)
    if found is None or found == "":
        return []
    if isinstance(found, Sequence) and not isinstance(found, str | bytes):
        return list(found)
    return [found]


def text(header: Dataset, keyword: str) -> str:
    """Return a text; several values are joined by the backslash that parted them."""
    return "\\".join(str(v) for v in values(header, keyword)).strip(" \0\t\r\n")


def code(header: Dataset, keyword: str) -> str:
    """Return a code string: the first value, in capitals."""
    return text(header, keyword).split("\\")[0].strip().upper()


def numbers(header: Dataset, keyword: str) -> list[float]:
    """Return finite numbers; an element with anything else in it has none."""
    try:
        found = [float(v) for v in values(header, keyword)]
    except (TypeError, ValueError):
        return []
    return found if all(map(math.isfinite, found)) else []


def number(header: Dataset, keyword: str) -> float | None:
    """Return the first number."""
    return next(iter(numbers(header, keyword)), None)


def integer(header: Dataset, keyword: str, default: int = 0) -> int:
    """Return the first number as an integer."""
    found = number(header, keyword)
    return default if found is None else int(found)


def day(header: Dataset, keyword: str) -> str:
    """Return a date as YYYYMMDD; the hyphens and dots of old or careless writers go."""
    found = _DATE.fullmatch(text(header, keyword))
    if not found:
        return ""
    try:
        return date(*map(int, found.groups())).strftime("%Y%m%d")
    except ValueError:
        return ""


def clock(header: Dataset, keyword: str) -> str:
    """Return a time as HHMMSS without fractions; missing minutes and seconds are 0."""
    found = _TIME.fullmatch(text(header, keyword))
    if not found:
        return ""
    hour, minute, second = (part or "00" for part in found.groups())
    possible = hour < "24" and minute < "60" and second <= "60"
    return hour + minute + second if possible else ""


def age_in_years(header: Dataset) -> int | None:
    """Return whole years: what is stated, else from birth to study; above 89 it is 90.

    A number without a unit counts years.
    """
    years = _stated_age(text(header, "PatientAge"))
    if years is None:
        years = _years_between(day(header, "PatientBirthDate"), day(header, "StudyDate"))
    if years is None or not 0 <= years <= _OLDEST_POSSIBLE:
        return None
    return min(years, OLDEST_AGE)


def _stated_age(stated: str) -> int | None:
    found = _AGE.fullmatch(stated)
    if not found:
        return None
    number, unit = int(found[1]), found[2].upper() or "Y"
    return number if unit == "Y" else int(number * _DAYS[unit] / _DAYS["Y"] + 1e-9)


def _years_between(birth: str, study: str) -> int | None:
    if not birth or not study:
        return None
    return int(study[:4]) - int(birth[:4]) - (study[4:] < birth[4:])


def spacing(header: Dataset) -> tuple[float, float] | None:
    """Return the distance of columns (x) and rows (y) in mm; DICOM states rows first.

    Calibrated to the patient where the header says so, else in the plane of the detector.
    """
    for keyword in ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing"):
        found = numbers(header, keyword)
        if len(found) == 2 and min(found) > 0:
            return found[1], found[0]
    return None
