"""Finds the phrases of a lexicon in the words of a sentence, the longest first."""

import re
from collections.abc import Sequence
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


class _Gap(NamedTuple):
    """A gap that a phrase is in: up to `room` more words of filler may follow."""

    state: State
    gap: bool
    room: int


class _Front:
    """Where all phrases under way stand at once, and where each word leads them.

    Built when first reached (a lazy subset construction), so that matching costs one look-up a
    word however many phrases there are.
    """

    __slots__ = ("_filler", "_gaps", "_read", "_steps", "ends", "moves")

    def __init__(
        self, read: frozenset[tuple[State, bool]], gaps: frozenset[_Gap], filler: frozenset[str]
    ) -> None:
        """`read` are the states whose words were read, with whether there was filler before."""
        self._filler = filler
        self._read = read
        opened = {_Gap(s, gap, MAX_GAP) for state, gap in read for s in state.steps.get(GAP, ())}
        self._gaps = gaps | opened
        self.moves: dict[str, _Front | None] = {}
        self._steps: dict[str, list[tuple[State, bool]]] = {}
        ended = [(end.concept, gap) for state, gap in read for end in state.steps.get("", ())]
        concepts = tuple(sorted({concept for concept, _ in ended}))
        self.ends = (concepts, all(gap for _, gap in ended))

    def move(self, word: str) -> "_Front | None":
        """Return the front after `word`, None where no phrase goes on."""
        if word not in self.moves:
            if len(self.moves) > MAX_MOVES:  # only on text that no archive holds
                self.moves.clear()
            self.moves[word] = self._after(word)
        return self.moves[word]

    def _collect(self) -> None:
        """Gather what any state under way reads next; most fronts end before this is asked."""
        for state, gap in self._read:
            for word, steps in state.steps.items():
                self._steps.setdefault(word, []).extend((step, gap) for step in steps)
        for state, gap, room in self._gaps:
            filled = gap or room < MAX_GAP
            for word, steps in state.steps.items():
                self._steps.setdefault(word, []).extend((step, filled) for step in steps)
        self._steps.setdefault("", [])

    def _after(self, word: str) -> "_Front | None":
        if not self._steps:
            self._collect()
        read = {step for form in forms(word) for step in self._steps.get(form, ())}
        gaps: set[_Gap] = set()
        if word in self._filler:
            gaps = {_Gap(state, gap, room - 1) for state, gap, room in self._gaps if room}
        return _Front(frozenset(read), frozenset(gaps), self._filler) if read or gaps else None


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
        first = self._first
        candidates = [
            match
            for at, word in enumerate(words)
            if (first[word] if word in first else self._begin(word)) is not None
            and (match := self._longest(words, at)) is not None
        ]
        if len(candidates) < 2:
            return candidates
        taken: list[Match] = []
        for match in sorted(candidates, key=lambda m: (m.start - m.end, m.start)):
            if all(match.end <= other.start or other.end <= match.start for other in taken):
                taken.append(match)
        return sorted(taken)

    def _longest(self, words: Sequence[str], start: int) -> Match | None:
        front = self._first.get(words[start])
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
        read = frozenset(
            (state, False) for form in forms(word) for state in self._starts.get(form, ())
        )
        front = _Front(read, frozenset(), self._filler) if read else None
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
