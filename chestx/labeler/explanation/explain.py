"""The labels of a text with all that led to them: words, graph, mentions, rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chestx.errors import ChestxError
from chestx.labeler.assertion.decide import Decision, DependencyAssertion, evidence_of
from chestx.labeler.assertion.rules import Verdict, load_rules
from chestx.labeler.concepts.mask import Masked
from chestx.labeler.explanation.reason import Fired, why
from chestx.labeler.graph.collapse import collapse
from chestx.labeler.graph.dependencies import Graph
from chestx.labeler.graph.parser import DEFAULT_PARSER
from chestx.labeler.graph.surface import surface_tree
from chestx.labeler.labeler import Labeler
from chestx.labeler.report import Certainty, Mention, Result, Status

STATES: dict[int, Status] = {1: "present", 0: "negated", -1: "uncertain"}


@dataclass(frozen=True, slots=True)
class ExplainedMention:
    """A mention at `start:end` of the text and at `node` of its sentence's graph.

    `findings` are the names of what it means; `rows` are what the output tables say of it, none
    where it is not asserted. `why` is the reason in one sentence.
    """

    start: int
    end: int
    text: str
    node: int
    findings: tuple[str, ...]
    rows: tuple[Mention, ...]
    status: Verdict
    certainty: Certainty
    fired: Fired | None
    why: str

    @property
    def verdict(self) -> str:
        """Status and certainty in words."""
        if self.status == "unasserted":
            return "not asserted"
        return self.status if self.certainty == "definite" else f"{self.status} ({self.certainty})"

    @property
    def meaning(self) -> str:
        """The findings and the classes of the label set that they count for."""
        findings = ", ".join(self.findings)
        if not self.rows:
            return f"{findings}, in no table"
        labels = ", ".join(dict.fromkeys(row.label for row in self.rows if row.label))
        return f"{findings}, label {labels}" if labels else f"{findings}, no label"


@dataclass(frozen=True, slots=True)
class ExplainedSentence:
    """A sentence at `start:end` of the text; one without mentions has no graph.

    `names[i]` is what node i of the graph is called: the text of its mention, or its word, with
    its number where several would be called the same.
    """

    section: str
    start: int
    end: int
    text: str
    graph: Graph | None
    names: tuple[str, ...]
    mentions: tuple[ExplainedMention, ...]

    @property
    def fired(self) -> tuple[Fired, ...]:
        """The rules that decided mentions; each once for each of its patterns."""
        fired = [mention.fired for mention in self.mentions if mention.fired]
        return tuple({(one.rule.id, one.pattern): one for one in fired}.values())


@dataclass(frozen=True, slots=True)
class Explanation:
    """The sentences that are read for labels, and the result for the whole text."""

    text: str
    label_set: str
    sentences: tuple[ExplainedSentence, ...]
    result: Result
    normal_because: str


# Every sentence is parsed and drawn; a report has some 500 characters.
LONGEST = 20_000


def explain(
    text: str, label_set: str | Path = "chestx-ray14", *, parser: str = DEFAULT_PARSER
) -> Explanation:
    """Label a report or a sentence and tell why.

    Raises `ChestxError` for a text that is empty or over 20,000 characters, and for an unknown
    label set or parser.
    """
    if not text.strip():
        raise ChestxError("there is no text to explain: give a report or a sentence")
    if len(text) > LONGEST:
        raise ChestxError(
            f"the text has {len(text):,} characters, more than the {LONGEST:,} that one can read: "
            "give a report, or a part of it"
        )
    return _Explainer(text, Labeler(label_set, parser=parser)).explain()


class _Explainer:
    def __init__(self, text: str, labeler: Labeler) -> None:
        self.text = text
        self.labeler = labeler
        self.result = labeler(text)
        self.rules = {rule.id: rule for rule in load_rules()}

    def explain(self) -> Explanation:
        sentences = tuple(self._sentence(*place) for place in self.labeler.sentences(self.text))
        return Explanation(
            self.text,
            self.labeler.label_set.name,
            sentences,
            self.result,
            self._normal_because(),
        )

    def _sentence(self, section: str, start: int, end: int) -> ExplainedSentence:
        text = self.text[start:end]
        sentence = self.labeler.reader.analyse(text)
        if sentence is None:
            return ExplainedSentence(section, start, end, text, None, (), ())
        assertion = self.labeler.reader.assertion
        assert isinstance(assertion, DependencyAssertion)
        (decisions,) = assertion.decide([sentence.masked])
        places = [
            (start + sentence.spans[match.start][0], start + sentence.spans[match.end - 1][1])
            for match in sentence.matches
        ]
        texts = [self.text[a:b] for a, b in places]
        graph, fired = self._as_decided(assertion, sentence.masked, decisions, texts)
        names = _names(graph, texts)
        mentions = tuple(
            self._mention(
                place,
                sentence.masked.heads[number],
                sentence.matches[number].concepts,
                decision,
                fired[number],
                names,
                is_observation=sentence.masked.observations[number],
            )
            for number, (place, decision) in enumerate(zip(places, decisions, strict=True))
        )
        return ExplainedSentence(section, start, end, text, graph, names, mentions)

    def _mention(
        self,
        place: tuple[int, int],
        node: int,
        concepts: Sequence[int],
        decision: Decision,
        fired: Fired | None,
        names: Sequence[str],
        *,
        is_observation: bool,
    ) -> ExplainedMention:
        rows = tuple(row for row in self.result.mentions if (row.start, row.end) == place)
        first = rows[0] if rows else None
        label_set = self.labeler.label_set
        return ExplainedMention(
            *place,
            text=self.text[slice(*place)],
            node=node,
            findings=self._findings(concepts),
            rows=rows,
            status=first.status if first else "unasserted",
            certainty=first.certainty if first else decision.certainty,
            fired=fired,
            why=why(decision.status, first, fired, label_set, names, is_observation=is_observation),
        )

    def _as_decided(
        self,
        assertion: DependencyAssertion,
        masked: Masked,
        decisions: Sequence[Decision],
        texts: Sequence[str],
    ) -> tuple[Graph, list[Fired | None]]:
        """Return the graph on which the rules matched as they did, and what they met in it.

        Where the order of the words decided, the parser was not asked: its graph is shown as well,
        unless it would not have let the rules match.
        """
        numbers = {head: number for number, head in enumerate(masked.heads)}
        for graph in (
            assertion.graph(masked),
            collapse(surface_tree(masked.words, masked.heads), numbers),
        ):
            fired = [
                self._fired(graph, head, decision, texts)
                for head, decision in zip(masked.heads, decisions, strict=True)
            ]
            if all(one or not d.rule for one, d in zip(fired, decisions, strict=True)):
                break
        return graph, fired

    def _fired(
        self, graph: Graph, node: int, decision: Decision, texts: Sequence[str]
    ) -> Fired | None:
        """Return the rule with the pattern that left the decision's evidence, if it did here."""
        rule = self.rules.get(decision.rule)
        if rule is None:
            return None
        for pattern in rule.patterns:
            match = pattern.match(graph, node)
            if match and evidence_of(graph, node, match) == decision.evidence:
                return Fired(rule, str(pattern), match.steps, decision.evidence.format(*texts))
        return None

    def _findings(self, numbers: Sequence[int]) -> tuple[str, ...]:
        lexicon = self.labeler.lexicon
        concepts = [lexicon.concepts[number] for number in numbers]
        meant = [
            lexicon.concepts[lexicon.number(id_)]
            for concept in concepts
            for id_ in (concept.denies if concept.kind == "observation" else [concept.id])
        ]
        return tuple(concept.name for concept in meant)

    def _normal_because(self) -> str:
        """Return which criterion of Wang et al. 2017 for a normal study is met, or why none."""
        diseases = {concept.name for concept in self.labeler.lexicon.concepts if concept.disease}
        found = [
            row.concept
            for row in self.result.mentions
            if row.status != "negated" and row.concept in diseases
        ]
        if not self.result.normal:
            return f"present or uncertain: {', '.join(dict.fromkeys(found))}"
        if not found:
            return "no disease is present or uncertain"
        return "the text says normal, and no class of the label set is present or uncertain"


def _names(graph: Graph, mentions: Sequence[str]) -> tuple[str, ...]:
    plain = [
        " ".join(mentions[node.mention].split()) if node.mention >= 0 else node.word
        for node in graph.nodes
    ]
    return tuple(
        f"{name}#{position}" if plain.count(name) > 1 and name[0].isalnum() else name
        for position, name in enumerate(plain, 1)
    )
