"""Words for side, zone, size and number of a finding, and which words would belie them."""

import re
from collections.abc import Mapping
from functools import cache

from chestx.simulation.report.grammar import Template, compile_all
from chestx.simulation.report.vocabulary import ClassPhrases, classes, read_phrases
from chestx.simulation.study import Finding, Side, Zone

STEPS = ("size", "bulk", "volume", "grade", "gradely", "look")


def is_several(finding: Finding) -> bool:
    """Tell whether the noun of a finding stands in the plural."""
    return classes()[finding.label].countable and (finding.number > 1 or finding.side == "both")


def finding_slots(finding: Finding) -> Mapping[str, tuple[Template, ...]]:
    """Return the words for one finding, by the name of their slot.

    Sizes in figures follow the extent, so that all sentences of a report agree on them.
    """
    slots = dict(_step_slots(_step(finding.extent)))
    slots |= _place_slots(finding.label, finding.side, finding.zone)
    slots |= {
        "a": _article(finding),
        "np": classes()[finding.label].nouns,
        "mm": _figure(round(10 + 20 * finding.extent)),
        "cm": _figure(round(3 + 5 * finding.extent, 1)),
        "gap": _figure(f"{round(0.5 + 3 * finding.extent, 1)} cm"),
        "ratio": _figure(f"{round(50 + 18 * finding.extent)}%"),
    }
    return slots


def _figure(value: object) -> tuple[Template, ...]:
    return ((str(value),),)


def _step(extent: float) -> int:
    bounds: list[float] = read_phrases("words")["extent"]["bounds"]
    return sum(extent >= bound for bound in bounds)


@cache
def _step_slots(step: int) -> dict[str, tuple[Template, ...]]:
    table: dict[str, list[list[str]]] = read_phrases("words")["extent"]
    return {name: compile_all(table[name][step]) for name in STEPS}


@cache
def _place_slots(label: str, side: Side, zone: Zone) -> dict[str, tuple[Template, ...]]:
    """Return the words for a place; a pleural effusion has a side alone, edema neither."""
    phrases: ClassPhrases = classes()[label]
    side = side if phrases.sided else ""
    # Air or fluid around a whole lung lies simply on that side.
    if not (phrases.sided and phrases.zoned) or (phrases.organ == "pleura" and zone == "whole"):
        zone = ""
    words = read_phrases("words")
    row = {"both": "both", "": "middle"}.get(side, "one")
    spoken = {"both": "bilateral"}.get(side, side)
    adjectives, wheres = (words[key][row][zone or "none"] for key in ("adjective", "where"))
    if phrases.organ == "pleura":
        # Around the lung, so in none of its lobes.
        adjectives, wheres = ([w for w in ws if "lobe" not in w] for ws in (adjectives, wheres))
    return {
        "adjective": compile_all(adjectives),
        "where": compile_all(wheres),
        "side": ((spoken,),),
        "mid_lobar": compile_all(words["mid_lobar"].get(side, ["mid lung"])),
        "mid_lobe": compile_all(words["mid_lobe"].get(side, ["mid lung"])),
    }


@cache
def _article(finding: Finding) -> tuple[Template, ...]:
    if not classes()[finding.label].countable:
        return (("",),)
    numbers = read_phrases("words")["numbers"]
    if finding.number == 1:
        return (("" if is_several(finding) else "a",),)
    if finding.number - 2 < len(numbers["words"]):
        return compile_all([numbers["words"][finding.number - 2]])
    return compile_all(numbers["beyond"])


@cache
def belying_words(side: Side, zone: Zone) -> re.Pattern[str]:
    """Return a pattern of the words that no sentence about this place may have."""
    table = read_phrases("words")["elsewhere"]
    zones: dict[str, list[str]] = table["zones"]
    words = [word for name, allowed in zones.items() if zone not in allowed for word in table[name]]
    if side in ("left", "right"):
        words += [*table["both"], {"left": "right", "right": "left"}[side]]
    return re.compile(rf"\b(?:{'|'.join(words) or '(?!)'})\b", re.IGNORECASE)
