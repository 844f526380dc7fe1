"""The parts of a report in the layout of a house, and its spelling."""

import re
from collections.abc import Mapping
from functools import cache

from chestx.simulation.report.grammar import Draw
from chestx.simulation.report.vocabulary import House, read_phrases

_SLOT = re.compile(r"\{(\w+)\}")
_BLANK_LINES = re.compile(r"\n{3,}")
HEADING = "INDICATION"
"""A slot that is a heading: alone it keeps no line."""


def lay_out(house: House, parts: Mapping[str, str]) -> str:
    """Return the report; a line of the layout whose parts are all empty is left out."""
    lines = [_line(line, parts) for line in house.layout.split("\n")]
    text = "\n".join(line for line in lines if line is not None)
    return _BLANK_LINES.sub("\n\n", text).strip("\n") + "\n"


def _line(line: str, parts: Mapping[str, str]) -> str | None:
    names = [name for name in _SLOT.findall(line) if name != HEADING]
    if names and not any(parts[name] for name in names):
        return None
    text = _SLOT.sub(lambda match: parts[match[1]], line).rstrip()
    return text if line.startswith(" ") else text.lstrip()


@cache
def _words(table: str) -> tuple[re.Pattern[str], dict[str, str]]:
    pairs: dict[str, str] = read_phrases("words")[table]
    longest_first = sorted(pairs, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(longest_first)})\b", re.IGNORECASE), pairs


def spell(house: House, text: str, draw: Draw) -> str:
    """Return a text in the house's spelling: British, shorthand, capitals."""
    if house.british:
        text = _replaced(text, "british")
    if house.shorthand:
        pattern, pairs = _words("shorthand")
        text = pattern.sub(
            lambda match: pairs[match[0].lower()] if draw() < 0.7 else match[0], text
        )
    return text.upper() if house.capitals else text


def _replaced(text: str, table: str) -> str:
    pattern, pairs = _words(table)

    def other(match: re.Match[str]) -> str:
        word = pairs[match[0].lower()]
        return word[0].upper() + word[1:] if match[0][0].isupper() else word

    return pattern.sub(other, text)
