"""Abbreviations that a report defines itself: "congestive heart failure (CHF) ... CHF".

scispaCy has the algorithm (Schwartz and Hearst 2003) that finds the definitions.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from chestx.labeler.lean_import import SPACY_EXTRAS, without
from chestx.labeler.text.sentences import Span, tokenize

# Short forms with the words that they stand for, in lower case.
Abbreviations = tuple[tuple[str, tuple[str, ...]], ...]

_BRACKETS = re.compile(r"\([^()]{2,100}\)")
_BEFORE = 200


class AbbreviationFinder:
    """Finds the definitions in a report, keeping nothing of it.

    The steps of scispaCy's `AbbreviationDetector`, one pair of brackets at a time: its own search
    takes time with the square of their number, and these short forms are sought by `expand`.
    """

    def __init__(self) -> None:
        with without(*SPACY_EXTRAS):
            import spacy
        self._language = spacy.blank("en")

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
        """Yield the short and long form of a text that ends in brackets."""
        from scispacy.abbreviation import filter_matches, find_abbreviation
        from spacy.tokens import Doc

        words = [text[start:end] for start, end in tokenize(text)]
        if "(" not in words:  # it stands in a placeholder: "[**Name (un**] x)"
            return
        start, end = len(words) - words[::-1].index("("), len(words) - 1
        if start == end:  # spaces alone
            return
        inside = (0, start, end)
        with self._language.memory_zone():
            for candidates in filter_matches([inside], Doc(self._language.vocab, words=words)):
                short, long = find_abbreviation(*candidates)
                if long is not None and len(short) == 1:
                    lower = (token.text.lower() for token in long)
                    yield short.text, tuple(word for word in lower if word != "-")


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
