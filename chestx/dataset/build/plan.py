"""Which films become images, under which names, with which reports: all but the pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chestx.dataset.build.crosswalk import Row
from chestx.dataset.build.options import Views
from chestx.dataset.film import Film
from chestx.dataset.identity.names import name_films, patient_of
from chestx.dataset.identity.patients import number_patients, person_of
from chestx.dataset.labels import Labels
from chestx.dataset.linking.link import link_reports
from chestx.dataset.unmatched import Unmatched
from chestx.job.names import printable
from chestx.job.rejected import Rejected


@dataclass(frozen=True, slots=True)
class Planned:
    """A film that is to become `image`; `by_study` where no patient id told whose it is."""

    image: str
    film: Film
    reports: tuple[str, ...]
    by_study: bool


@dataclass(frozen=True)
class Plan:
    """The images in the order of their names; `linked` are the reports that have a film."""

    images: tuple[Planned, ...]
    rejected: tuple[Rejected, ...]
    unmatched: tuple[Unmatched, ...]
    linked: tuple[str, ...]
    how: str


def make_plan(
    films: Sequence[Film],
    labels: Labels,
    link: str | Path | None,
    views: Views,
    key: bytes,
    known: Sequence[Row],
) -> Plan:
    """Link the films, choose the wanted ones and name them; who is `known` keeps number and name.

    Raises `ChestxError` where nothing can be linked.
    """
    links = link_reports(films, list(labels.states), link)
    kept, rejected = choose(films, views)
    sources = {film.source for film in kept}
    wanted = [film for film in kept if film.source in links.reports_of]
    names = _names(wanted, key, known)
    images = [
        Planned(names[film.source], film, links.reports_of[film.source], person_of(film)[1])
        for film in wanted
    ]
    return Plan(
        images=tuple(sorted(images, key=lambda planned: planned.image)),
        rejected=tuple(rejected),
        unmatched=tuple(u for u in links.unmatched if u.kind != "film" or u.source in sources),
        linked=tuple(dict.fromkeys(id for ids in links.reports_of.values() for id in ids)),
        how=links.how,
    )


def choose(films: Sequence[Film], views: Views) -> tuple[list[Film], list[Rejected]]:
    """Return the films of the wanted views, each image once, and the others with the reason."""
    kept: list[Film] = []
    rejected: list[Rejected] = []
    seen: set[str] = set()
    for film in films:
        uid = film.sop_instance_uid
        if views == "frontal" and film.view.kind in ("lateral", "other"):
            rejected.append(Rejected(uid, film.source, f"not frontal: {film.view.reason}"))
        elif uid and uid in seen:
            rejected.append(Rejected(uid, film.source, "the same image as an earlier file"))
        else:
            kept.append(film)
            seen.add(uid)
    return kept, rejected


def _names(films: Sequence[Film], key: bytes, known: Sequence[Row]) -> dict[str, str]:
    """Return the image's name for each film; what earlier runs gave is never given again."""
    persons = {_person(row): patient_of(row.image) for row in known}
    numbers = number_patients((person_of(film)[0] for film in films), key, persons)
    images = {row.source: row.image for row in known}
    here = {film.source: printable(film.source) for film in films}
    kept = {source: images.pop(name) for source, name in here.items() if name in images}
    return name_films(films, numbers, images | kept)


def _person(row: Row) -> str:
    film = Film(
        row.source,
        0,
        0,
        patient_id=row.patient_id,
        issuer=row.issuer_of_patient_id,
        study_instance_uid=row.study_instance_uid,
    )
    return person_of(film)[0]
