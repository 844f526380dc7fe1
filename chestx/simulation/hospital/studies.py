"""Studies in their order: what decides all files of a study, and how they are called."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from uuid import UUID

from chestx.simulation.hospital.chance import chance_of, seed_of
from chestx.simulation.hospital.patients import Patient, Visit, patients
from chestx.simulation.hospital.stations import STATIONS, Station
from chestx.simulation.study import Finding, View

REPORTS, DICOM, BOXES = "reports", "dicom", "boxes"
# Rows and columns of a film in shares of the tallest: detectors upright, square and lying.
SHAPES = ((1.0, 0.82), (1.0, 1.0), (0.95, 0.78), (0.84, 1.0), (0.9, 0.9))
# One patient in so many has a CT besides, and one a file whose transfer broke off.
_FOREIGN = 40
_CT_AT, _BROKEN_AT = 3, 7


@dataclass(frozen=True, slots=True)
class Film:
    """A film that is to be taken: `source` is its path below `dicom/`, `rows` x `columns` its size.

    `place` is its number in its study, from 1.
    """

    view: View
    place: int
    rows: int
    columns: int
    seed: int
    uid: str
    series_uid: str
    source: str


@dataclass(frozen=True, slots=True)
class Study:
    """A patient's visit: the `number`-th study of the hospital with this `seed`.

    `boxed` is the share of the studies that a radiologist draws boxes on.
    """

    seed: int
    number: int
    patient: Patient
    visit: Visit
    tallest: int
    boxed: float

    @property
    def accession(self) -> str:
        """The number of the examination, which names its report too."""
        return f"XR{self.patient.number:06d}{self.visit.number + 1}"

    @property
    def age(self) -> int:
        """Whole years on the day of the visit."""
        return self.patient.age_on(self.visit.day)

    @property
    def uid(self) -> str:
        """The Study Instance UID."""
        return self.uid_of("study")

    @property
    def station(self) -> Station:
        """The device that takes the films: one after the other, so that all of them occur."""
        return STATIONS[(self.patient.number + self.visit.number) % len(STATIONS)]

    @property
    def previous(self) -> tuple[Finding, ...] | None:
        """The findings of the visit before, None for a first visit."""
        before = self.visit.number - 1
        return self.patient.visits[before].findings if before >= 0 else None

    @property
    def body_seed(self) -> int:
        """What the patient's chest grows from."""
        return seed_of(self.seed, self.patient.number, 0)

    @property
    def report_seed(self) -> int:
        """What decides who reports, and how."""
        return seed_of(self.seed, self.patient.number, 1, self.visit.number)

    @property
    def report(self) -> str:
        """The path of the report in the workspace."""
        return f"{REPORTS}/{self.accession}.txt"

    @property
    def folder(self) -> str:
        """The folder of the study below `dicom/`, as PACS name them: a day and a digest."""
        return f"{self.visit.day:%Y/%m/%d}/{_digest(self.uid)}"

    @property
    def has_ct(self) -> bool:
        """Whether a CT lies among the films, which is none."""
        return self.patient.number % _FOREIGN == _CT_AT and self.visit.number == 0

    @property
    def has_broken(self) -> bool:
        """Whether a further film is there of which a part is missing."""
        return self.patient.number % _FOREIGN == _BROKEN_AT and self.visit.number == 0

    @property
    def is_boxed(self) -> bool:
        """Whether a radiologist draws boxes on its films."""
        drawn = chance_of(self.seed, self.patient.number, 3, self.visit.number).random()
        return bool(drawn < self.boxed)

    @property
    def films(self) -> tuple[Film, ...]:
        """The films, frontal ones first."""
        views: list[View] = [self.visit.frontal]
        if self.visit.twice:
            views.append(self.visit.frontal)
        if self.visit.lateral:
            views.append("LL")
        return tuple(self.film(view, place) for place, view in enumerate(views, 1))

    def film(self, view: View, place: int) -> Film:
        """Return a film of the study."""
        which = (self.patient.number, 2, self.visit.number, place)
        tall, wide = SHAPES[int(chance_of(self.seed, *which).integers(len(SHAPES)))]
        uid, series = self.uid_of(f"film {place}"), self.uid_of(f"series {place}")
        return Film(
            view=view,
            place=place,
            rows=round(tall * self.tallest),
            columns=round(wide * self.tallest),
            seed=seed_of(self.seed, *which),
            uid=uid,
            series_uid=series,
            source=f"{self.folder}/{_digest(series)}/{_digest(uid)}",
        )

    def uid_of(self, what: str) -> str:
        """Return a UID made from a UUID (PS3.5 B.2)."""
        text = f"{self.seed} {self.patient.number} {self.visit.number} {what}"
        digest = blake2b(text.encode(), digest_size=16).digest()
        return f"2.25.{UUID(bytes=digest, version=5).int}"


def studies(seed: int, number: int, tallest: int, boxed: float = 1.0) -> list[Study]:
    """Return the first `number` studies; films have up to `tallest` rows, a share are `boxed`."""
    return [
        Study(seed, at, patient, visit, tallest, boxed)
        for at, (patient, visit) in enumerate(islice(_visits(seed), number))
    ]


def _digest(text: str) -> str:
    return blake2b(text.encode(), digest_size=4).hexdigest().upper()


def _visits(seed: int) -> Iterator[tuple[Patient, Visit]]:
    for patient in patients(seed):
        for visit in patient.visits:
            yield patient, visit
