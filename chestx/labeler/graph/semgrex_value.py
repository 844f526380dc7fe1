"""Values of a pattern: what a word, a lemma, a tag or a relation may be.

A value is plain (`exclude`) or a regular expression (`/exclud.*/`), which must match as a whole.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache

from chestx.labeler.graph.dependencies import Node
from chestx.labeler.graph.lemma import lemmas

Test = Callable[[str], bool]
NodeTest = Callable[[Node], bool]
Need = Callable[[frozenset[str]], bool]

ATTRIBUTES = ("word", "lemma", "tag", "mention")
PLAIN = r"\w+(?:['-]\w+)*"
# Decisions kept per regular expression; a report's words are mostly among the commonest thousands.
REMEMBERED = 4096

_LITERALS = re.compile(rf"{PLAIN}|/{PLAIN}(?:\|{PLAIN})*/")
_ESCAPES_AND_CLASSES = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)


def always(_: object) -> bool:
    """Return True: the test that everything passes."""
    return True


@cache  # equal values of several patterns share their decisions
def text_test(value: str) -> Test:
    """Return whether a text has the value, without running a regular expression twice on it."""
    literals = _literals(value)
    if literals is not None:
        return literals.__contains__
    fullmatch = re.compile(value[1:-1]).fullmatch
    return lru_cache(REMEMBERED)(lambda text: fullmatch(text) is not None)


@cache
def _lemma_test(value: str) -> Test:
    accepts = text_test(value)
    return lru_cache(REMEMBERED)(lambda word: any(map(accepts, lemmas(word))))


def node_test(attribute: str, value: str) -> NodeTest:
    """Return whether the attribute of a node has the value."""
    if attribute == "mention":
        return lambda node: (node.mention >= 0) == (value == "true")
    if attribute == "tag":
        test = text_test(value)
        return lambda node: test(node.tag)
    test = _lemma_test(value) if attribute == "lemma" else text_test(value)
    return lambda node: test(node.word)


def need(attribute: str, value: str) -> Need:
    """Return whether any of the words has the value; True where words alone do not tell."""
    if attribute not in ("word", "lemma"):
        return always
    literals = _literals(value)
    if literals is None:
        test = _lemma_test(value) if attribute == "lemma" else text_test(value)
        return lambda words: any(map(test, words))
    if attribute == "lemma":
        return lambda words: not literals.isdisjoint(_all_lemmas(words))
    return lambda words: not literals.isdisjoint(words)


def fault(regex: str) -> str:
    """Return why a regular expression is refused, "" where it is not."""
    try:
        re.compile(regex)
    except re.error as error:
        return error.msg
    except (OverflowError, RecursionError):
        return "too large"
    bare = _ESCAPES_AND_CLASSES.sub("x", regex)
    if re.search(r"\(\?(?![:=!])", bare):
        return "of the groups that begin with (? only (?: and (?= and (?! are allowed"
    if re.search(r"\)[*+{]", bare):  # (a+)+ and (a|a)* may take for ever
        return "repeat a character or a class, not a group"
    return ""


def _literals(value: str) -> frozenset[str] | None:
    """Return the strings that a value stands for, None where it is a true regular expression."""
    return frozenset(value.strip("/").split("|")) if _LITERALS.fullmatch(value) else None


@lru_cache(maxsize=16)  # all patterns ask for one sentence, then for the next
def _all_lemmas(words: frozenset[str]) -> frozenset[str]:
    return frozenset().union(*map(lemmas, words))
