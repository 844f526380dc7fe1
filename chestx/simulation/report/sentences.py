"""Sentences about findings, each noted for what it amounts to."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from chestx.errors import ChestxError
from chestx.simulation.report.grammar import Draw, Slots, Template, expand, pick, sentence
from chestx.simulation.report.place import STEPS, belying_words, finding_slots, is_several
from chestx.simulation.report.said import Said
from chestx.simulation.report.statements import STATE, Statement
from chestx.simulation.report.vocabulary import Phrase, classes, frames

TRIES = 100
"""Draws of a phrase until one goes with the film; far more than any finding needs."""
OVERZEALOUS = 0.04
"""How often a mark that stands for names takes the place of a word of size, too."""

Part = Literal["findings", "signs", "impression", "impression_alone"]
"""What a sentence is for: `signs` describe what a later one names."""


class Sentence(NamedTuple):
    """A sentence and the organ that it is about."""

    organ: str
    text: str


class SentenceWriter:
    """Fills a report's slots into phrases that go with the film and with what was said."""

    def __init__(self, slots: Slots, mark: str, said: Said, draw: Draw) -> None:
        self.slots = slots
        self.mark = mark
        self.said = said
        self.draw = draw

    def plain(self, template: Template) -> str:
        """Return a sentence that is not about a finding."""
        return sentence(expand(template, self.slots, self.draw))

    def about(self, statement: Statement, part: Part) -> Sentence:
        """Return a sentence about a finding, noted for what it says; signs alone say nothing."""
        finding = statement.finding
        phrases = classes()[finding.label]
        slots = {**self.slots, **finding_slots(finding)}
        if self.mark and self.draw() < OVERZEALOUS:
            slots |= dict.fromkeys(STEPS, ((self.mark,),))
        belying = belying_words(finding.side, finding.zone)
        for _ in range(TRIES):
            phrase = pick(self._pool(statement, part), self.draw)
            if not self.said.allows(phrase.unless, phrase.also, finding.side):
                continue
            text = sentence(expand(phrase.template, slots, self.draw, is_several(finding)))
            if not belying.search(text):
                if part != "signs":
                    self.said.note({finding.label: STATE[statement.manner], **phrase.also})
                return Sentence(phrases.organ, text)
        raise ChestxError(
            f"no phrase for {finding.label}, side {finding.side!r}, zone {finding.zone!r}: add one "
            "to chestx/simulation/report/phrases"
        )

    def _pool(self, statement: Statement, part: Part) -> Sequence[Phrase]:
        """Return phrases for a statement: of any class or of its own, by chance."""
        if part == "signs":
            return classes()[statement.finding.label].own["signs"]
        of_any = frames()["findings"]
        if statement.manner == "present":
            if statement.trend and self.draw() < 0.6:
                return of_any[statement.trend]
            if part != "findings" and self.draw() < 0.6:
                return frames()[part]["present"]
        own = classes()[statement.finding.label].own[statement.manner]
        return own if self.draw() < 0.5 else of_any[statement.manner]
