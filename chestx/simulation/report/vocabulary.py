"""The phrases of `phrases/`, read once and made ready.

A class of findings has these keys:

| key | |
|---|---|
| `organ`, `doubt` | where it is told of; how often it is hedged |
| `names`, `nouns` | what lists of the absent call it; what fits into the frames |
| `present`, `likely`, `possible`, `negated` | whole sentences of its own |
| `signs` | sentences that describe it and do not name it |
| `countable` | takes an article and a plural |
| `sided`, `zoned` | false where side or zone go without saying |
| `resolves` | may be gone on a later film |

A sentence may be a table: `also` says what it amounts to for other classes, `unless` names classes
that would belie it, "lungs" for all classes of the lungs.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from chestx.simulation.report.grammar import Template, compile_all, compile_template
from chestx.simulation.study import Sex, View

CLASS_FILES = ("lungs", "pleura", "heart")
MANNERS = ("present", "likely", "possible", "negated", "signs")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence, what else it amounts to, and the classes that would belie it."""

    template: Template
    also: Mapping[str, int]
    unless: frozenset[str]


@dataclass(frozen=True, slots=True)
class ClassPhrases:
    """How a class is written; see the keys above."""

    organ: str
    doubt: float
    countable: bool
    sided: bool
    zoned: bool
    resolves: bool
    names: tuple[Template, ...]
    nouns: tuple[Template, ...]
    own: Mapping[str, tuple[Phrase, ...]]


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said beside the classes, of whom, and how often."""

    organ: str
    topic: str
    chance: float
    phrases: tuple[Template, ...]
    says: Mapping[str, int]
    unless: frozenset[str]
    needs: str
    min_age: int
    sex: Sex | None
    view: View | None
    comparison: bool


@dataclass(frozen=True, slots=True)
class House:
    """A way to lay out a report."""

    name: str
    weight: int
    mark: tuple[str, ...]
    body: tuple[str, ...]
    closing: tuple[str, ...]
    layout: str
    british: bool
    capitals: bool
    shorthand: bool


@dataclass(frozen=True, slots=True)
class Companion:
    """Names that stand in a list of what is absent and are no class."""

    names: tuple[Template, ...]
    unless: frozenset[str]


@cache
def read_phrases(name: str) -> dict[str, Any]:
    """Return the contents of a file of phrases."""
    path = files("chestx.simulation.report") / "phrases" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def classes() -> dict[str, ClassPhrases]:
    """Return how each class is written, by its name."""
    tables = {name: table for file in CLASS_FILES for name, table in read_phrases(file).items()}
    lungs = frozenset(name for name, table in tables.items() if table["organ"] == "lungs")
    return {name: _class(table, lungs) for name, table in tables.items()}


def _class(table: Mapping[str, Any], lungs: frozenset[str]) -> ClassPhrases:
    return ClassPhrases(
        table["organ"],
        table["doubt"],
        table.get("countable", False),
        table.get("sided", True),
        table.get("zoned", True),
        table.get("resolves", False),
        compile_all(table["names"]),
        compile_all(table["nouns"]),
        {
            manner: tuple(_phrase(entry, lungs) for entry in table.get(manner, ()))
            for manner in MANNERS
        },
    )


def _phrase(entry: str | Mapping[str, Any], lungs: frozenset[str]) -> Phrase:
    table: Mapping[str, Any] = {"text": entry} if isinstance(entry, str) else entry
    return Phrase(
        compile_template(table["text"]),
        table.get("also", {}),
        _belying(table.get("unless", ()), lungs),
    )


def _belying(names: Iterable[str], lungs: frozenset[str]) -> frozenset[str]:
    named = frozenset(names)
    return named - {"lungs"} | lungs if "lungs" in named else named


def lung_classes() -> frozenset[str]:
    """Return the classes that lie in the lungs."""
    return frozenset(name for name, phrases in classes().items() if phrases.organ == "lungs")


@cache
def frames() -> dict[str, dict[str, tuple[Phrase, ...]]]:
    """Return the sentences that fit any class, by their table and manner."""
    return {
        table: {
            manner: tuple(_phrase(text, frozenset()) for text in texts)
            for manner, texts in manners.items()
        }
        for table, manners in read_phrases("frames").items()
    }


@cache
def remarks() -> tuple[Remark, ...]:
    """Return what is said beside the classes."""
    return tuple(
        Remark(
            entry["organ"],
            entry.get("topic", ""),
            entry["chance"],
            compile_all(entry["phrases"]),
            entry.get("says", {}),
            _belying(entry.get("unless", ()), lung_classes()),
            entry.get("needs", ""),
            entry.get("min_age", 0),
            entry.get("sex"),
            entry.get("view"),
            entry.get("comparison", False),
        )
        for entry in read_phrases("remarks")["remark"]
    )


@cache
def companions() -> tuple[Companion, ...]:
    """Return what stands in lists of what is absent beside the classes."""
    return tuple(
        Companion(compile_all(entry["names"]), _belying(entry["unless"], lung_classes()))
        for entry in read_phrases("negations")["other"]
    )


@cache
def negation_chances() -> dict[str, float]:
    """Return how often each class is denied where it is absent."""
    return dict(read_phrases("negations")["chance"])


@cache
def kin() -> dict[str, frozenset[str]]:
    """Return the classes too close to each to affirm the one and deny the other."""
    table = read_phrases("negations")["kin"]
    return {name: frozenset(table.get(name, ())) for name in classes()}


@cache
def houses() -> tuple[House, ...]:
    """Return the ways to lay out a report."""
    return tuple(
        House(
            entry["name"],
            entry["weight"],
            tuple(entry["mark"]),
            tuple(entry["body"]),
            tuple(entry["closing"]),
            entry["layout"].strip("\n"),
            entry.get("spelling") == "british",
            entry.get("capitals", False),
            entry.get("shorthand", False),
        )
        for entry in read_phrases("sections")["house"]
    )


@cache
def organ_headings() -> tuple[dict[str, tuple[str, ...]], ...]:
    """Return the ways to head organs: heading and what stands below it, in order."""
    return tuple(
        {heading: tuple(organs) for heading, organs in entry.items()}
        for entry in read_phrases("sections")["organs"]
    )


@cache
def section(name: str) -> dict[str, tuple[Template, ...]]:
    """Return the phrases of a table of `sections.toml`, by their key."""
    return {key: compile_all(texts) for key, texts in read_phrases("sections")[name].items()}
