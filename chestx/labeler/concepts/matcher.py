"""Finds the phrases of a lexicon in the words of a sentence, the longest first."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from chestx.labeler.concepts.phrases import GAP, State, by_word

MAX_GAP = 6
_WORD = re.compile(r"[^\W\d_]+")
MAX_MOVES = 50_000


class Match(NamedTuple):
    """Words `start:end` name `concepts`; `head` is the word that carries the syntax.

    `gap` tells whether words of the span are filler, which may hold a cue ("is not enlarged").
    """

    start: int
    end: int
    head: int
    gap: bool
    concepts: tuple[int, ...]


class _Step(NamedTuple):
    state: State
    gap: bool
    room: int


def _enter(state: State, gap: bool) -> Iterator[_Step]:
    return (_Step(after, gap, MAX_GAP) for after in state.after)


class _Front:
    """The states that all phrases under way are in at once, and where each word leads them.

    Built when first reached (a lazy subset construction), so that matching costs one look-up a
    word however many phrases there are.
    """

    __slots__ = ("_by_word", "_filler", "_gaps", "ends", "moves")

    def __init__(self, steps: frozenset[_Step], filler: frozenset[str]) -> None:
        self._filler = filler
        self.moves: dict[str, _Front | None] = {}
        self._by_word: dict[str, list[tuple[State, bool]]] = {}
        self._gaps = [step for step in steps if step.state.word == GAP]
        for state, gap, _ in steps:
            if state.word not in ("", GAP):
                self._by_word.setdefault(state.word, []).append((state, gap))
        for gap_state, gap, room in self._gaps:
            for state in gap_state.after:
                self._by_word.setdefault(state.word, []).append((state, gap or room < MAX_GAP))
        whole = {step.state.concept for step in steps if not step.gap and step.state.word == ""}
        gapped = {step.state.concept for step in steps if step.gap and step.state.word == ""}
        self.ends = (tuple(sorted(whole | gapped)), bool(gapped) and not whole)

    def move(self, word: str) -> "_Front | None":
        """Return the front after `word`, None where no phrase goes on."""
        if word not in self.moves:
            if len(self.moves) > MAX_MOVES:  # only on text that no archive holds
                self.moves.clear()
            after = frozenset(self._after(word))
            self.moves[word] = _Front(after, self._filler) if after else None
        return self.moves[word]

    def _after(self, word: str) -> Iterator[_Step]:
        for form in forms(word):
            for state, gap in self._by_word.get(form, ()):
                yield from _enter(state, gap)
        if self._gaps and word in self._filler:
            for state, gap, room in self._gaps:
                if room:
                    yield _Step(state, gap, room - 1)


class Matcher:
    """All phrases side by side; a word of five letters or more also matches in the plural."""

    def __init__(self, starts: Sequence[State], filler: frozenset[str]) -> None:
        """`starts` are the first states of all phrases; `filler` may stand in a gap."""
        self._starts = by_word(starts)
        self._filler = filler
        self._first: dict[str, _Front | None] = {}

    def may_match(self, text: str) -> bool:
        """Tell cheaply whether a word of `text` (lower case) begins a phrase."""
        return any(
            self._first[word] if word in self._first else self._begin(word)
            for word in _WORD.findall(text)
        )

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
        word = words[start]
        front = self._first[word] if word in self._first else self._begin(word)
        found = None
        at = start + 1
        while front is not None:
            concepts, gap = front.ends
            if concepts:
                found = Match(start, at, at - 1, gap, concepts)
            if at == len(words):
                break
            moves = front.moves
            word = words[at]
            front = moves[word] if word in moves else front.move(word)
            at += 1
        return found

    def _begin(self, word: str) -> _Front | None:
        steps = frozenset(
            step
            for form in forms(word)
            for state in self._starts.get(form, ())
            for step in _enter(state, False)
        )
        front = _Front(steps, self._filler) if steps else None
        if front is not None or len(self._first) < MAX_MOVES:
            self._first[word] = front
        return front


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
