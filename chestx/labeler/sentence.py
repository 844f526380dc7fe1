"""From the text of a sentence to its findings, each decided and with its reason."""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import NamedTuple, TypeVar

from chestx.labeler.assertion.decide import Assertion, Decision
from chestx.labeler.concepts.lexicon import Lexicon
from chestx.labeler.concepts.mask import Masked, mask
from chestx.labeler.concepts.matcher import Match
from chestx.labeler.concepts.umls import UmlsLinker
from chestx.labeler.report import Certainty, Status
from chestx.labeler.text.abbreviations import Abbreviations, expand
from chestx.labeler.text.sentences import tokenize

K = TypeVar("K")
V = TypeVar("V")

# A sentence's text, and what its short forms stand for in its report.
_Passage = tuple[str, Abbreviations]
_WEAKER: dict[Certainty, int] = {"definite": 0, "likely": 1, "possible": 2, "unlikely": 3}


class Sentence(NamedTuple):
    """A sentence with mentions: token spans, lower-case words, and the mentions among them."""

    spans: tuple[tuple[int, int], ...]
    words: tuple[str, ...]
    matches: tuple[Match, ...]
    masked: Masked


class Finding(NamedTuple):
    """A decided mention: `start:end` in the sentence, `concept` a number of the lexicon."""

    start: int
    end: int
    concept: int
    status: Status
    certainty: Certainty
    rule: str
    evidence: str


class SentenceReader:
    """Reads sentences, remembering the last ones: archives repeat themselves."""

    def __init__(
        self,
        lexicon: Lexicon,
        assertion: Assertion,
        memory: int,
        linker: UmlsLinker | None = None,
    ) -> None:
        """`memory` is about how many sentences, and masked sentences, to remember."""
        self.lexicon = lexicon
        self.assertion = assertion
        self.linker = linker
        self._memory = memory
        self._findings: dict[_Passage, tuple[Finding, ...]] = {}
        self._decisions: dict[Masked, tuple[Decision, ...]] = {}

    def read(
        self, texts: Iterable[str], abbreviations: Iterable[Abbreviations] = repeat(())
    ) -> list[tuple[Finding, ...]]:
        """Return the findings of each sentence, in the order of the text."""
        passages = list(zip(texts, abbreviations, strict=False))
        known = self._findings
        new = [passage for passage in passages if passage not in known]
        if self._memory:
            new = list(dict.fromkeys(new))
        found = dict(zip(new, self._read_new(new), strict=True))
        answer = [known[p] if p in known else found[p] for p in passages]
        if self._memory:
            self._findings = _remember(known, found, self._memory)
        return answer

    def _read_new(self, passages: Sequence[_Passage]) -> list[tuple[Finding, ...]]:
        sentences = [self.analyse(*passage) for passage in passages]
        decided = iter(self._decide([s.masked for s in sentences if s is not None]))
        return [
            () if sentence is None else self._findings_of(text, sentence, next(decided))
            for (text, _), sentence in zip(passages, sentences, strict=True)
        ]

    def _decide(self, masked: list[Masked]) -> list[tuple[Decision, ...]]:
        if not self._memory:
            return self.assertion.decide(masked)
        known = self._decisions
        new = list(dict.fromkeys(m for m in masked if m not in known))
        found = dict(zip(new, self.assertion.decide(new), strict=True))
        answer = [known[m] if m in known else found[m] for m in masked]
        self._decisions = _remember(known, found, self._memory)
        return answer

    def analyse(self, text: str, abbreviations: Abbreviations = ()) -> Sentence | None:
        """Return the words and mentions of a sentence, None where it has no mention."""
        lower = text.lower()
        if len(lower) != len(text):  # a letter that changes its length, as the Turkish dotted I
            lower = "".join(c if len(c.lower()) > 1 else c.lower() for c in text)
        if self.linker is None and not self.lexicon.matcher.may_match(lower):
            return None
        spans = tokenize(text)
        words = [lower[start:end] for start, end in spans]
        kept = [position for position, word in enumerate(words) if word != "-"]
        if len(kept) < len(words):
            spans = [spans[position] for position in kept]
            words = [words[position] for position in kept]
        if abbreviations:
            spans, words = expand(text, spans, words, abbreviations)
        found = self.lexicon.matcher.find(words)
        if self.linker is not None:
            found = self.linker.link(words, found)
        concepts = self.lexicon.concepts
        matches = []
        for match in found:
            kinds = {concepts[number].kind for number in match.concepts}
            if "exclusion" not in kinds:
                matches.append(match)
        if not matches:
            return None
        masked = mask(words, matches, concepts, self.lexicon.modifiers)
        return Sentence(tuple(spans), tuple(words), tuple(matches), masked)

    def _findings_of(
        self, text: str, sentence: Sentence, decisions: Sequence[Decision]
    ) -> tuple[Finding, ...]:
        spans = [
            (sentence.spans[m.start][0], sentence.spans[m.end - 1][1]) for m in sentence.matches
        ]
        names = [text[start:end] for start, end in spans]
        found = []
        for match, (start, end), decision in zip(sentence.matches, spans, decisions, strict=True):
            if decision.status == "unasserted":
                continue
            evidence = decision.evidence.format(*names) if decision.evidence else ""
            for number in match.concepts:
                found.extend(self._as_finding(number, start, end, decision, evidence))
        return tuple(found)

    def _as_finding(
        self, number: int, start: int, end: int, decision: Decision, evidence: str
    ) -> list[Finding]:
        concept = self.lexicon.concepts[number]
        status: Status = decision.status  # type: ignore[assignment]
        if concept.kind == "observation":
            numbers = [self.lexicon.number(id_) for id_ in concept.denies]
            certainty = decision.certainty
        else:
            numbers, certainty = [number], _weaker(decision.certainty, concept.certainty)
        rule = decision.rule
        if status == "negated":
            certainty = decision.certainty
        elif certainty != decision.certainty:
            rule, evidence = f"lexicon.{concept.id}", ""
        if status == "present" and certainty != "definite":
            status = "uncertain"
        return [Finding(start, end, n, status, certainty, rule, evidence) for n in numbers]


def _weaker(a: Certainty, b: Certainty) -> Certainty:
    return a if _WEAKER[a] >= _WEAKER[b] else b


def _remember(known: dict[K, V], found: dict[K, V], size: int) -> dict[K, V]:
    if len(known) + len(found) > size:
        return found
    known.update(found)
    return known
