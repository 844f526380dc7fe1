"""Values of a pattern: what a word, a lemma, a tag or a relation may be.

A value is plain (`exclude`) or a regular expression (`/exclud.*/`), which must match as a whole.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from chestx.labeler.graph.dependencies import Node
from chestx.labeler.graph.lemma import lemmas
from chestx.labeler.graph.relations import HEAD_FIRST, HEAD_LAST, PLAIN_RELATIONS, relations_with

Test = Callable[[str], bool]
NodeTest = Callable[[Node], bool]
Where = Literal["any", "before", "after"]


class Atom(NamedTuple):
    """Some word must have `value`: anywhere in the sentence, before a node or after it.

    `what` is "word", "lemma" or, for a word that gives a relation of the value, "relation".
    """

    where: Where
    what: str
    value: str

    @property
    def test(self) -> Test:
        """Whether a word is one that the atom asks for."""
        return _WORD_TESTS[self.what](self.value)


# Of one of the sets, all must hold.
Needs = frozenset[frozenset[Atom]]
NOTHING: Needs = frozenset({frozenset()})

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
    literals = plain_values(value)
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


def need(attribute: str, value: str) -> Needs:
    """Return what the words of a sentence must hold for a node with the value to be in it."""
    if attribute not in ("word", "lemma"):
        return NOTHING
    return frozenset({frozenset({Atom("any", attribute, value)})})


def relation_need(value: str, where: Where) -> Needs:
    """Return what the words must hold for a relation of the value; `where` its word stands."""
    fits = text_test(value)
    if any(map(fits, PLAIN_RELATIONS)):
        return NOTHING
    return frozenset({frozenset({Atom(where, "relation", value)})})


@cache
def _gives_relation(value: str) -> Test:
    fits = text_test(value)
    return lru_cache(REMEMBERED)(lambda word: any(map(fits, relations_with(word))))


def both_needs(one: Needs, other: Needs) -> Needs:
    """Return the needs of two things at once."""
    return frozenset(a | b for a in one for b in other)


def seen_from(side: Where, needs: Needs) -> Needs:
    """Return the needs of a node on one side, as seen from the other end of its relation."""
    return frozenset(
        frozenset(atom._replace(where=side if atom.where == side else "any") for atom in atoms)
        for atoms in needs
    )


_WORDED = ("neg", "md", "conj_or", "conj_and", "prep_of", "prep_in", "prep_with", "prep_within")


def side_of_relation(operator: str, value: str) -> Where:
    """Tell on which side of a node the other end of a relation lies, for all that can have it.

    English puts objects behind their verbs and prepositions, and modifiers, negators and modal
    verbs before what they belong to.
    """
    if operator not in ("<", ">") or not value:
        return "any"
    if operator == ">" and value in ("neg", "md"):
        return "before"
    fits = text_test(value)
    plain = {relation for relation in PLAIN_RELATIONS if fits(relation)}
    if operator == "<" and plain <= HEAD_FIRST and not fits("neg") and not fits("md"):
        return "before"
    if operator == ">" and plain and plain <= HEAD_LAST and not any(map(fits, _WORDED)):
        return "before"
    return "any"


def is_conjunction(value: str) -> bool:
    """Tell whether a relation's value is that of a list ("conj_or") and no other."""
    fits = text_test(value) if value else always
    others = (*PLAIN_RELATIONS, "neg", "md", "prep_of", "prep_without", "prep_with")
    return fits("conj_or") and not any(map(fits, others))


def placed(needs: Needs, where: Where) -> Needs:
    """Return `needs` with all words asked for in one place."""
    return frozenset(frozenset(atom._replace(where=where) for atom in atoms) for atoms in needs)


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


_WORD_TESTS: dict[str, Callable[[str], Test]] = {
    "word": text_test,
    "lemma": _lemma_test,
    "relation": _gives_relation,
}


def plain_values(value: str) -> frozenset[str] | None:
    """Return the strings that a value stands for, None where it is a true regular expression."""
    return frozenset(value.strip("/").split("|")) if _LITERALS.fullmatch(value) else None
