"""The parts of a report around findings and impression: who, why, how, compared with what."""

from collections.abc import Mapping

from chestx.simulation.report.grammar import expand, pick, tidy
from chestx.simulation.report.sentences import SentenceWriter
from chestx.simulation.report.setting import GROWN_UP, Occasion
from chestx.simulation.report.vocabulary import House, section


def write_parts(writer: SentenceWriter, house: House, occasion: Occasion) -> Mapping[str, str]:
    """Return the texts of the slots of a layout, "" for those that this report goes without."""
    draw = writer.draw

    def phrase(table: str, key: str) -> str:
        return tidy(expand(pick(section(table)[key], draw), writer.slots, draw))

    asked = draw() < 0.9
    compared = occasion.previous is not None
    return {
        "exam": phrase("exam", occasion.view),
        "date": phrase("dates", "date") if "{date}" in house.layout else "",
        "INDICATION": phrase("indication", "heading"),
        "indication": phrase("indication", "phrases" if occasion.age >= GROWN_UP else "young")
        if asked
        else "",
        "technique": phrase("technique", occasion.view),
        "comparison": phrase("comparison", "prior" if compared else "none"),
        "against": _against(phrase("comparison", "sentence" if compared else "new"))
        if draw() < 0.6
        else "",
        "signature": phrase("signature", "phrases"),
        "courtesy": _against(phrase("signature", "courtesy")) if draw() < 0.25 else "",
    }


def _against(text: str) -> str:
    return f"{text}."
