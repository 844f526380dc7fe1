"""Which rules the words of a sentence allow at a mention, told by bits before any matching."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from chestx.labeler.assertion.rules import Rule
from chestx.labeler.graph.lemma import lemmas
from chestx.labeler.graph.semgrex import Pattern
from chestx.labeler.graph.semgrex_value import Atom, plain_values


class Candidate(NamedTuple):
    """A rule with those of its patterns that may match.

    `safe` ones may be matched before parsing; of `hidden` ones only the parser can tell that they
    do not match.
    """

    rule: Rule
    patterns: tuple[Pattern, ...]
    safe: tuple[Pattern, ...]
    hidden: tuple[Pattern, ...]


class Candidates:
    """The rules, indexed by what their patterns need of the words around a mention."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """`rules` in the order in which they are tried."""
        self._rules = rules
        self._words = _WordBits(
            {atom for rule in rules for p in rule.patterns for atoms in p.needs for atom in atoms}
        )
        # A pattern is looked at only where the rarest of the bits that it needs is set.
        needs = [
            (self._words.mask(atoms), (number, place))
            for number, rule in enumerate(rules)
            for place, pattern in enumerate(rule.patterns)
            for atoms in pattern.needs
        ]
        frequency = Counter(bit for mask, _ in needs for bit in _bits(mask))
        self._by_bit: dict[int, list[tuple[int, tuple[int, int]]]] = defaultdict(list)
        for mask, place in needs:
            self._by_bit[min(_bits(mask), key=frequency.__getitem__, default=0)].append(
                (mask, place)
            )
        # Sentences are of a few kinds: the same bits come again and again.
        self._allowed = lru_cache(maxsize=16384)(self._allowed)  # type: ignore[method-assign]
        self._candidate = lru_cache(maxsize=16384)(self._candidate)  # type: ignore[method-assign]

    def among(self, words: Sequence[str], head: int) -> list[Candidate]:
        """Return what may match the mention at `head`, in the rules' order."""
        of, bits = self._words, 0
        for word in words[:head]:
            bits |= of[word][0]
        for word in words[head + 1 :]:
            bits |= of[word][1]
        return self._allowed(bits | of[words[head]][2])

    def _allowed(self, bits: int) -> list[Candidate]:
        places = {
            place
            for bit in (0, *_bits(bits))
            for mask, place in self._by_bit.get(bit, ())
            if mask & bits == mask
        }
        by_rule: dict[int, list[int]] = {}
        for number, place in sorted(places):
            by_rule.setdefault(number, []).append(place)
        return [self._candidate(number, tuple(places)) for number, places in by_rule.items()]

    def _candidate(self, number: int, places: tuple[int, ...]) -> Candidate:
        rule = self._rules[number]
        patterns = tuple(rule.patterns[place] for place in places)
        safe = tuple(pattern for pattern in patterns if pattern.safe)
        hidden = tuple(pattern for pattern in patterns if not pattern.ordered)
        return Candidate(rule, patterns, safe, hidden)


class _WordBits(dict[str, tuple[int, int, int]]):
    """The bits of a word that stands before the mention, after it, and of the mention itself."""

    def __init__(self, atoms: set[Atom]) -> None:
        super().__init__()
        self._of = {atom: 1 << n for n, atom in enumerate(sorted(atoms))}
        self._plain: dict[tuple[str, str], list[Atom]] = defaultdict(list)
        self._tested: list[Atom] = []
        for atom in self._of:
            values = None if atom.what == "relation" else plain_values(atom.value)
            if values is None:
                self._tested.append(atom)
            for value in values or ():
                self._plain[atom.what, value].append(atom)

    def mask(self, atoms: frozenset[Atom]) -> int:
        return sum(self._of[atom] for atom in atoms)

    def __missing__(self, word: str) -> tuple[int, int, int]:
        found = {atom for atom in self._tested if atom.test(word)}
        found.update(self._plain.get(("word", word), ()))
        for lemma in lemmas(word):
            found.update(self._plain.get(("lemma", lemma), ()))
        before, after, anywhere = (
            sum(self._of[atom] for atom in found if atom.where == where)
            for where in ("before", "after", "any")
        )
        bits = (before | anywhere, after | anywhere, anywhere)
        if len(self) < MAX_WORDS:
            self[word] = bits
        return bits


MAX_WORDS = 100_000


def _bits(mask: int) -> list[int]:
    found = []
    while mask:
        found.append(mask & -mask)
        mask &= mask - 1
    return found
