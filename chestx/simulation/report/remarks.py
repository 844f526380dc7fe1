"""Sentences about what is no class: normal organs, devices, bones, the film itself."""

from collections.abc import Iterator

from chestx.simulation.report.grammar import pick
from chestx.simulation.report.sentences import Sentence, SentenceWriter
from chestx.simulation.report.setting import Occasion
from chestx.simulation.report.vocabulary import Remark, remarks


def write_remarks(writer: SentenceWriter, occasion: Occasion, amount: float) -> Iterator[Sentence]:
    """Yield remarks that fit patient, film and findings; `amount` scales how many."""
    topics: set[str] = set()
    for remark in remarks():
        if (
            writer.draw() < amount * remark.chance
            and (not remark.topic or remark.topic not in topics)
            and _fits(remark, occasion)
            and (not remark.needs or remark.needs in writer.said.manners)
            and writer.said.allows(remark.unless, remark.says)
        ):
            topics.add(remark.topic)
            writer.said.note(remark.says)
            yield Sentence(remark.organ, writer.plain(pick(remark.phrases, writer.draw)))


def _fits(remark: Remark, occasion: Occasion) -> bool:
    return (
        occasion.age >= remark.min_age
        and remark.sex in (None, occasion.sex)
        and remark.view in (None, occasion.view)
        and (occasion.previous is not None or not remark.comparison)
    )
