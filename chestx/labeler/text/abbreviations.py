"""Abbreviations that a report defines itself: "congestive heart failure (CHF) ... CHF".

scispaCy's detector (the algorithm of Schwartz and Hearst 2003) finds the definitions.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from chestx.labeler.lean_import import SPACY_EXTRAS, without
from chestx.labeler.text.sentences import Span, tokenize

# Short forms with the words that they stand for, in lower case.
Abbreviations = tuple[tuple[str, tuple[str, ...]], ...]

# One pair of brackets at a time: the detector's time grows with the square of their number.
_BRACKETS = re.compile(r"\([^()]{2,100}\)")
_BEFORE = 200


class AbbreviationFinder:
    """Finds the definitions in a report, keeping nothing of it."""

    def __init__(self) -> None:
        with without(*SPACY_EXTRAS):
            import spacy
            from scispacy.abbreviation import AbbreviationDetector
        self._language = spacy.blank("en")
        self._detector = AbbreviationDetector(self._language)

    def find(self, text: str) -> dict[str, tuple[str, ...]]:
        """Return the short forms of one word with their long forms; a first definition counts."""
        found: dict[str, tuple[str, ...]] = {}
        for brackets in _BRACKETS.finditer(text):
            for short, long in self._definitions(_with_words_before(text, *brackets.span())):
                # "effusion (small)" defines nothing, whatever letters they share.
                if short != short.lower():
                    found.setdefault(short, long)
        return found

    def _definitions(self, text: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        from spacy.tokens import Doc

        with self._language.memory_zone():
            words = [text[start:end] for start, end in tokenize(text)]
            document = self._detector(Doc(self._language.vocab, words=words))
            for short in document._.abbreviations:
                if len(short) == 1:
                    long = (token.text.lower() for token in short._.long_form)
                    yield short.text, tuple(word for word in long if word != "-")


def used_in(sentence: str, definitions: Mapping[str, tuple[str, ...]]) -> Abbreviations:
    """Return the definitions that a sentence may need."""
    return tuple(sorted(item for item in definitions.items() if item[0] in sentence))


def expand(
    text: str, spans: Sequence[Span], words: Sequence[str], abbreviations: Abbreviations
) -> tuple[list[Span], list[str]]:
    """Put long forms in the place of short ones; their words all span the short form.

    A short form alone in brackets stays: it repeats what stands before it.
    """
    long_forms = dict(abbreviations)
    new_spans: list[Span] = []
    new_words: list[str] = []
    for at, (span, word) in enumerate(zip(spans, words, strict=True)):
        bracketed = list(words[max(0, at - 1) : at + 2 : 2]) == ["(", ")"]
        long = () if bracketed else long_forms.get(text[span[0] : span[1]], ())
        new_words.extend(long or (word,))
        new_spans.extend([span] * max(1, len(long)))
    return new_spans, new_words


def _with_words_before(text: str, start: int, end: int) -> str:
    """Return the brackets at `start:end` with the words before them."""
    first = max(0, start - _BEFORE)
    if first:
        first = text.find(" ", first, start) + 1 or start
    return text[first:end]
