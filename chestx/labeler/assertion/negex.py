"""NegEx (Chapman et al. 2001) as negspaCy implements it: the ablation beside the rules."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from chestx.labeler.assertion.decide import PRESENT, UNSAID, Decision
from chestx.labeler.concepts.mask import Masked
from chestx.labeler.lean_import import import_spacy

NEGATED = Decision("negated", "definite", "negex", "")


class NegExAssertion:
    """negspaCy with its clinical terms on the same mentions; it knows no uncertainty."""

    def decide(self, sentences: Sequence[Masked]) -> list[tuple[Decision, ...]]:
        """Return `NEGATED` or `PRESENT` for findings, nothing for observations."""
        negex = self._negex
        from spacy.tokens import Doc, Span

        decided = []
        for sentence in sentences:
            starts: list[bool | int | None] = [n == 0 for n in range(len(sentence.words))]
            doc = Doc(negex.nlp.vocab, words=list(sentence.words), sent_starts=starts)
            doc.ents = [Span(doc, head, head + 1, label="FINDING") for head in sentence.heads]
            negated = [ent._.negex for ent in negex(doc).ents]
            decided.append(
                tuple(
                    UNSAID if is_observation else NEGATED if is_negated else PRESENT
                    for is_observation, is_negated in zip(
                        sentence.observations, negated, strict=True
                    )
                )
            )
        return decided

    @cached_property
    def _negex(self) -> Any:
        import_spacy()
        import spacy
        from negspacy.negation import Negex, default_ts

        return Negex(spacy.blank("en"), "negex", default_ts)
