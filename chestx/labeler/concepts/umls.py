"""Concepts of UMLS beside those of the lexicon, by scispaCy's linker.

Wang et al. 2017 take the union of what DNorm and MetaMap find; here it is that of the lexicon and
the linker. Where both name the same words, the lexicon's concept stands; where a linked name is
longer, both stand. A linked concept whose CUI a finding of the lexicon carries is that finding;
any other disorder is a finding outside the label set. No recogniser of mentions comes first: every
run of up to five words may be a name, so the linker's bar is high.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from chestx.labeler.concepts.knowledge_base import KnowledgeBase
from chestx.labeler.concepts.lexicon import Concept, Kind, Lexicon
from chestx.labeler.concepts.matcher import Match, forms

# The paper takes the semantic types Disease or Syndrome and Finding. In UMLS as it is now, findings
# of its Table 5 and of the lexicon have the others of these as well (atelectasis is a Pathologic
# Function); all are of the semantic group Disorders.
DISORDERS = {
    "T019": "Congenital Abnormality",
    "T020": "Acquired Abnormality",
    "T033": "Finding",
    "T037": "Injury or Poisoning",
    "T046": "Pathologic Function",
    "T047": "Disease or Syndrome",
    "T184": "Sign or Symptom",
    "T190": "Anatomical Abnormality",
    "T191": "Neoplastic Process",
}
# "Clear lungs" and "normal heart" are Findings too: these never make a report abnormal.
_MAYBE_NORMAL = frozenset({"Finding", "Sign or Symptom"})

# The cosine similarity that scispaCy itself asks for (`no_definition_threshold`) where nothing but
# its name speaks for a concept: below it lie antonyms (hypertension, hypotension).
SIMILARITY = 0.95
# How many names scispaCy's linker compares with.
NEIGHBOURS = 30
LONGEST_NAME = 5
REMEMBERED = 500_000
_DIGITS = 3
_INSIDE = frozenset({"of", "the", "'s", "\u2019s"})


class _Link(NamedTuple):
    """A concept that a name is linked to; sorted, the better comes first."""

    unlikeness: float
    outside_lexicon: bool
    cui: str


class UmlsLinker:
    """Adds the concepts of a knowledge base to what the lexicon finds in a sentence."""

    def __init__(self, lexicon: Lexicon, base: KnowledgeBase) -> None:
        """Concepts of `base` that `lexicon` has not join it when first met."""
        self.lexicon = lexicon
        self._base = base
        self._numbers = {concept.cui: n for n, concept in enumerate(lexicon.concepts)}
        self._of_lexicon = frozenset(self._numbers)
        self._links: dict[str, _Link | None] = {}

    def link(self, words: Sequence[str], known: Sequence[Match]) -> list[Match]:
        """Return the matches `known` in `words` (lower case) and the linked ones, in order."""
        spans = self._spans(words, known)
        links = self._look_up([_spellings(words[start:end]) for start, end in spans])
        named = {span: link for span, link in zip(spans, links, strict=True) if link is not None}
        settled = {(match.start, match.end) for match in known}
        best = sorted(
            (link.unlikeness, start - end, start, end, link.cui)
            for (start, end), link in named.items()
            if (start, end) not in settled and not _has_idle_words(start, end, named)
        )
        linked: list[Match] = []
        for _, _, start, end, cui in best:
            number, inside = self._number(cui), self._findings(known, start, end)
            if number not in inside and _apart(linked, start, end):
                linked.append(Match(start, end, end - 1, False, (*inside, number)))
        kept = [match for match in known if _apart(linked, match.start, match.end)]
        return sorted([*kept, *linked])

    def _spans(self, words: Sequence[str], known: Sequence[Match]) -> list[tuple[int, int]]:
        """Return the runs of words that may be a name.

        They hold known matches whole ("malignant pleural effusion") and no word of an exclusion.
        """
        excluded = {at for m in known if self._is(m, "exclusion") for at in range(m.start, m.end)}
        spans = []
        for start in range(len(words)):
            for end in range(start + 1, min(start + LONGEST_NAME, len(words)) + 1):
                if end - 1 in excluded or self._bounds(words[end - 1]):
                    break
                if words[start] in _INSIDE or words[end - 1] in _INSIDE:
                    continue
                if all(_holds(start, end, match) or _apart([match], start, end) for match in known):
                    spans.append((start, end))
        return spans

    def _findings(self, known: Sequence[Match], start: int, end: int) -> list[int]:
        """Return the findings that words `start:end` hold; an observation in them is none."""
        inside = [m for m in known if _holds(start, end, m)]
        numbers = (n for m in inside if not self._is(m, "observation") for n in m.concepts)
        return list(dict.fromkeys(numbers))

    def _is(self, match: Match, kind: Kind) -> bool:
        return any(self.lexicon.concepts[number].kind == kind for number in match.concepts)

    def _bounds(self, word: str) -> bool:
        """Tell whether no name has this word: a mark, a number, a stop word, a cue of the rules."""
        return word not in _INSIDE and (
            not word[0].isalpha()
            or word in self.lexicon.modifiers.cues
            or word in self._base.stop_words
        )

    def _look_up(self, names: Sequence[Sequence[str]]) -> list[_Link | None]:
        """Return the best link of each name, given in all its spellings."""
        if len(self._links) > REMEMBERED:
            self._links.clear()
        new = sorted({text for texts in names for text in texts if text not in self._links})
        if new:
            candidates = self._base.generator(new, k=NEIGHBOURS)
            self._links.update(zip(new, map(self._best, candidates), strict=True))
        links = [[self._links[text] for text in texts] for texts in names]
        return [min((x for x in found if x is not None), default=None) for found in links]

    def _best(self, candidates: Iterable[Any]) -> _Link | None:
        """Return the most similar disorder; of equals one of the lexicon, then the lowest CUI."""
        links = (
            _Link(-similarity, candidate.concept_id not in self._of_lexicon, candidate.concept_id)
            for candidate in candidates
            if (similarity := round(max(candidate.similarities), _DIGITS)) >= SIMILARITY
        )
        return min((x for x in links if self._is_disorder(x)), default=None)

    def _is_disorder(self, link: _Link) -> bool:
        return not link.outside_lexicon or bool(self._semantic_type(link.cui))

    def _semantic_type(self, cui: str) -> str:
        types = self._base.generator.kb.cui_to_entity[cui].types
        return next((DISORDERS[type_] for type_ in types if type_ in DISORDERS), "")

    def _number(self, cui: str) -> int:
        """Return the number of a concept, which joins the lexicon if it is new."""
        if cui not in self._numbers:
            semantic_type = self._semantic_type(cui)
            self._numbers[cui] = self.lexicon.add(
                Concept(
                    id=f"umls.{cui}",
                    kind="finding",
                    name=self._base.generator.kb.cui_to_entity[cui].canonical_name,
                    cui=cui,
                    semantic_type=semantic_type,
                    disease=semantic_type not in _MAYBE_NORMAL,
                )
            )
        return self._numbers[cui]


def _holds(start: int, end: int, match: Match) -> bool:
    return start <= match.start and match.end <= end


def _apart(matches: Iterable[Match], start: int, end: int) -> bool:
    return all(end <= match.start or match.end <= start for match in matches)


def _has_idle_words(start: int, end: int, named: Mapping[tuple[int, int], _Link]) -> bool:
    """Tell whether fewer of the words name the same concept as well: "left" adds nothing to it."""
    link = named[start, end]
    return any(
        start <= first and last <= end and (first, last) != (start, end)
        and other.cui == link.cui and other.unlikeness <= link.unlikeness
        for (first, last), other in named.items()
    )  # fmt: skip


def _spellings(words: Sequence[str]) -> list[str]:
    """Return how the knowledge base may spell a name: as it stands, and in the singular."""
    before = "".join(word if word[0] in "'\u2019" else f" {word}" for word in words[:-1])
    return [f"{before} {form}".lstrip() for form in forms(words[-1])]
