"""Findings and impression of a report: the same said twice, or once."""

from collections.abc import Mapping, Sequence

from chestx.simulation.report.absent import deny, write_absent, write_resolved
from chestx.simulation.report.arrange import in_order, set_out
from chestx.simulation.report.grammar import expand, pick, sentence
from chestx.simulation.report.radiologist import Radiologist
from chestx.simulation.report.remarks import write_remarks
from chestx.simulation.report.sentences import Part, Sentence, SentenceWriter
from chestx.simulation.report.setting import Occasion
from chestx.simulation.report.statements import Statement
from chestx.simulation.report.vocabulary import House, negation_chances, section

CHRONIC = {"Cardiomegaly", "Emphysema", "Fibrosis", "Hernia", "Pleural_Thickening"}
"""Classes beside which nothing acute may be."""
SIGNS_ALONE = 0.2
"""How often the findings only describe what the impression then names."""


def write_body(
    writer: SentenceWriter,
    statements: Sequence[Statement],
    house: House,
    habits: Radiologist,
    occasion: Occasion,
) -> Mapping[str, str]:
    """Return the texts of the slots `findings`, `impression` and `advice`."""
    draw = writer.draw
    way, closing = pick(house.body, draw), pick(house.closing, draw)
    unnamed = [
        one for one in statements if way == "none" or (closing != "none" and draw() < SIGNS_ALONE)
    ]
    findings = _findings(writer, statements, unnamed, way, habits, occasion)
    impression = _impression(writer, statements, unnamed, way, habits) if closing != "none" else []
    return {
        "findings": set_out(in_order(findings, habits), way, habits, draw),
        "impression": set_out(impression, closing, habits, draw),
        "advice": _advice(writer) if draw() < 0.35 else "",
    }


def _findings(
    writer: SentenceWriter,
    statements: Sequence[Statement],
    unnamed: Sequence[Statement],
    way: str,
    habits: Radiologist,
    occasion: Occasion,
) -> list[Sentence]:
    if way == "none":
        return []
    found = [writer.about(one, "signs" if one in unnamed else "findings") for one in statements]
    if occasion.previous is not None and writer.draw() < habits.compares:
        found += write_resolved(writer, occasion.previous)
    found += write_remarks(writer, occasion, habits.remarks)
    found += write_absent(writer, habits, by_organ=way == "organs")
    if way == "organs":
        found += _heart(writer, found)
    return found or [_closing(writer, "normal")]


def _heart(writer: SentenceWriter, found: Sequence[Sentence]) -> list[Sentence]:
    """Return what stands below the heading of a heart of which nothing was said."""
    if any(one.organ == "heart" for one in found) or not writer.said.deniable("Cardiomegaly"):
        return []
    writer.said.note({"Cardiomegaly": 0})
    return [Sentence("heart", writer.plain(pick(section("empty_organ")["heart"], writer.draw)))]


def _impression(
    writer: SentenceWriter,
    statements: Sequence[Statement],
    unnamed: Sequence[Statement],
    way: str,
    habits: Radiologist,
) -> list[Sentence]:
    draw = writer.draw
    chosen = [one for one in statements if one in unnamed or draw() < habits.restates]
    chosen = chosen or list(statements[:1])
    part: Part = "impression_alone" if way == "none" else "impression"
    found = [writer.about(one, part) for one in chosen]
    if way == "none":
        found += write_absent(writer, habits, by_organ=False)
    elif draw() < 0.2:
        found += _denied_again(writer, habits)
    shown = set(writer.said.shown)
    if not shown:
        found.insert(0, _closing(writer, "normal"))
    elif draw() < 0.3:
        found.append(_closing(writer, "chronic" if shown <= CHRONIC else "else"))
    return found or [_closing(writer, "else")]


def _denied_again(writer: SentenceWriter, habits: Radiologist) -> list[Sentence]:
    open_ = [label for label in negation_chances() if writer.said.deniable(label)]
    return [deny(writer, [pick(open_, writer.draw)], habits)] if open_ else []


def _closing(writer: SentenceWriter, key: str) -> Sentence:
    return Sentence("limits", writer.plain(pick(section("closing")[key], writer.draw)))


def _advice(writer: SentenceWriter) -> str:
    """Return what to do next: about something on the film if there is advice for it."""
    advice = section("recommendation")
    asking = [label for label in writer.said.manners if label in advice]
    key = pick(asking, writer.draw) if asking and writer.draw() < 0.7 else "any"
    return sentence(expand(pick(advice[key], writer.draw), writer.slots, writer.draw))
