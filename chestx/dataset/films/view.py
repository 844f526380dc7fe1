"""Whether a film is a frontal view of the chest, by the words of its header.

Two things are asked: the projection and the part of the body. The sources are heard from the
surest to the vaguest, and the first that says one thing decides: ViewPosition and View Code (of
the projection alone), the descriptions of series, protocol and study, the body part. One that
says two things ("PA and lateral", "ribs with chest") decides nothing. Whole words count; which
they are stands in `view_words.py`.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

from chestx.dataset.film import View
from chestx.dataset.films.view_words import (
    BODY_PART_CODES,
    PARTS,
    PROJECTIONS,
    VIEW_POSITION_CODES,
)

_INITIALS = re.compile(r"\b(?:(A)[ ./-]{1,2}(P)|(P)[ ./-]{1,2}(A))\b")
_WORD = re.compile(r"[A-Z]+")
_LONGEST_PHRASE = 3
_AMBIGUOUS = "?"
Words = Mapping[str, str]


def judge_view(
    *,
    view_position: str = "",
    view_code: str = "",
    series_description: str = "",
    protocol: str = "",
    study_description: str = "",
    body_part: str = "",
    patient_orientation: str = "",
) -> View:
    """Judge the view by the values of a header; what is missing is empty.

    `view_code` is the meaning of the View Code, `patient_orientation` the directions of rows and
    columns ("L\\\\F"), which is asked last. A reason quotes nothing of the header.
    """
    descriptions = (
        ("series description", series_description),
        ("protocol", protocol),
        ("study description", study_description),
    )
    part, part_source = _decided(
        [(name, _found(text, PARTS)) for name, text in descriptions]
        + [("body part", _found(body_part, {**PARTS, **BODY_PART_CODES}))]
    )
    if part == "other":
        return View("other", "", f"another part of the body, by the {part_source}")
    projection, source = _decided(
        [("ViewPosition", _found(view_position, {**PROJECTIONS, **VIEW_POSITION_CODES}))]
        + [("View Code", _found(view_code, PROJECTIONS))]
        + [(name, _found(text, PROJECTIONS)) for name, text in descriptions]
        + [("body part", _found(body_part, PROJECTIONS))]
        + [("patient orientation", _oriented(patient_orientation))]
    )
    if projection == "lateral":
        return View("lateral", "", f"lateral, by the {source}")
    if projection == "other":
        return View("other", "", f"another projection, by the {source}")
    if projection in ("", _AMBIGUOUS):
        return View("unknown", "", "nothing tells the projection")
    position = projection if projection in ("PA", "AP") else ""
    if part == _AMBIGUOUS:
        return View("unknown", position, f"more than the chest, by the {part_source}")
    return View("frontal", position)


def _decided(sources: Iterable[tuple[str, set[str]]]) -> tuple[str, str]:
    """Return what the first source says that says one thing, and its name.

    Where there is none, `_AMBIGUOUS` and the first that says several, or nothing.
    """
    several = ("", "")
    for name, found in sources:
        if len(found) == 1:
            return found.pop(), name
        if found and not several[0]:
            several = (_AMBIGUOUS, name)
    return several


def _found(text: str, words: Words) -> set[str]:
    """Return what the words of a text stand for; no word counts twice."""
    tokens = _tokens(text)
    found = set()
    at = 0
    while at < len(tokens):
        for length in range(_LONGEST_PHRASE, 0, -1):
            phrase = " ".join(tokens[at : at + length])
            if phrase in words:
                found.add(words[phrase])
                break
        at += length
    return found - {"frontal"} if found & {"PA", "AP"} else found


def _tokens(text: str) -> list[str]:
    """Return the words in capitals without accents; "p.a." and "P-A" are "PA"."""
    plain = unicodedata.normalize("NFKD", text.upper()).encode("ascii", "ignore").decode()
    joined = _INITIALS.sub(lambda found: "".join(filter(None, found.groups())), plain)
    return _WORD.findall(joined)


def _oriented(orientation: str) -> set[str]:
    """Read PatientOrientation (PS3.3 C.7.6.1.1.1): what runs along the rows tells the side."""
    rows, _, columns = orientation.upper().partition("\\")
    if columns[:1] not in ("F", "H"):
        return set()
    return {"L": {"frontal"}, "R": {"frontal"}, "A": {"lateral"}, "P": {"lateral"}}.get(
        rows[:1], set()
    )
