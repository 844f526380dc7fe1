"""Decides for each mention whether it is present, negated or uncertain, and says why."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from chestx.labeler.assertion.rules import Rule, Verdict, load_rules
from chestx.labeler.concepts.mask import Masked
from chestx.labeler.graph.collapse import collapse
from chestx.labeler.graph.dependencies import Graph
from chestx.labeler.graph.parser import Parser, Tree
from chestx.labeler.graph.semgrex import Match
from chestx.labeler.report import Certainty


class Decision(NamedTuple):
    """`evidence` holds `{0}`, `{1}`, ... where the text of the mentions belongs."""

    status: Verdict
    certainty: Certainty
    rule: str
    evidence: str


PRESENT = Decision("present", "definite", "", "")
# An observation that nothing is said of asserts nothing.
UNSAID = Decision("unasserted", "definite", "", "")


class Assertion(Protocol):
    """A way to decide the mentions of masked sentences, one tuple of decisions a sentence."""

    def decide(self, sentences: Sequence[Masked]) -> list[tuple[Decision, ...]]:
        """Return the decisions; they depend on a sentence alone, never on its neighbours."""


class NoAssertion:
    """Every mention is present: the baseline without rules."""

    def decide(self, sentences: Sequence[Masked]) -> list[tuple[Decision, ...]]:
        """Return `PRESENT` for findings, nothing for observations."""
        return [_unless_ruled(sentence) for sentence in sentences]


class DependencyAssertion:
    """The rules over the dependency graph; parses only sentences in which a rule can match."""

    def __init__(self, parser: Parser, rules: Sequence[Rule] | None = None) -> None:
        """`rules` default to the shipped ones."""
        self.parser = parser
        rules = load_rules() if rules is None else rules
        self._rules = {
            is_observation: [
                rule for rule in rules if (rule.applies_to == "observation") == is_observation
            ]
            for is_observation in (False, True)
        }

    def decide(self, sentences: Sequence[Masked]) -> list[tuple[Decision, ...]]:
        """Return the decision of the first rule that matches each mention."""
        possible = [self._possible(sentence) for sentence in sentences]
        to_parse = [s for s, rules in zip(sentences, possible, strict=True) if any(rules.values())]
        trees = iter(self.parser.parse([s.words for s in to_parse]) if to_parse else ())
        return [
            self._apply(sentence, rules, next(trees))
            if any(rules.values())
            else _unless_ruled(sentence)
            for sentence, rules in zip(sentences, possible, strict=True)
        ]

    def graph(self, sentence: Masked) -> Graph:
        """Return the graph that the rules see, for explanations."""
        return collapse(next(self.parser.parse([sentence.words])), _numbers(sentence))

    def _possible(self, sentence: Masked) -> dict[bool, list[Rule]]:
        words = frozenset(sentence.words)
        return {
            kind: [r for r in self._rules[kind] if any(p.possible(words) for p in r.patterns)]
            for kind in set(sentence.observations)
        }

    def _apply(
        self, sentence: Masked, rules: dict[bool, list[Rule]], tree: Tree
    ) -> tuple[Decision, ...]:
        graph = collapse(tree, _numbers(sentence))
        return tuple(
            _first(graph, head, rules[is_observation]) or (UNSAID if is_observation else PRESENT)
            for head, is_observation in zip(sentence.heads, sentence.observations, strict=True)
        )


def _numbers(sentence: Masked) -> dict[int, int]:
    return {head: number for number, head in enumerate(sentence.heads)}


def _unless_ruled(sentence: Masked) -> tuple[Decision, ...]:
    return tuple(UNSAID if is_observation else PRESENT for is_observation in sentence.observations)


def _first(graph: Graph, head: int, rules: Iterable[Rule]) -> Decision | None:
    for rule in rules:
        for pattern in rule.patterns:
            match = pattern.match(graph, head)
            if match is not None:
                return Decision(rule.status, rule.certainty, rule.id, _evidence(graph, head, match))
    return None


def _evidence(graph: Graph, head: int, match: Match) -> str:
    """Print a match as a path: `effusion <prep_of evidence >neg no`."""
    parts = [_name(graph, head)]
    last = head
    for start, operator, relation, end in match.steps:
        if start != last:
            parts.append(f"& {_name(graph, start)}")
        parts.append(f"{operator}{relation} {_name(graph, end)}")
        last = end
    return " ".join(parts)


def _name(graph: Graph, position: int) -> str:
    node = graph.nodes[position]
    return (
        f"{{{node.mention}}}" if node.mention >= 0 else node.word.replace("{", "").replace("}", "")
    )
