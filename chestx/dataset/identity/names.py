"""The names of images: PPPPPPPP_FFF.png, from the numbers of patient and film."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from chestx.dataset.film import Film
from chestx.dataset.identity.patients import person_of


def name_films(
    films: Sequence[Film], numbers: Mapping[str, int], known: Mapping[str, str]
) -> dict[str, str]:
    """Return the image's name for the source of each film.

    `numbers` are those of the persons. Films of a patient are numbered from 0 in the order in
    which they were taken, by study, series and instance within a day. Films with a `known` name,
    by source, keep it, and new ones of the patient come after all known ones, even where they are
    older or a known film has gone: a name never means two films. From 1000 on a number is wider.
    """
    following: defaultdict[int, int] = defaultdict(int)
    for name in known.values():
        patient, number = patient_of(name), _follow_up(name)
        following[patient] = max(following[patient], number + 1)
    names: dict[str, str] = {}
    for film in sorted(films, key=_when):
        patient = numbers[person_of(film)[0]]
        name = known.get(film.source, "")
        # A better table may have told by now that the film is of another patient.
        if not name or patient_of(name) != patient:
            name = f"{patient:08d}_{following[patient]:03d}.png"
            following[patient] += 1
        names[film.source] = name
    return names


def patient_of(name: str) -> int:
    """Return the patient's number in the name of an image; `ValueError` where there is none."""
    return int(name.partition("_")[0])


def _follow_up(name: str) -> int:
    return int(name.partition("_")[2].partition(".")[0])


def _when(film: Film) -> tuple[str, str, str, int, int, str, str]:
    return (
        film.study_date,
        film.study_time,
        film.study_instance_uid,
        film.series_number,
        film.instance_number,
        film.sop_instance_uid,
        film.source,
    )
