"""Decides for each mention whether it is present, negated or uncertain, and says why."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from chestx.labeler.assertion.candidates import Candidate, Candidates
from chestx.labeler.assertion.rules import Rule, Verdict, load_rules
from chestx.labeler.concepts.mask import Masked
from chestx.labeler.graph.collapse import collapse
from chestx.labeler.graph.dependencies import Graph
from chestx.labeler.graph.parser import Parser
from chestx.labeler.graph.semgrex import Match, Pattern
from chestx.labeler.graph.surface import surface_tree
from chestx.labeler.graph.tree import Tree
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
# Evidence is a template, in which braces have a meaning.
_NO_BRACES = str.maketrans("", "", "{}")


class Assertion(Protocol):
    """A way to decide the mentions of masked sentences, one tuple of decisions a sentence."""

    def decide(self, sentences: Sequence[Masked]) -> list[tuple[Decision, ...]]:
        """Return the decisions; they depend on a sentence alone, never on its neighbours."""


class NoAssertion:
    """Every mention is present: the baseline without rules."""

    def decide(self, sentences: Sequence[Masked]) -> list[tuple[Decision, ...]]:
        """Return `PRESENT` for findings, nothing for observations."""
        return [tuple(map(_unless_ruled, sentence.observations)) for sentence in sentences]


class DependencyAssertion:
    """The rules over the dependency graph, with as little parsing as they allow.

    The words of a sentence tell which rules can match at all; where the first of them matches by
    the order of the words, or none is left, the sentence is not parsed.
    """

    def __init__(self, parser: Parser, rules: Sequence[Rule] | None = None) -> None:
        """`rules` default to the shipped ones."""
        self.parser = parser
        rules = load_rules() if rules is None else rules
        self._candidates = {
            is_observation: Candidates(
                [rule for rule in rules if (rule.applies_to == "observation") == is_observation]
            )
            for is_observation in (False, True)
        }

    def decide(self, sentences: Sequence[Masked]) -> list[tuple[Decision, ...]]:
        """Return the decision of the first rule that matches each mention."""
        candidates = [self._possible(sentence) for sentence in sentences]
        decided = list(map(_on_the_surface, sentences, candidates))
        to_parse = [n for n, decisions in enumerate(decided) if decisions is None]
        trees = self.parser.parse([sentences[n].words for n in to_parse]) if to_parse else ()
        for n, tree in zip(to_parse, trees, strict=True):
            graph = _graph(tree, sentences[n])
            decided[n] = tuple(
                _first(graph, head, rules) or _unless_ruled(is_observation)
                for head, is_observation, rules in zip(
                    sentences[n].heads, sentences[n].observations, candidates[n], strict=True
                )
            )
        return [decisions for decisions in decided if decisions is not None]

    def graph(self, sentence: Masked) -> Graph:
        """Return the graph that the rules see, for explanations."""
        return _graph(next(self.parser.parse([sentence.words])), sentence)

    def _possible(self, sentence: Masked) -> list[list[Candidate]]:
        """Return for each mention the rules that its sentence's words allow, in their order."""
        return [
            self._candidates[is_observation].among(sentence.words, head)
            for head, is_observation in zip(sentence.heads, sentence.observations, strict=True)
        ]


def _on_the_surface(
    sentence: Masked, candidates: Sequence[Sequence[Candidate]]
) -> tuple[Decision, ...] | None:
    """Decide what the order of the words decides; None where a mention needs the parser."""
    graph = None
    decisions = []
    for head, is_observation, rules in zip(
        sentence.heads, sentence.observations, candidates, strict=True
    ):
        decision = _unless_ruled(is_observation)
        for candidate in rules:
            graph = graph or _graph(surface_tree(sentence.words, sentence.heads), sentence)
            found = _match(graph, head, candidate.rule, candidate.safe)
            if found is not None:
                decision = found
                break
            if any(p.conceivable(graph, head) for p in candidate.hidden):
                return None
        decisions.append(decision)
    return tuple(decisions)


def _graph(tree: Tree, sentence: Masked) -> Graph:
    return collapse(tree, {head: number for number, head in enumerate(sentence.heads)})


def _unless_ruled(is_observation: bool) -> Decision:
    return UNSAID if is_observation else PRESENT


def _first(graph: Graph, head: int, candidates: Sequence[Candidate]) -> Decision | None:
    for candidate in candidates:
        found = _match(graph, head, candidate.rule, candidate.patterns)
        if found is not None:
            return found
    return None


def _match(graph: Graph, head: int, rule: Rule, patterns: Sequence[Pattern]) -> Decision | None:
    for pattern in patterns:
        match = pattern.match(graph, head)
        if match is not None:
            return Decision(rule.status, rule.certainty, rule.id, evidence_of(graph, head, match))
    return None


def evidence_of(graph: Graph, head: int, match: Match) -> str:
    """Print a match as a path: `effusion <prep_of evidence >neg no`."""
    parts = [_name(graph, head)]
    last = head
    for start, operator, relation, end in match.steps:
        if start != last:
            parts.append(f"& {_name(graph, start)}")
        parts.append(f"{operator}{relation.translate(_NO_BRACES)} {_name(graph, end)}")
        last = end
    return " ".join(parts)


def _name(graph: Graph, position: int) -> str:
    node = graph.nodes[position]
    return f"{{{node.mention}}}" if node.mention >= 0 else node.word.translate(_NO_BRACES)
