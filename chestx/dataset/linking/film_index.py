"""Films by what names them in report ids and tables."""

import posixpath
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from chestx.dataset.film import Film
from chestx.dataset.linking.row import By, patient_day

Films = Sequence[Film]

VALUE_OF: Mapping[By, Callable[[Film], str]] = {
    "image": lambda film: film.source,
    "sop": lambda film: film.sop_instance_uid.strip(),
    "study": lambda film: film.study_instance_uid.strip(),
    "accession": lambda film: film.accession_number.strip(),
    "patient-date": lambda film: patient_day(film.patient_id.strip(), film.study_date.strip()),
}
PATHS: Sequence[Callable[[Film], str]] = (
    VALUE_OF["image"],
    lambda film: posixpath.basename(film.source),
    lambda film: posixpath.splitext(film.source)[0],
    lambda film: posixpath.splitext(posixpath.basename(film.source))[0],
)
"""How a table may call a film, the most exact first: its path or name, with or without suffix."""


class FilmIndex:
    """Finds films by their values; an empty value names no film."""

    def __init__(self, films: Films) -> None:
        self.films = films
        self._made: dict[Callable[[Film], str], dict[str, list[Film]]] = {}

    def by(self, value_of: Callable[[Film], str]) -> Mapping[str, Films]:
        """Return all films by what `value_of` gives."""
        if value_of not in self._made:
            groups: defaultdict[str, list[Film]] = defaultdict(list)
            for film in self.films:
                groups[value_of(film)].append(film)
            groups.pop("", None)
            self._made[value_of] = dict(groups)
        return self._made[value_of]

    def named(self, by: By, value: str) -> Films:
        """Return the films that `value` names, in their order."""
        if by != "image":
            return self.by(VALUE_OF[by]).get(value, ())
        path = value.replace("\\", "/").removeprefix("./")
        for path_of in PATHS:
            if films := self.by(path_of).get(path):
                return films
        return ()


def doubt(films: Films, by: By) -> str:
    """Say why films that one value names cannot share a report, empty where they can."""
    if len(films) < 2:
        return ""
    if by == "image":
        return "several films have this file name"
    if len({film.patient_id.strip() for film in films} - {""}) > 1:
        return "its films are of several patients"
    if len({film.issuer.strip() for film in films} - {""}) > 1:
        return "its films are of patient ids from several issuers"
    if by == "patient-date" and len({film.study_instance_uid.strip() for film in films}) > 1:
        return "the patient has several studies on this day, and nothing says which"
    return ""
