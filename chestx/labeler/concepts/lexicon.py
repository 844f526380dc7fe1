"""The lexicon: which phrases name which finding. The data are under `rules/findings/`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from chestx.errors import ChestxError
from chestx.labeler.concepts.matcher import Matcher
from chestx.labeler.concepts.phrases import PhraseError, compile_phrase
from chestx.labeler.report import Certainty
from chestx.labeler.toml_file import RULES, check_keys, read_toml, string, strings, tables

Kind = Literal["finding", "observation", "exclusion"]

_KEYS: Mapping[Kind, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "finding": (
        ("id", "name", "cui", "semantic_type", "phrases"),
        ("certainty", "disease"),
    ),
    "observation": (("id", "denies", "phrases"), ()),
    "exclusion": (("id", "phrases"), ()),
}


@dataclass(frozen=True, slots=True)
class Concept:
    """An entry of the lexicon.

    A finding is asserted by being mentioned. An observation ("heart size") is a part of the body
    that denies the findings of `denies` where a rule finds it called normal. An exclusion keeps
    its words from every finding.
    `certainty` is what a bare mention amounts to; `disease` is False for what a normal study may
    show as well (a healed fracture, a device).
    """

    id: str
    kind: Kind
    name: str = ""
    cui: str = ""
    semantic_type: str = ""
    certainty: Certainty = "definite"
    disease: bool = True
    denies: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Modifiers:
    """Word lists of `rules/modifiers.toml`: which words belong to a mention, which fill a gap.

    `cues` are read by rules and never belong to a mention.
    """

    joined: frozenset[str]
    severity: frozenset[str]
    filler: frozenset[str]
    cues: frozenset[str]


class Lexicon:
    """Concepts by number, and the matcher over their phrases."""

    def __init__(self, concepts: Iterable[Concept], modifiers: Modifiers) -> None:
        """Raise `ChestxError` where two concepts share an id."""
        self.concepts = list(concepts)
        self.modifiers = modifiers
        self._numbers = {concept.id: n for n, concept in enumerate(self.concepts)}
        if len(self._numbers) < len(self.concepts):
            ids = [concept.id for concept in self.concepts]
            double = next(id_ for id_ in ids if ids.count(id_) > 1)
            raise ChestxError(f"lexicon: the id {double!r} is given twice")
        for concept in self.concepts:
            for denied in concept.denies:
                if denied not in self._numbers:
                    raise ChestxError(f"{concept.id}: denies {denied!r}, which is no finding's id")

    @cached_property
    def matcher(self) -> Matcher:
        """The matcher over all phrases; a match's concepts are positions in `concepts`."""
        starts = [
            state
            for number, concept in enumerate(self.concepts)
            for phrase in concept.phrases
            for state in compile_phrase(phrase, number)
        ]
        return Matcher(starts, self.modifiers.filler)

    def number(self, id_: str) -> int:
        """Return the position of a concept in `concepts`."""
        return self._numbers[id_]

    def add(self, concept: Concept) -> int:
        """Append a concept without phrases and return its position."""
        self._numbers[concept.id] = len(self.concepts)
        self.concepts.append(concept)
        return self._numbers[concept.id]


def load_lexicon(own: Iterable[Concept] = ()) -> Lexicon:
    """Return the shipped lexicon; a concept in `own` replaces the shipped one of the same id."""
    concepts = {concept.id: concept for concept in shipped_concepts()}
    concepts.update((concept.id, concept) for concept in own)
    return Lexicon(concepts.values(), load_modifiers())


@lru_cache(maxsize=1)
def shipped_concepts() -> tuple[Concept, ...]:
    """Return the concepts of `rules/findings/*.toml`, file by file in the order of their names."""
    found: list[Concept] = []
    for path in sorted((RULES / "findings").glob("*.toml")):
        found.extend(read_concepts(read_toml(path), path))
    return tuple(found)


def read_concepts(table: Mapping[str, Any], path: Path) -> list[Concept]:
    """Return the `[[finding]]`, `[[observation]]` and `[[exclusion]]` entries of a parsed file."""
    return [
        _concept(entry, kind, f"{path.name}: {kind} {position + 1}")
        for kind in get_args(Kind)
        for position, entry in enumerate(tables(table, kind, path.name))
    ]


def _concept(entry: Mapping[str, Any], kind: Kind, where: str) -> Concept:
    if isinstance(entry.get("id"), str):
        where += f" ({entry['id']})"
    required, optional = _KEYS[kind]
    check_keys(entry, where, required, optional)
    if not re.fullmatch(r"(C\d{7})?", string(entry, "cui", where)):
        raise ChestxError(f"{where}: cui {entry['cui']!r} is not C and seven digits")
    certainty = entry.get("certainty", "definite")
    if certainty not in get_args(Certainty):
        raise ChestxError(f"{where}: certainty must be one of {', '.join(get_args(Certainty))}")
    phrases = strings(entry, "phrases", where)
    for phrase in phrases:
        try:
            compile_phrase(phrase, 0)
        except PhraseError as error:
            raise ChestxError(f"{where}: {error}") from None
    return Concept(
        id=string(entry, "id", where),
        kind=kind,
        name=string(entry, "name", where),
        cui=string(entry, "cui", where),
        semantic_type=string(entry, "semantic_type", where),
        certainty=certainty,
        disease=_disease(entry, where),
        denies=tuple(strings(entry, "denies", where)),
        phrases=tuple(phrases),
    )


def _disease(entry: Mapping[str, Any], where: str) -> bool:
    disease = entry.get("disease", True)
    if not isinstance(disease, bool):
        raise ChestxError(f"{where}: disease must be true or false, without quotes")
    return disease


@lru_cache(maxsize=1)
def load_modifiers() -> Modifiers:
    """Return the word lists of `rules/modifiers.toml`."""
    path = RULES / "modifiers.toml"
    table = read_toml(path)
    lists = {key: frozenset(strings(table, key, path.name)) for key in table}
    joined = frozenset[str]().union(
        *(words for key, words in lists.items() if key not in ("keep", "filler"))
    )
    return Modifiers(
        joined=joined - lists["keep"],
        severity=lists["severity"],
        filler=lists["filler"],
        cues=lists["keep"],
    )
