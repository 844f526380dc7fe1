"""An explanation as lines for the terminal."""

import re
import textwrap
from collections.abc import Iterable, Iterator

import click

from chestx.labeler.explanation.explain import (
    STATES,
    ExplainedMention,
    ExplainedSentence,
    Explanation,
)
from chestx.labeler.explanation.path import Edge, path_edges
from chestx.labeler.graph.dependencies import Graph

COLOURS = {"present": "red", "negated": "blue", "uncertain": "yellow", "unasserted": "magenta"}
SPACES = re.compile(r"\s+")
WIDTH = 100


def as_text(explanation: Explanation) -> str:
    """Return the explanation as coloured lines; `click.echo` leaves colours out of a file."""
    count = len(explanation.sentences)
    parts = [
        "\n".join(_sentence(sentence, f"Sentence {number} of {count}, {sentence.section}"))
        for number, sentence in enumerate(explanation.sentences, 1)
    ]
    return "\n\n".join([*parts, "\n".join(_labels(explanation))])


def _sentence(sentence: ExplainedSentence, title: str) -> Iterator[str]:
    yield click.style(title, bold=True)
    yield f"  {_marked(sentence)}"
    if sentence.graph is None:
        yield "  No mention of a finding."
        return
    yield from ("", "  Words for the parser")
    yield f"    {_flat(' '.join(node.word for node in sentence.graph.nodes))}"
    yield from ("", "  Graph: each word and what governs it")
    yield from _graph(sentence, sentence.graph)
    yield from ("", "  Mentions")
    longest = max(len(_flat(mention.text)) for mention in sentence.mentions)
    for mention in sentence.mentions:
        yield from _mention(mention, longest)
    if sentence.fired:
        yield from ("", "  Rules that fired")
    for fired in sentence.fired:
        yield f"    {click.style(fired.rule.id, bold=True)}"
        yield f"      source   {fired.rule.source}"
        yield f"      pattern  {fired.pattern}"


def _marked(sentence: ExplainedSentence) -> str:
    """Return the sentence with its mentions in the colours of their status."""
    parts, at = [], 0
    for mention in sentence.mentions:
        parts.append(_flat(sentence.text[at : mention.start - sentence.start]))
        parts.append(_coloured(_flat(mention.text), mention))
        at = mention.end - sentence.start
    return "".join([*parts, _flat(sentence.text[at:])]).strip()


def _graph(sentence: ExplainedSentence, graph: Graph) -> Iterator[str]:
    names = [_flat(name) for name in sentence.names]
    lit = {
        edge: mention
        for mention in sentence.mentions
        if mention.fired
        for edge in path_edges(graph, mention.fired.steps)
    }
    mentions = {mention.node: mention for mention in sentence.mentions}
    digits, longest = len(str(len(names))), max(map(len, names))
    for position in range(len(names)):
        name = names[position].ljust(longest)
        if position in mentions:
            name = _coloured(name, mentions[position])
        governors = [
            _governor(names, (governor, relation, position), lit)
            for relation, governor in graph.governors[position]
        ]
        line = f"    {position + 1:>{digits}}  {name}  {'  '.join(governors)}"
        yield line.rstrip()


def _governor(names: list[str], edge: Edge, lit: dict[Edge, ExplainedMention]) -> str:
    governor, relation, _ = edge
    text = f"<{relation} {names[governor]}"
    return _coloured(text, lit[edge]) if edge in lit else text


def _mention(mention: ExplainedMention, width: int) -> Iterator[str]:
    name = _coloured(_flat(mention.text).ljust(width), mention)
    yield f"    {name}  {mention.verdict}; {mention.meaning}"
    yield from _folded(mention.why)
    if mention.fired:
        yield f"      path     {_flat(mention.fired.evidence)}"


def _labels(explanation: Explanation) -> Iterator[str]:
    yield click.style(f"Labels, {explanation.label_set}", bold=True)
    labels = explanation.result.labels
    longest = max(map(len, [*labels, "Normal"]))
    for name, value in labels.items():
        state = STATES[value]
        yield f"  {name.ljust(longest)}  {value:>2}  {click.style(state, fg=COLOURS[state])}"
    if not labels:
        yield "  no class is mentioned"
    normal = "yes" if explanation.result.normal else "no"
    yield f"  {'Normal'.ljust(longest)}  {normal} ({explanation.normal_because})"


def _folded(text: str) -> Iterable[str]:
    return textwrap.wrap(
        _flat(text),
        WIDTH,
        initial_indent="      why      ",
        subsequent_indent=" " * 15,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _flat(text: str) -> str:
    """Return text on one line, without what could command a terminal."""
    return "".join(c if c.isprintable() else "?" for c in SPACES.sub(" ", text))


def _coloured(text: str, mention: ExplainedMention) -> str:
    return click.style(text, fg=COLOURS[mention.status], bold=True)
