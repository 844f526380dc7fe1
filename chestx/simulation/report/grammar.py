"""The small notation of the phrases: what is written once and read in many ways.

| notation | becomes |
|---|---|
| `[small|tiny|]` | one of these, here perhaps nothing; choices may stand in choices |
| `<is|are>`, `effusion<|s>` | the first for one thing, the second for several |
| `{side}` | one of the phrases of that name, which are written in the same way |
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from chestx.errors import ChestxError

Item = TypeVar("Item")
Draw = Callable[[], float]
"""A source of chance: numbers in 0..1, without 1."""


class Slot(NamedTuple):
    """The place of another phrase."""

    name: str


class Choice(NamedTuple):
    """The place of any of these."""

    options: tuple["Template", ...]


class Agreement(NamedTuple):
    """The place of one or the other form."""

    one: "Template"
    several: "Template"


Template = tuple[str | Slot | Choice | Agreement, ...]
Slots = Mapping[str, tuple[Template, ...]]

_TOKEN = re.compile(r"\{(\w+)\}|([\[\]<>|])|([^{}\[\]<>|]+)")
_CLOSING = {"[": "]", "<": ">"}
_ARTICLE = re.compile(r"\b([Aa]) (?=[aeiou]|8|11 |18 )")
_TWICE = re.compile(r"\b(\w+) \1\b")
_BEFORE_COMMA = re.compile(r" +(?=[,.;?])")


def pick(items: Sequence[Item], draw: Draw) -> Item:
    """Return one of `items`."""
    return items[int(draw() * len(items))]


def compile_template(text: str) -> Template:
    """Return a phrase ready to be expanded; `ChestxError` where its brackets do not match."""
    tokens = list(_TOKEN.finditer(text))
    if "".join(match[0] for match in tokens) != text:
        raise ChestxError(f"phrase {text!r}: a brace is not closed")
    alternatives, end = _read(text, tokens, 0, "")
    if end != len(tokens) or len(alternatives) != 1:
        raise ChestxError(f"phrase {text!r}: brackets do not match")
    return alternatives[0]


def compile_all(texts: Iterable[str]) -> tuple[Template, ...]:
    """Return phrases ready to be expanded."""
    return tuple(compile_template(text) for text in texts)


def _read(
    text: str, tokens: list[re.Match[str]], at: int, closing: str
) -> tuple[tuple[Template, ...], int]:
    """Return the alternatives up to the bracket `closing`, and the place after it."""
    alternatives: list[Template] = []
    nodes: list[str | Slot | Choice | Agreement] = []
    while at < len(tokens):
        slot, sign, words = tokens[at].groups()
        at += 1
        if slot:
            nodes.append(Slot(slot))
        elif words:
            nodes.append(words)
        elif sign == "|" and closing:
            alternatives.append(tuple(nodes))
            nodes = []
        elif sign in _CLOSING:
            inner, at = _read(text, tokens, at, _CLOSING[sign])
            nodes.append(Choice(inner) if sign == "[" else Agreement(*_pair(text, inner)))
        elif sign == closing:
            return (*alternatives, tuple(nodes)), at
        else:
            raise ChestxError(f"phrase {text!r}: {sign!r} has no partner")
    if closing:
        raise ChestxError(f"phrase {text!r}: {closing!r} is missing")
    return (*alternatives, tuple(nodes)), at


def _pair(text: str, forms: tuple[Template, ...]) -> tuple[Template, Template]:
    if len(forms) != 2:
        raise ChestxError(f"phrase {text!r}: write <one|several>")
    return forms[0], forms[1]


def expand(template: Template, slots: Slots, draw: Draw, several: bool = False) -> str:
    """Return one of the texts that a phrase stands for, spaces as they come."""
    words: list[str] = []
    for node in template:
        if isinstance(node, str):
            words.append(node)
        elif isinstance(node, Agreement):
            words.append(expand(node.several if several else node.one, slots, draw, several))
        else:
            options = slots[node.name] if isinstance(node, Slot) else node.options
            words.append(expand(pick(options, draw), slots, draw, several))
    return "".join(words)


def tidy(text: str) -> str:
    """Return a text with single spaces, "an" where it is spoken so, and no word twice."""
    text = _TWICE.sub(r"\1", _BEFORE_COMMA.sub("", " ".join(text.split())))
    return _ARTICLE.sub(r"\1n ", text)


def sentence(text: str) -> str:
    """Return a tidy text with a capital first letter and a full stop."""
    text = tidy(text)
    return text[:1].upper() + text[1:] + ("" if text[-1:] in ".?" else ".")
