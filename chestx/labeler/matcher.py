"""Finds the phrases of a lexicon in the words of a sentence, the longest first."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from chestx.labeler.phrases import GAP, State, by_word

MAX_GAP = 6


class Match(NamedTuple):
    """Words `start:end` name `concepts`; `head` is the word that carries the syntax.

    `gap` tells whether words of the span are filler, which may hold a cue ("is not enlarged").
    """

    start: int
    end: int
    head: int
    gap: bool
    concepts: tuple[int, ...]


class Matcher:
    """All phrases side by side, indexed by their first word.

    A word of five letters or more also matches in the plural.
    """

    def __init__(self, starts: Sequence[State], filler: frozenset[str]) -> None:
        """`starts` are the first states of all phrases; `filler` may stand in a gap."""
        self._starts = by_word(starts)
        self._filler = filler

    def find(self, words: Sequence[str]) -> list[Match]:
        """Return the matches in `words` (lower case) in order, of overlapping ones the longest."""
        candidates = [
            match for at in range(len(words)) if (match := self._longest(words, at)) is not None
        ]
        if len(candidates) < 2:
            return candidates
        taken: list[Match] = []
        for match in sorted(candidates, key=lambda m: (m.start - m.end, m.start)):
            if all(match.end <= other.start or other.end <= match.start for other in taken):
                taken.append(match)
        return sorted(taken)

    def _longest(self, words: Sequence[str], start: int) -> Match | None:
        ends: dict[int, dict[int, bool]] = {}
        for form in forms(words[start]):
            for state in self._starts.get(form, ()):
                for end, gap, concept in self._after(state, words, start + 1, False):
                    concepts = ends.setdefault(end, {})
                    concepts[concept] = concepts.get(concept, True) and gap
        if not ends:
            return None
        end = max(ends)
        return Match(start, end, end - 1, all(ends[end].values()), tuple(ends[end]))

    def _after(
        self, state: State, words: Sequence[str], at: int, gap: bool
    ) -> Iterator[tuple[int, bool, int]]:
        steps = state.steps
        for last in steps.get("", ()):
            yield at, gap, last.concept
        if at < len(words):
            for form in forms(words[at]):
                for step in steps.get(form, ()):
                    yield from self._after(step, words, at + 1, gap)
        for step in steps.get(GAP, ()):
            yield from self._across(step, words, at, gap)

    def _across(
        self, step: State, words: Sequence[str], at: int, gap: bool
    ) -> Iterator[tuple[int, bool, int]]:
        for after in range(at, min(at + MAX_GAP + 1, len(words))):
            for form in forms(words[after]):
                for state in step.steps.get(form, ()):
                    yield from self._after(state, words, after + 1, gap or after > at)
            if words[after] not in self._filler:
                break


@lru_cache(maxsize=65536)
def forms(word: str) -> tuple[str, ...]:
    """Return the word and, for a likely plural, its singulars."""
    if len(word) < 5 or not word.endswith("s") or word.endswith("ss"):
        return (word,)
    if word.endswith("ies"):
        return (word, word[:-3] + "y")
    if word.endswith(("ses", "xes", "ches", "shes")):
        return (word, word[:-1], word[:-2])
    return (word, word[:-1])
