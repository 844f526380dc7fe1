"""NegEx (Chapman et al. 2001) as negspaCy implements it: the ablation beside the rules."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from chestx.labeler.assertion import PRESENT, UNSAID, Decision
from chestx.labeler.lean_import import without
from chestx.labeler.mask import Masked
from chestx.labeler.parser import OPTIONAL

NEGATED = Decision("negated", "definite", "negex", "")


class NegExAssertion:
    """negspaCy with its clinical terms on the same mentions; it knows no uncertainty."""

    def decide(self, sentences: Sequence[Masked]) -> list[tuple[Decision, ...]]:
        """Return `NEGATED` or `PRESENT` for findings, nothing for observations."""
        from spacy.tokens import Doc, Span

        negex = self._negex
        decided = []
        for sentence in sentences:
            starts = [position == 0 for position in range(len(sentence.words))]
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
        with without(*OPTIONAL):
            import spacy
            from negspacy.negation import Negex, default_ts
        return Negex(spacy.blank("en"), "negex", default_ts)
