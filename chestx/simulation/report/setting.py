"""What every phrase of a report shares: words, the patient, dates, and the marks in their place."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from chestx.simulation.report.grammar import (
    Draw,
    Slots,
    Template,
    compile_all,
    expand,
    pick,
    tidy,
)
from chestx.simulation.report.vocabulary import read_phrases, section
from chestx.simulation.study import Finding, Sex, View

INFANT, GROWN_UP = 2, 16
"""Years of age below which a patient is an infant, and from which a man or a woman."""


class Occasion(NamedTuple):
    """Film and patient; `previous` are the findings of an earlier visit, None for a first one."""

    view: View
    sex: Sex
    age: int
    previous: Sequence[Finding] | None


@cache
def _words() -> Mapping[str, tuple[Template, ...]]:
    words = {name: compile_all(texts) for name, texts in read_phrases("words")["words"].items()}
    asked_in_words = read_phrases("sections")["indication"]["symptoms"]
    asked = section("indication")
    words |= {
        "symptom": asked["symptoms"],
        "Symptom": compile_all(text[0].upper() + text[1:] for text in asked_in_words),
        "disease": asked["diseases"],
        "following": asked["following"],
        "background": asked["backgrounds"],
        "complication": asked["complications"],
        "procedure": asked["procedures"],
        "doctor": section("signature")["doctors"],
        "tube_side": compile_all(["right", "left"]),
    }
    return words | section("dates")


def setting(occasion: Occasion, mark: str, draw: Draw) -> Slots:
    """Return the slots of a report; `mark` stands for what would name someone, "" for no mark.

    There is one earlier film, so its date is drawn here.
    """
    slots = dict(_words())
    date = mark or tidy(expand(pick(slots["date"], draw), slots, draw))
    slots["date"] = ((date,),)
    slots["age"] = ((mark or str(occasion.age),),)
    if mark:
        slots |= {"doctor": ((f"Dr. {mark}",),), "time": ((mark,),)}
    slots["patient"] = section("patient")[_patient(occasion.sex, occasion.age)]
    return slots


def _patient(sex: Sex, age: int) -> str:
    if age < INFANT:
        return "infant"
    if age < GROWN_UP:
        return "girl" if sex == "F" else "boy"
    return "woman" if sex == "F" else "man"
