"""The assertion rules: data under `rules/assertion/`, each with its own examples."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from chestx.errors import ChestxError
from chestx.labeler.graph.semgrex import Pattern, PatternError, compile_pattern
from chestx.labeler.report import Certainty, Status
from chestx.labeler.toml_file import RULES, check_keys, read_toml, string, strings, tables

# "unasserted": the words speak of the past, of a wish or of a condition, not of this film.
Verdict = Literal["present", "negated", "uncertain", "unasserted"]
Subject = Literal["finding", "observation"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: any of `patterns`, matched at the mention, gives it `status` and `certainty`.

    In `examples` the rule must decide the mention in square brackets, in `counterexamples` it
    must not.
    """

    id: str
    status: Verdict
    certainty: Certainty
    applies_to: Subject
    source: str
    patterns: tuple[Pattern, ...]
    examples: tuple[str, ...]
    counterexamples: tuple[str, ...]


def read_rules(path: Path) -> list[Rule]:
    """Return the rules of a file in its order; `ChestxError` names the rule with a mistake."""
    table = read_toml(path)
    check_keys(table, path.name, ("rule",))
    rules = [
        _rule(entry, f"{path.name}: rule {n + 1}")
        for n, entry in enumerate(tables(table, "rule", path.name))
    ]
    _refuse_doubles(rules, path.name)
    return rules


@lru_cache(maxsize=1)
def load_rules() -> tuple[Rule, ...]:
    """Return the shipped rules; the first one that matches a mention decides it."""
    rules = [r for path in sorted((RULES / "assertion").glob("*.toml")) for r in read_rules(path)]
    _refuse_doubles(rules, "rules")
    return tuple(rules)


def read_tags(rules: Iterable[Rule]) -> bool:
    """Tell whether a rule asks for a part of speech."""
    return any(pattern.reads_tags for rule in rules for pattern in rule.patterns)


def _rule(entry: dict[str, Any], where: str) -> Rule:
    if isinstance(entry.get("id"), str):
        where += f" ({entry['id']})"
    check_keys(
        entry, where, ("id", "status", "source", "patterns", "examples"),
        ("certainty", "applies_to", "counterexamples"),
    )  # fmt: skip
    for key, allowed in (("status", Verdict), ("certainty", Certainty), ("applies_to", Subject)):
        if key in entry and string(entry, key, where) not in get_args(allowed):
            raise ChestxError(f"{where}: {key} must be one of {', '.join(get_args(allowed))}")
    examples, counterexamples = (strings(entry, k, where) for k in ("examples", "counterexamples"))
    if not examples:
        raise ChestxError(f"{where}: a rule needs at least one example")
    for example in (*examples, *counterexamples):
        if example.count("[") != 1 or example.count("]") != 1:
            raise ChestxError(f"{where}: mark one mention with [ ] in the example {example!r}")
    default = "definite" if entry["status"] in get_args(Status)[:2] else "possible"
    return Rule(
        id=string(entry, "id", where),
        status=entry["status"],
        certainty=entry.get("certainty", default),
        applies_to=entry.get("applies_to", "finding"),
        source=string(entry, "source", where),
        patterns=tuple(_patterns(strings(entry, "patterns", where), where)),
        examples=tuple(examples),
        counterexamples=tuple(counterexamples),
    )


def _patterns(texts: list[str], where: str) -> Iterator[Pattern]:
    for text in texts:
        try:
            yield compile_pattern(text)
        except PatternError as error:
            raise ChestxError(f"{where}: pattern {text!r}: {error}") from None


def _refuse_doubles(rules: list[Rule], where: str) -> None:
    ids = [rule.id for rule in rules]
    for id_ in ids:
        if ids.count(id_) > 1:
            raise ChestxError(f"{where}: the rule id {id_!r} is given twice")
