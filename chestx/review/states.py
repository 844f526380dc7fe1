"""What a report says about a class: one of four states, and what a reader leaves open of them."""

from collections.abc import Iterable

PRESENT, UNCERTAIN, NEGATED, NOT_MENTIONED = "present", "uncertain", "negated", ""
STATES = (PRESENT, UNCERTAIN, NEGATED, NOT_MENTIONED)
"""The strongest first: of several mentions, it decides."""

CELLS = {PRESENT: "1", UNCERTAIN: "-1", NEGATED: "0", NOT_MENTIONED: ""}
"""How `labels.csv` and `gold.csv` write a state."""

WORDS = {state: state or "not mentioned" for state in STATES}

Judgement = frozenset[str]
"""The states that a reader holds possible: one that was named, none for "unsure"."""

UNSURE: Judgement = frozenset()


def all_but(state: str) -> Judgement:
    """Return what a reader leaves open who calls a state wrong and names no other."""
    return frozenset(STATES) - {state}


def strongest(mentions: Iterable[Judgement]) -> Judgement:
    """Return what the judgements of its mentions leave open of a class: the strongest decides."""
    possible = {NOT_MENTIONED}
    for judgement in mentions:
        if not judgement:
            return UNSURE
        possible = {min(one, other, key=STATES.index) for one in possible for other in judgement}
    return frozenset(possible)


def in_words(judgement: Judgement) -> str:
    """Return a judgement as a table shows it, such as `present`, `not present` or `unsure`."""
    if not judgement:
        return "unsure"
    if len(judgement) == len(STATES) - 1:
        (excluded,) = frozenset(STATES) - judgement
        return f"not {excluded}" if excluded else "mentioned"
    return " or ".join(WORDS[state] for state in STATES if state in judgement)
