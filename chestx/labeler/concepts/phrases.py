"""The notation of lexicon phrases: words, `(a|b c)` choices, `[x]` options, ` ... ` gaps.

A phrase becomes a small automaton, so that a generous one costs what its text costs and not what
all its spellings would.
"""

import re
from collections.abc import Sequence
from functools import cached_property

from chestx.errors import ChestxError

GAP = "..."
_TOKEN = re.compile(r"\.\.\.|[()\[\]|]|[^\s()\[\]|]+")
_WORDS = re.compile(r"[a-zà-ÿ0-9']+|[^\sa-zà-ÿ0-9'-]")


class PhraseError(ChestxError):
    """A phrase that does not follow the notation."""


class State:
    """A step of a phrase: reads `word` (a word, `GAP`, or "" at the end), then any of `after`."""

    def __init__(self, word: str, after: Sequence["State"], concept: int = -1) -> None:
        """`concept` is the number that the end of a phrase stands for."""
        self.word = word
        self.after = after
        self.concept = concept

    @cached_property
    def steps(self) -> dict[str, list["State"]]:
        """The states of `after` by what they read."""
        return by_word(self.after)


def by_word(states: Sequence[State]) -> dict[str, list[State]]:
    """Group states by what they read."""
    grouped: dict[str, list[State]] = {}
    for state in states:
        grouped.setdefault(state.word, []).append(state)
    return grouped


def compile_phrase(phrase: str, concept: int) -> list[State]:
    """Return the states that a phrase may begin with; `PhraseError` where it is not well-formed."""
    tokens = _TOKEN.findall(phrase.lower())
    starts, rest = _choice(tokens, len(tokens), phrase, [State("", (), concept)])
    if rest:
        raise PhraseError(f"phrase {phrase!r}: {tokens[rest - 1]!r} is not closed")
    for state in starts:
        if state.word in ("", GAP):
            raise PhraseError(f"phrase {phrase!r}: it may begin with nothing or with a gap")
    return starts


def _choice(
    tokens: list[str], end: int, phrase: str, after: list[State]
) -> tuple[list[State], int]:
    """Compile backwards from `end` to the bracket that opens the choice."""
    starts: list[State] = []
    while True:
        options, end = _sequence(tokens, end, phrase, after)
        starts.extend(options)
        if end == 0 or tokens[end - 1] != "|":
            return list(dict.fromkeys(starts)), end
        end -= 1


def _sequence(
    tokens: list[str], end: int, phrase: str, after: list[State]
) -> tuple[list[State], int]:
    while end and tokens[end - 1] not in "([|":
        token = tokens[end - 1]
        if token in ")]":
            opening = "(" if token == ")" else "["
            starts, end = _choice(tokens, end - 1, phrase, after)
            if not end or tokens[end - 1] != opening:
                raise PhraseError(f"phrase {phrase!r}: {token!r} without {opening!r}")
            after = starts if token == ")" else list(dict.fromkeys([*starts, *after]))
        elif token == GAP:
            if any(state.word in ("", GAP) for state in after):
                raise PhraseError(f"phrase {phrase!r}: a gap must stand between words")
            after = [State(GAP, after)]
        else:
            for word in reversed(_WORDS.findall(token)):
                after = [State(word, after)]
        end -= 1
    return after, end
