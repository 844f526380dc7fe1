"""Who is on a film, and the number that the dataset gives to this person."""

import hmac
from collections.abc import Iterable, Mapping

from chestx.dataset.film import Film
from chestx.errors import ChestxError
from chestx.job.names import printable

SPACE = 99_999_999
"""Numbers of patients go from 1 to this: NIH's names have eight digits."""


def person_of(film: Film) -> tuple[str, bool]:
    """Return what stands for the person on a film, and whether it is but a stand-in.

    A person is a patient id with its issuer (PS3.3 C.7.1.1). Where the id is empty, nothing says
    that two studies are of one person: the study stands in, or the file where that is not known
    either. No two kinds, and no two pairs of issuer and id, give the same text. All is taken as
    the crosswalk keeps it, so that a person found there is the same again.
    """
    patient, issuer, study = (
        printable(text).strip() for text in (film.patient_id, film.issuer, film.study_instance_uid)
    )
    if patient:
        return f"patient:{len(issuer)}:{issuer}:{patient}", False
    return (f"study:{study}" if study else f"file:{printable(film.source)}"), True


def number_patients(
    persons: Iterable[str], key: bytes, known: Mapping[str, int], space: int = SPACE
) -> dict[str, int]:
    """Return a number from 1 to `space` for each person, from an HMAC-SHA256 under the key.

    Who is `known` keeps the number. Of two new persons with one remainder the one with the lower
    digest gets it and the other the next free one, so that their order does not count. Raises
    `ChestxError` where there are more persons than numbers.
    """
    persons = set(persons)
    numbers = {person: known[person] for person in persons if person in known}
    taken = set(known.values())
    new = sorted((_digest(person, key), person) for person in persons - numbers.keys())
    if len(taken) + len(new) > space:
        raise ChestxError(f"there are more patients than numbers from 1 to {space:,}: split them")
    for digest, person in new:
        number = int.from_bytes(digest) % space + 1
        while number in taken:
            number = number % space + 1
        taken.add(number)
        numbers[person] = number
    return numbers


def _digest(person: str, key: bytes) -> bytes:
    return hmac.digest(key, person.encode(), "sha256")
