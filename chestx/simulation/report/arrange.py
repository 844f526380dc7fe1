"""Sentences set as a part of a report: prose, lines, bullets, numbers, or below organs."""

from collections.abc import Sequence
from itertools import groupby

from chestx.simulation.report.grammar import Draw, pick
from chestx.simulation.report.radiologist import Radiologist
from chestx.simulation.report.sentences import Sentence
from chestx.simulation.report.vocabulary import section


def in_order(sentences: Sequence[Sentence], habits: Radiologist) -> list[Sentence]:
    """Return the sentences organ by organ, in the radiologist's order."""
    return sorted(sentences, key=lambda one: habits.order.index(one.organ))


def set_out(sentences: Sequence[Sentence], way: str, habits: Radiologist, draw: Draw) -> str:
    """Return the sentences as one text, in one of the ways that a house names."""
    texts = [one.text for one in sentences]
    if way == "organs":
        return _below_organs(sentences, habits, draw)
    if way == "paragraphs":
        return "\n\n".join(
            habits.spaces.join(one.text for one in group)
            for _, group in groupby(sentences, key=lambda one: one.organ)
        )
    if way == "lines":
        return "\n".join(texts)
    if way == "bullets":
        return "\n".join(habits.bullet + text for text in texts)
    if way.startswith("numbers") and len(texts) > 1:
        glue = " " if way == "numbers on a line" else "\n"
        return glue.join(f"{number}. {text}" for number, text in enumerate(texts, 1))
    return habits.spaces.join(texts)


def _below_organs(sentences: Sequence[Sentence], habits: Radiologist, draw: Draw) -> str:
    found: dict[str, list[str]] = {}
    for one in sentences:
        # What limits the film is said first, of the lungs.
        found.setdefault("lungs" if one.organ == "limits" else one.organ, []).append(one.text)
    lines = []
    for heading, organs in habits.organs.items():
        texts = [text for organ in organs for text in found.get(organ, [])]
        if not texts:
            texts = [f"{pick(section('empty_organ')[organs[0]], draw)[0]}."]
        lines.append(f"{heading}: {habits.spaces.join(texts)}")
    return "\n".join(lines)
