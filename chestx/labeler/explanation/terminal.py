"""An explanation as lines for the terminal."""

import textwrap
from collections.abc import Iterable, Iterator

import click

from chestx.labeler.explanation.explain import ExplainedMention, ExplainedSentence, Explanation
from chestx.labeler.explanation.path import Edge, path_edges
from chestx.labeler.graph.dependencies import Graph

COLOURS = {"present": "red", "negated": "blue", "uncertain": "yellow", "unasserted": "magenta"}
STATES = {1: "present", 0: "negated", -1: "uncertain"}
WIDTH = 100


def as_text(explanation: Explanation) -> str:
    """Return the explanation as coloured lines; `click.echo` leaves colours out of a file."""
    count = len(explanation.sentences)
    parts = [
        "\n".join(_sentence(sentence, f"Sentence {number} of {count}, {sentence.section}"))
        for number, sentence in enumerate(explanation.sentences, 1)
    ]
    return "\n\n".join([*parts, "\n".join(_labels(explanation))])


def printable(text: str) -> str:
    """Return text on one line, without what could command a terminal."""
    return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))


def _sentence(sentence: ExplainedSentence, title: str) -> Iterator[str]:
    yield click.style(title, bold=True)
    yield f"  {_marked(sentence)}"
    if sentence.graph is None:
        yield "  No mention of a finding."
        return
    yield from ("", "  Words for the parser")
    yield f"    {printable(' '.join(node.word for node in sentence.graph.nodes))}"
    yield from ("", "  Graph: word, tag, governors")
    yield from _graph(sentence, sentence.graph)
    yield from ("", "  Mentions")
    longest = max(len(printable(mention.text)) for mention in sentence.mentions)
    for mention in sentence.mentions:
        yield from _mention(mention, longest)
    rules = {(m.fired.rule.id, m.fired.pattern): m.fired for m in sentence.mentions if m.fired}
    if rules:
        yield from ("", "  Rules that fired")
    for fired in rules.values():
        yield f"    {click.style(fired.rule.id, bold=True)}"
        yield f"      source   {fired.rule.source}"
        yield f"      pattern  {fired.pattern}"


def _marked(sentence: ExplainedSentence) -> str:
    """Return the sentence with its mentions in the colours of their status."""
    parts, at = [], 0
    for mention in sentence.mentions:
        start, end = mention.start - sentence.start, mention.end - sentence.start
        parts += [sentence.text[at:start], mention]
        at = end
    parts.append(sentence.text[at:])
    return "".join(
        _printable_within(part) if isinstance(part, str) else _coloured(part.text, part)
        for part in parts
    ).strip()


def _graph(sentence: ExplainedSentence, graph: Graph) -> Iterator[str]:
    names = [printable(name) for name in sentence.names]
    lit = {
        edge: mention
        for mention in sentence.mentions
        if mention.fired
        for edge in path_edges(graph, mention.fired.steps)
    }
    mentions = {mention.node: mention for mention in sentence.mentions}
    digits, longest = len(str(len(names))), max(map(len, names))
    for position, node in enumerate(graph.nodes):
        name = names[position].ljust(longest)
        if position in mentions:
            name = _coloured(name, mentions[position])
        governors = [
            _governor(names, (governor, relation, position), lit)
            for relation, governor in graph.governors[position]
        ]
        line = f"    {position + 1:>{digits}}  {name}  {node.tag:<4}  {'  '.join(governors)}"
        yield line.rstrip()


def _governor(names: list[str], edge: Edge, lit: dict[Edge, ExplainedMention]) -> str:
    governor, relation, _ = edge
    text = f"<{relation} {names[governor]}"
    return _coloured(text, lit[edge]) if edge in lit else text


def _mention(mention: ExplainedMention, width: int) -> Iterator[str]:
    name = _coloured(printable(mention.text).ljust(width), mention)
    yield f"    {name}  {verdict(mention)}; {meaning(mention)}"
    yield from _folded(mention.why)
    if mention.fired:
        yield f"      path     {printable(mention.fired.evidence)}"


def verdict(mention: ExplainedMention) -> str:
    """Return status and certainty as a reader wants them."""
    if mention.status == "unasserted":
        return "not asserted"
    if mention.status == "uncertain" or mention.certainty == "definite":
        return mention.status if mention.certainty == "definite" else mention.certainty
    return f"{mention.status} ({mention.certainty})"


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
    yield f"  {'Normal'.ljust(longest)}  {normal}: {explanation.normal_because}"


def _folded(text: str) -> Iterable[str]:
    return textwrap.wrap(
        printable(text),
        WIDTH,
        initial_indent="      why      ",
        subsequent_indent=" " * 15,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _printable_within(text: str) -> str:
    padded = printable(f".{text}.")
    return padded[1:-1]


def _coloured(text: str, mention: ExplainedMention) -> str:
    return click.style(printable(text) if text.strip() == text else text, fg=COLOURS[mention.status], bold=True)
