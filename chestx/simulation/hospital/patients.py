"""Patients and their visits: each from the seed and the patient's number alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from chestx.simulation.hospital.chance import chance_of
from chestx.simulation.hospital.illness import first_findings, next_findings
from chestx.simulation.hospital.names import GIVEN, SURNAMES, in_dicom
from chestx.simulation.study import Finding, Sex

VISITS = (0.5, 0.25, 0.15, 0.1)
"""Chances of one to four visits."""
BEDSIDE, LATERAL, TWICE = 0.25, 0.4, 0.05
"""Shares of visits whose film is AP; of those PA with a lateral; with a second frontal film."""
ISSUERS = ("KLINIKUM NORD", "ST. BARBARA")
_FIRST_DAY = date(2014, 1, 7)
# Of first visits: the last of further ones is before 2026.
_DAYS = 7 * 365
_YEAR = 365.25
# Every so many patients one of the other issuer has the id of the one before.
_SAME_ID = 20


@dataclass(frozen=True, slots=True)
class Visit:
    """A day on which films are taken; `clock` is HHMMSS, `number` counts from 0."""

    number: int
    day: date
    clock: str
    findings: tuple[Finding, ...]
    frontal: Literal["PA", "AP"]
    lateral: bool
    twice: bool


@dataclass(frozen=True, slots=True)
class Patient:
    """Someone who does not exist; `name` is as DICOM has it, `id` unique with its `issuer`."""

    number: int
    sex: Sex
    birth: date
    name: str
    id: str
    issuer: str
    visits: tuple[Visit, ...]

    def age_on(self, day: date) -> int:
        """Return whole years."""
        before = (day.month, day.day) < (self.birth.month, self.birth.day)
        return day.year - self.birth.year - before


def patients(seed: int) -> Iterator[Patient]:
    """Yield patients without end."""
    number = 0
    while True:
        yield patient(seed, number)
        number += 1


def patient(seed: int, number: int) -> Patient:
    """Return the patient of this number."""
    chance = chance_of(seed, number)
    sex: Sex = "F" if chance.random() < 0.46 else "M"
    first = _FIRST_DAY + timedelta(days=int(chance.integers(_DAYS)))
    years = float(np.clip(chance.normal(58, 18), 18, 96))
    surname, given = (names[int(chance.integers(len(names)))] for names in (SURNAMES, GIVEN[sex]))
    twin = number % _SAME_ID == _SAME_ID - 1
    return Patient(
        number=number,
        sex=sex,
        birth=first - timedelta(days=int(years * _YEAR)),
        name=in_dicom(surname, given),
        id=f"{4_100_003 + 37 * (number - twin):08d}",
        issuer=ISSUERS[int(twin)],
        visits=tuple(_visits(first, chance)),
    )


def _visits(day: date, chance: np.random.Generator) -> Iterator[Visit]:
    findings: tuple[Finding, ...] = ()
    for number in range(int(chance.choice(len(VISITS), p=VISITS)) + 1):
        if number == 0:
            findings = first_findings(chance)
        else:
            soon = bool(findings) and chance.random() < 0.5
            day += timedelta(days=int(chance.integers(1, 9) if soon else chance.integers(40, 600)))
            findings = next_findings(findings, chance)
        bedside = chance.random() < BEDSIDE
        yield Visit(
            number=number,
            day=day,
            clock="{:02d}{:02d}{:02d}".format(*chance.integers((7, 0, 0), (19, 60, 60))),
            findings=findings,
            frontal="AP" if bedside else "PA",
            lateral=bool(chance.random() < LATERAL) and not bedside,
            twice=bool(chance.random() < TWICE),
        )
