"""Sentences and tokens of telegraphic reports.

Most full stops are plain; NLTK's Punkt (Kiss and Strunk 2006), with parameters for radiology
instead of trained ones, decides the rest. List items and lines that were ended on purpose
are sentences too.
"""

import re
import tomllib
from collections import Counter
from importlib.resources import files
from itertools import pairwise
from math import inf
from typing import Any

from chestx.labeler.lean_import import without_init

with without_init("nltk", "nltk.tokenize"):
    from nltk.tokenize.punkt import PunktParameters, PunktSentenceTokenizer
    from nltk.tokenize.regexp import RegexpTokenizer

Span = tuple[int, int]

# Text without a sentence end is cut at a space before this: no report has such a sentence, and
# a parser must not be handed megabytes.
LONGEST_SENTENCE = 4000
# In capitals only a line's length tells whether it was wrapped: shorter ones were not.
NARROWEST_WRAP = 50
_LONGEST_WORD = 40

_TABLES: dict[str, Any] = tomllib.loads(
    (files("chestx.rules") / "sentences.toml").read_text("utf-8")
)
_UNFINISHED = frozenset(_TABLES["unfinished"])
# Words that may be followed by a full stop inside a sentence.
_DOUBTFUL = frozenset(_TABLES["abbreviations"]) | {first for first, _ in _TABLES["collocations"]}
_UNITS = frozenset(_TABLES["units"])


def _punkt() -> PunktSentenceTokenizer:
    parameters = PunktParameters()
    parameters.abbrev_types = set(_TABLES["abbreviations"])
    parameters.sent_starters = set(_TABLES["starters"])
    parameters.collocations = {(first, second) for first, second in _TABLES["collocations"]}
    # Punkt's own defaultdict would keep every word that it is asked about.
    parameters.ortho_context = Counter()
    return PunktSentenceTokenizer(parameters)


_PUNKT = _punkt()

# The second lookbehind makes a match start at the first of several stops, for linear time.
_STOP = re.compile(
    r"""[.!?;] (?<! [.!?]. ) [.!?]*+ (?P<closing> ["'\u2019\u201d)\]]*+ )
        (?: (?P<space> \s++ ) | (?<= \w\w\. ) (?= [^\W\d_]{2} ) )""",
    re.VERBOSE | re.DOTALL,
)
_BULLETS = r"[-*+>=\#\u2022\u00b7\u2023\u2043\u2219\u25aa\u25cf\u25e6\u2013\u2014]"
_MARK = re.compile(
    rf"""\s*+ (?: {_BULLETS}++ \s*+ | \(?\d{{1,2}}[.)](?!\d) \s*+ | \(?[A-Za-z]\) \s*+ ){{1,3}}+""",
    re.VERBOSE,
)
_ITEM_LINE = re.compile(
    rf"(?: {_BULLETS}++ \s | \(?\d{{1,2}}[.)](?!\d) | \(?[A-Za-z]\)\s )", re.VERBOSE
)
_SUBHEADING = re.compile(r"[A-Z][\w/&,() -]{1,40}:(?!\d)")
_ITEM_WITHIN = re.compile(r"(?<=\s)\(?\d{1,2}\)\s++(?=[^\W\d_a-z])")
_LINE = re.compile(r"\S(?:[^\n]*\S)?")
_WORDY = re.compile(r"\w")
_FIRST_WORD = re.compile(r"\S++")

_TOKENS = RegexpTokenizer(
    r"""(?x)
    # Most tokens, quickly: a word that no mark joins to the next one, a mark of no meaning.
    [^\W\d_]++(?![\w'\u2019.\u0300-\u036f/])(?<!(?i:cannot))
  | [^\w\s\x1c-\x1f'\u2019\[]
  | \[\*\*[^\]\n]{0,80}\*\*\]                                # [**de-identified**]
  | (?i:and/or|w/o)(?!\w)
  | [^\W\d_](?:\.[^\W\d_])+(?!\w)\.?                        # a.m., q.d.
  | (?i:can(?=not(?!\w)))
  | (?i:n['\u2019]t)(?!\w)
  | (?i:[a-z]+?(?=n['\u2019]t(?!\w)))                         # does|n't
  | ['\u2019](?i:s|re|ve|ll|d|m)(?!\w)
  | \d+(?:[.,]\d+)*(?i:(?:st|nd|rd|th)(?!\w))?
  | [^\W\d_](?:[^\W_]|[\u0300-\u036f])*
  | _+
  | [^\s\x1c-\x1f]
    """
)

# NLTK runs its pattern under a watchdog, which takes three quarters of the time; the pattern is
# possessive and the sentences are short, so it needs none.
_SPANS = re.compile(_TOKENS._pattern)


def split_sentences(text: str, start: int, end: int) -> list[Span]:
    """Return the sentences of `text[start:end]` without list marks and surrounding space."""
    sentences: list[Span] = []
    for first, last in _blocks(text, start, end):
        for item in _items_within(text, first, last):
            _split_block(text, first, item, sentences)
            first = item
        _split_block(text, first, last, sentences)
    return sentences


