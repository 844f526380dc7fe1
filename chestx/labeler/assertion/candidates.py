"""Which rules the words of a sentence allow at a mention, told by bits before any matching."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from chestx.labeler.assertion.rules import Rule
from chestx.labeler.graph.semgrex import Pattern
from chestx.labeler.graph.semgrex_value import Atom, Where


class Candidate(NamedTuple):
    """A rule with those of its patterns that may match; `ordered` where none uses a relation."""

    rule: Rule
    patterns: tuple[Pattern, ...]
    ordered: bool


class Candidates:
    """The rules, indexed by what their patterns need of the words around a mention."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """`rules` in the order in which they are tried."""
        self._rules = rules
        self._bits: dict[Atom, int] = {}
        self._masks = {
            pattern: [sum(map(self._bit, atoms)) for atoms in pattern.needs]
            for rule in rules
            for pattern in rule.patterns
        }
        self._sides: dict[Where, list[tuple[Atom, int]]] = {"any": [], "before": [], "after": []}
        for atom, bit in self._bits.items():
            self._sides[atom.where].append((atom, bit))
        # Sentences are of a few kinds: the same bits come again and again.
        self._allowed = lru_cache(maxsize=16384)(self._allowed)  # type: ignore[method-assign]
        self._word_bits = lru_cache(maxsize=65536)(self._word_bits)  # type: ignore[method-assign]

    def among(self, words: Sequence[str], head: int) -> list[Candidate]:
        """Return what may match the mention at `head`, in the rules' order."""
        bits = 0
        for word in words[:head]:
            bits |= self._word_bits(word)[0]
        for word in words[head + 1 :]:
            bits |= self._word_bits(word)[1]
        return self._allowed(bits | self._word_bits(words[head])[2])

    def _bit(self, atom: Atom) -> int:
        return self._bits.setdefault(atom, 1 << len(self._bits))

    def _word_bits(self, word: str) -> tuple[int, int, int]:
        """Return the bits of a word before the mention, after it, and of the mention itself."""
        before, after, anywhere = (
            sum(bit for atom, bit in self._sides[where] if atom.test(word))
            for where in ("before", "after", "any")
        )
        return before | anywhere, after | anywhere, anywhere

    def _allowed(self, bits: int) -> list[Candidate]:
        found = []
        for rule in self._rules:
            patterns = tuple(
                pattern
                for pattern in rule.patterns
                if any(mask & bits == mask for mask in self._masks[pattern])
            )
            if patterns:
                found.append(Candidate(rule, patterns, all(p.ordered for p in patterns)))
        return found
