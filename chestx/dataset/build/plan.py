"""Which films become images, under which names, with which reports: all but the pixels."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from chestx.dataset.build.memory import Memory, identity
from chestx.dataset.build.options import Views
from chestx.dataset.film import Film
from chestx.dataset.identity.patients import person_of
from chestx.dataset.linking.link import Links
from chestx.dataset.unmatched import Unmatched
from chestx.job.rejected import Rejected


@dataclass(frozen=True, slots=True)
class Planned:
    """A film that is to become `image`.

    `copies` are other files of the same film, for when the first cannot be decoded.
    """

    image: str
    film: Film
    reports: tuple[str, ...]
    copies: tuple[Film, ...] = ()

    @property
    def by_study(self) -> bool:
        """Whether no patient id told whose the film is."""
        return person_of(self.film)[1]

    def of(self, source: str) -> "Planned":
        """Return the same with the file `source` for its film."""
        films = (self.film, *self.copies)
        chosen = next(film for film in films if film.source == source)
        return replace(self, film=chosen, copies=tuple(f for f in films if f != chosen))


@dataclass(frozen=True)
class Plan:
    """The images in the order of their names; `linked` are the reports that have a film."""

    images: tuple[Planned, ...]
    rejected: tuple[Rejected, ...]
    unmatched: tuple[Unmatched, ...]
    linked: tuple[str, ...]
    how: str


def make_plan(
    films: Sequence[Film], links: Links, views: Views, key: bytes, memory: Memory
) -> Plan:
    """Choose the films that are wanted and linked, and name them as the memory has it."""
    kept, rejected = choose(films, views)
    groups = _copies(kept, links.reports_of.keys())
    wanted = [first for first, *_ in groups if first.source in links.reports_of]
    names = memory.name(wanted, key)
    images = [
        Planned(names[first.source], first, links.reports_of[first.source], tuple(copies))
        for first, *copies in groups
        if first.source in names
    ]
    firsts = {first.source for first, *_ in groups}
    return Plan(
        images=tuple(sorted(images, key=lambda planned: planned.image)),
        rejected=tuple(rejected),
        unmatched=tuple(u for u in links.unmatched if u.kind != "film" or u.source in firsts),
        linked=tuple(dict.fromkeys(id for ids in links.reports_of.values() for id in ids)),
        how=links.how,
    )


def choose(films: Sequence[Film], views: Views) -> tuple[list[Film], list[Rejected]]:
    """Return the films of the wanted views, and the others with the reason."""
    kept: list[Film] = []
    rejected: list[Rejected] = []
    for film in films:
        if views == "frontal" and film.view.kind in ("lateral", "other"):
            reason = f"not frontal: {film.view.reason}"
            rejected.append(Rejected(film.sop_instance_uid, film.source, reason))
        else:
            kept.append(film)
    return kept, rejected


def _copies(films: Sequence[Film], linked: Collection[str]) -> list[list[Film]]:
    """Group the files of one film, those first that have a report."""
    groups: dict[str, list[Film]] = {}
    for film in films:
        groups.setdefault(identity(film), []).append(film)
    return [sorted(group, key=lambda film: film.source not in linked) for group in groups.values()]
