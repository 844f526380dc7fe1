"""Sentences about what is not on the film."""

from collections.abc import Iterator, Sequence

from chestx.simulation.report.grammar import Draw, Slots, expand, pick, sentence
from chestx.simulation.report.radiologist import Radiologist
from chestx.simulation.report.sentences import Sentence, SentenceWriter
from chestx.simulation.report.vocabulary import (
    Phrase,
    classes,
    companions,
    frames,
    negation_chances,
)
from chestx.simulation.study import Finding

LONGEST = 4
"""Findings in a list of what is absent."""
SEVERAL = 0.15
"""How often what is absent is named in the plural."""


def write_resolved(writer: SentenceWriter, previous: Sequence[Finding]) -> Iterator[Sentence]:
    """Yield sentences about what was on the earlier film and is gone."""
    for label in dict.fromkeys(finding.label for finding in previous):
        phrases = classes()[label]
        if phrases.resolves and writer.said.deniable(label) and writer.draw() < 0.5:
            # The plainest names come first; "apical pneumothorax" would say where it was.
            slots = {**writer.slots, "name": phrases.names[:2]}
            phrase = pick(frames()["negated"]["resolved"], writer.draw)
            several = phrases.countable and writer.draw() < SEVERAL
            writer.said.note({label: 0})
            text = sentence(expand(phrase.template, slots, writer.draw, several))
            yield Sentence(phrases.organ, text)


def write_absent(
    writer: SentenceWriter, habits: Radiologist, *, by_organ: bool
) -> Iterator[Sentence]:
    """Yield sentences that deny some of what is absent; in lists within an organ if asked."""
    draw = writer.draw
    denied = [
        label
        for label, chance in negation_chances().items()
        if draw() < chance and writer.said.deniable(label)
    ]
    # The heart has a sentence of its own: "no cardiomegaly" is rare.
    alone = [name for name in denied if draw() < (0.9 if name == "Cardiomegaly" else 0.15)]
    listed = [name for name in denied if name not in alone]
    for group in [[name] for name in alone] + _groups(listed, by_organ, draw):
        yield deny(writer, group, habits)


def _groups(labels: Sequence[str], by_organ: bool, draw: Draw) -> list[list[str]]:
    """Return lists of a few labels in any order."""
    mixed = [name for _, name in sorted((draw(), name) for name in labels)]
    rows: dict[str, list[str]] = {}
    for name in mixed:
        rows.setdefault(classes()[name].organ if by_organ else "", []).append(name)
    size = 2 + int(draw() * (LONGEST - 1))
    return [row[at : at + size] for row in rows.values() for at in range(0, len(row), size)]


def deny(writer: SentenceWriter, labels: Sequence[str], habits: Radiologist) -> Sentence:
    """Return a sentence that denies these classes."""
    draw = writer.draw
    writer.said.note(dict.fromkeys(labels, 0))
    organ = classes()[labels[0]].organ
    own = _own(writer, labels[0]) if len(labels) == 1 else []
    if own and draw() < (0.9 if labels[0] == "Cardiomegaly" else 0.6):
        return Sentence(organ, writer.plain(pick(own, draw).template))
    several = draw() < SEVERAL and all(classes()[label].countable for label in labels)
    names = [
        expand(pick(classes()[label].names, draw), writer.slots, draw, several) for label in labels
    ]
    frame = _frame(labels, draw)
    if frame == "list" and len(labels) > 1 and draw() < 0.2:
        names += _companion(writer)
    slots: Slots = {
        **writer.slots,
        "no": ((_joined(names, habits.serial_comma),),),
        "x": ((names[0],),),
        "y": ((names[-1],),),
    }
    phrase = pick(frames()["negated"][frame], draw)
    return Sentence(organ, sentence(expand(phrase.template, slots, draw, several)))


def _own(writer: SentenceWriter, label: str) -> list[Phrase]:
    return [
        phrase
        for phrase in classes()[label].own["negated"]
        if writer.said.allows(phrase.unless, phrase.also)
    ]


def _companion(writer: SentenceWriter) -> list[str]:
    fitting = [one for one in companions() if writer.said.allows(one.unless, {})]
    chosen = pick(fitting, writer.draw)
    return [expand(pick(chosen.names, writer.draw), writer.slots, writer.draw)]


def _frame(labels: Sequence[str], draw: Draw) -> str:
    chance = draw()
    if len(labels) == 1 and chance < 0.5:
        return "one"
    if len(labels) == 2 and chance < 0.25:
        return "pair"
    # Lungs are said to be clear of an effusion, but not of a hernia.
    breathing = all(classes()[label].organ in ("lungs", "pleura") for label in labels)
    return "lungs" if breathing and chance > 0.92 else "list"


def _joined(names: Sequence[str], serial_comma: bool) -> str:
    if len(names) < 3:
        return " or ".join(names)
    return ", ".join(names[:-1]) + (", or " if serial_comma else " or ") + names[-1]
