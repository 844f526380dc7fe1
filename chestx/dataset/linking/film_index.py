"""Films by what names them in report ids and tables."""

import posixpath
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from chestx.dataset.csv_table import plain
from chestx.dataset.film import Film
from chestx.dataset.linking.row import By, patient_day

Films = Sequence[Film]

VALUE_OF: Mapping[By, Callable[[Film], str]] = {
    "image": lambda film: plain(film.source),
    "sop": lambda film: plain(film.sop_instance_uid),
    "study": lambda film: plain(film.study_instance_uid),
    "accession": lambda film: plain(film.accession_number),
    "patient-date": lambda film: patient_day(plain(film.patient_id), plain(film.study_date)),
}
PATHS: Sequence[Callable[[Film], str]] = (
    VALUE_OF["image"],
    lambda film: posixpath.basename(VALUE_OF["image"](film)),
    lambda film: posixpath.splitext(VALUE_OF["image"](film))[0],
    lambda film: posixpath.splitext(posixpath.basename(VALUE_OF["image"](film)))[0],
)
"""How a table may call a film, the most exact first: its path or name, with or without suffix."""

ANY_CASE: Sequence[Callable[[Film], str]] = (
    lambda film: _small_suffix(PATHS[0](film)),
    lambda film: _small_suffix(PATHS[1](film)),
)
"""Path and name where only the case of the suffix differs: `.PNG` for `.png`."""


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
        small = _small_suffix(path)
        for called, ways in ((path, PATHS), (small, ANY_CASE)):
            for path_of in ways:
                if films := self.by(path_of).get(called):
                    return films
        return ()


def doubt(films: Films, by: By) -> str:
    """Say why films that one value names cannot share a report, empty where they can."""
    if len(films) < 2:
        return ""
    if by == "image":
        return "several films have this file name"
    patients = {plain(film.patient_id) for film in films}
    if len(patients - {""}) > 1:
        return "its films are of several patients"
    if len({plain(film.issuer) for film in films} - {""}) > 1:
        return "its films are of patient ids from several issuers"
    studies = {plain(film.study_instance_uid) for film in films}
    if by == "patient-date" and len(studies) > 1:
        return "the patient has several studies on this day, and nothing says which"
    if "" in patients and len(studies - {""}) > 1:
        return "its films are of several studies, and no patient id says whose"
    return ""


def _small_suffix(path: str) -> str:
    stem, suffix = posixpath.splitext(path)
    return stem + suffix.lower()