def _items_within(text: str, start: int, end: int) -> list[int]:
    """Return where list items begin inside a line: "1) Effusion 2) Atelectasis"."""
    if text.find(") ", start, end) < 0:  # as in most texts
        return []
    items = [item.start() for item in _ITEM_WITHIN.finditer(text, start, end)]
    return [item for item in items if not _in_brackets(text, max(start, item - 100), item)]


def _in_brackets(text: str, start: int, end: int) -> bool:
    """Tell whether a bracket opened shortly before `end` is still open: "(see image 2) The"."""
    return text.rfind("(", start, end) > text.rfind(")", start, end)


def _split_block(text: str, start: int, end: int, sentences: list[Span]) -> None:
    """Cut a stretch of running text at its full stops."""
    begin = _skip_mark(text, start, end)
    for stop in _STOP.finditer(text, start, end):
        after = stop.end()
        if after == end:
            break
        if stop.start() >= begin and _ends_sentence(text, stop, begin):
            _add(text, begin, after, sentences)
            begin = _skip_mark(text, after, end)
    _add(text, begin, end, sentences)


def _skip_mark(text: str, start: int, end: int) -> int:
    """Return where the words begin after a list number or bullet."""
    if start < end and text[start].isalpha() and text[start + 1 : start + 2] != ")":
        return start
    mark = _MARK.match(text, start, end)
    return mark.end() if mark else start


def _add(text: str, start: int, end: int, sentences: list[Span]) -> None:
    """Append the sentence, if there are words in it."""
    content = text[start:end]
    end = start + len(content.rstrip())
    start += len(content) - len(content.lstrip())
    while end - start > LONGEST_SENTENCE:
        cut = text.rfind(" ", start + 1, start + LONGEST_SENTENCE)
        cut = cut if cut > 0 else start + LONGEST_SENTENCE
        if _WORDY.search(text, start, cut):
            sentences.append((start, cut))
        start = cut
    if _WORDY.search(text, start, end):
        sentences.append((start, end))


def _ends_sentence(text: str, stop: re.Match[str], begin: int) -> bool:
    """Decide about a stop that more text follows."""
    at, after = stop.span()
    next_lower = text[after].islower()
    if text[at] == ";":  # a clause of its own
        return bool(stop["space"])
    if text[at] != ".":
        # "? infiltrate" and "(?)" ask about what follows.
        return not next_lower and text[at - 1] not in " \t\r\n("
    if stop["closing"]:
        return not next_lower
    begin = max(begin, at - _LONGEST_WORD)
    word = text[max(begin, text.rfind(" ", begin, at) + 1) : at].lower()
    if word in _UNITS or text[at + 1] == ".":
        return not next_lower
    if word.isalnum() and len(word) > 1 and not word.isdigit() and word not in _DOUBTFUL:
        return True
    if not stop["space"] or not _WORDY.search(word):
        return bool(stop["space"])
    following = text[after : after + _LONGEST_WORD].split(None, 1)[0]
    return bool(_PUNKT.text_contains_sentbreak(f"{word}{stop[0].rstrip()} {following}"))


def _blocks(text: str, start: int, end: int) -> list[Span]:
    """Return stretches of running text: paragraphs, list items, lines that were not wrapped."""
    if text.find("\n", start, end) < 0:
        return [(start, end)]
    lines = [line.span() for line in _LINE.finditer(text, start, end)]
    if not lines:
        return []
    wrap = _wrap_width(text, lines)
    blocks = []
    begin = lines[0][0]
    for previous, line in pairwise(lines):
        blank = text.count("\n", previous[1], line[0]) > 1
        if blank or _starts_block(text, previous, line, wrap):
            blocks.append((begin, previous[1]))
            begin = line[0]
    return [*blocks, (begin, lines[-1][1])]


def _wrap_width(text: str, lines: list[Span]) -> float:
    """Return the line length at which the text was wrapped; infinity where it was not."""
    if any(text[first].islower() for first, _ in lines[1:]):
        return max(last - first for first, last in lines)
    if text[lines[0][0] : lines[-1][1]].isupper():
        return max(NARROWEST_WRAP, *(last - first for first, last in lines))
    return inf


def _starts_block(text: str, previous: Span, line: Span, wrap: float) -> bool:
    """Tell whether the line above was ended on purpose.

    It was if the first word of this line had fitted into it.
    """
    first, last = line
    if _ITEM_LINE.match(text, first, last) or _SUBHEADING.match(text, first, last):
        return True
    if text[first].islower() or text[previous[1] - 1] in ",-/(":
        return False
    final = text[max(previous[0], text.rfind(" ", *previous) + 1) : previous[1]]
    if final.lower() in _UNFINISHED:
        return False
    word = _FIRST_WORD.match(text, first, last)
    return word is not None and previous[1] - previous[0] + 1 + len(word[0]) <= wrap


def tokenize(sentence: str) -> list[Span]:
    """Return the tokens: words, numbers, single punctuation marks.

    Hyphens and slashes stand alone ("ill", "-", "defined"), and contractions are cut as in the
    Penn Treebank ("does", "n't").
    """
    return [token.span() for token in _SPANS.finditer(sentence)]
