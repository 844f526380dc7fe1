"""Draws the dependency graph of a sentence: words, and arcs for their relations."""

from collections.abc import Iterator, Sequence
from html import escape
from unicodedata import east_asian_width

from chestx.labeler.explanation.arcs import Arc, Course, centres, courses, ports
from chestx.labeler.explanation.explain import ExplainedMention, ExplainedSentence
from chestx.labeler.explanation.path import Edge, path_edges
from chestx.labeler.explanation.reason import ORDER
from chestx.labeler.graph.dependencies import Graph
from chestx.labeler.graph.semgrex_search import Step

WORD, SMALL = 16.0, 11.0
PILL, PAD, EDGE = 28.0, 9.0, 16.0
LEVEL, RADIUS, TIP = 24.0, 8.0, 6.0
BOLD = 1.12
# A long sentence is drawn smaller on a small screen, but never illegibly so: then it scrolls.
SHRINK = 0.75
NARROW, WIDE = frozenset(" .,:;'|!/()[]{}fijlrtI-"), frozenset("mwMW@%&")


class _Line:
    """An arc to draw: from word to word, with its label and the status of a rule's path, if any.

    `tip` is where the arrow points: "left", "right" or "" for none.
    """

    def __init__(self, ends: tuple[int, int], label: str, tip: str, status: str) -> None:
        self.label, self.tip, self.status = label, tip, status
        weight = BOLD if status else 1.0
        self.arc = Arc(min(ends), max(ends), weight * text_width(label, SMALL) + 6)


def draw(sentence: ExplainedSentence, graph: Graph) -> str:
    """Return the graph as an SVG element; colours and fonts are up to the page."""
    mentions = {mention.node: mention for mention in sentence.mentions}
    lines = [*_relations(sentence, graph)]
    orders = [*_orders(sentence)]
    names = [mentions[n].text if n in mentions else node.word for n, node in enumerate(graph.nodes)]
    names = [" ".join(name.split()) for name in names]
    notes = [f"{node.word} {node.tag}" if n in mentions else node.tag.replace(node.word, "")
             for n, node in enumerate(graph.nodes)]  # fmt: skip
    widths = [
        max(text_width(name, WORD) * (BOLD if n in mentions else 1), text_width(note, SMALL))
        + (2 * PAD if n in mentions else 4)
        for n, (name, note) in enumerate(zip(names, notes, strict=True))
    ]
    above, below = [line.arc for line in lines], [order.arc for order in orders]
    offsets, low_offsets = ports(above), ports(below)
    middles = centres(widths, [*above, *below], [*offsets, *low_offsets])
    over, under = courses(above, middles, offsets), courses(below, middles, low_offsets)
    top = EDGE + LEVEL * max((course.level for course in over), default=0) + 8
    foot = top + PILL + 20
    height = foot + LEVEL * max((course.level for course in under), default=0) + 10
    width = middles[-1] + widths[-1] / 2 + 2 * EDGE
    parts = [*_arcs(lines, over, top, -1), *_arcs(orders, under, foot, 1)]
    for n, (name, note) in enumerate(zip(names, notes, strict=True)):
        parts += _word(middles[n], top, name, note, widths[n], mentions.get(n))
    title = escape(" ".join(sentence.text.split()))
    return (
        f'<svg viewBox="{-EDGE:g} 0 {width:.0f} {height:.0f}" width="{width:.0f}"'
        f' height="{height:.0f}" style="min-width:{SHRINK * width:.0f}px" role="img"><title>Dependency graph: {title}</title>'
        f"{''.join(parts)}</svg>"
    )


def text_width(text: str, size: float) -> float:
    """Return about how wide a text is in a sans-serif font, rather too much than too little."""
    return size * sum(map(_em, text))


def _em(character: str) -> float:
    if character in NARROW:
        return 0.36
    if character in WIDE:
        return 0.92
    if east_asian_width(character) in "WF":
        return 1.05
    return 0.72 if character.isupper() else 0.59


def _relations(sentence: ExplainedSentence, graph: Graph) -> Iterator[_Line]:
    lit: dict[Edge, str] = {}
    for mention in reversed(sentence.mentions):
        for edge in path_edges(graph, mention.fired.steps) if mention.fired else ():
            lit[edge] = mention.status
    for governor, edges in enumerate(graph.dependents):
        for relation, dependent in edges:
            tip = "left" if dependent < governor else "right"
            status = lit.get((governor, relation, dependent), "")
            yield _Line((governor, dependent), relation, tip, status)


def _orders(sentence: ExplainedSentence) -> Iterator[_Line]:
    """Yield what a rule found in the order of the words, which is no edge of the graph."""
    seen: set[Step] = set()
    for mention in sentence.mentions:
        for step in mention.fired.steps if mention.fired else ():
            start, operator, _, end = step
            if operator in (".", "-", "..", "--") and step not in seen:
                seen.add(step)
                label = ORDER[operator].removeprefix("{a} stands ").removesuffix(" {b}")
                yield _Line((start, end), label, "", mention.status)


def _arcs(lines: Sequence[_Line], ways: Sequence[Course], base: float, side: int) -> Iterator[str]:
    # What a rule went along is drawn last, and every label over every line.
    order = sorted(range(len(lines)), key=lambda n: bool(lines[n].status))
    for n in order:
        line, way = lines[n], ways[n]
        y = base + side * (LEVEL * way.level)
        kind = f"arc lit {line.status}" if line.status else "arc"
        if side > 0:
            kind += " order"
        turn = RADIUS if way.end - way.start > 2 * RADIUS else (way.end - way.start) / 2
        near = y - side * turn
        path = (
            f"M{way.start:.1f} {base:.1f}V{near:.1f}"
            f"Q{way.start:.1f} {y:.1f} {way.start + turn:.1f} {y:.1f}H{way.end - turn:.1f}"
            f"Q{way.end:.1f} {y:.1f} {way.end:.1f} {near:.1f}V{base:.1f}"
        )
        yield f'<path class="{kind}" d="{path}"/>'
        if line.tip:
            kind = f"tip lit {line.status}" if line.status else "tip"
            x = way.start if line.tip == "left" else way.end
            yield (
                f'<path class="{kind}" d="M{x:.1f} {base + 2:.1f}'
                f'l{-TIP / 2:g} {-TIP - 1:g}h{TIP:g}z"/>'
            )
    for n in order:
        line, way = lines[n], ways[n]
        y = base + side * (LEVEL * way.level)
        box = line.arc.width
        kind = f"relation lit {line.status}" if line.status else "relation"
        yield (
            f'<rect class="halo" x="{way.label - box / 2:.1f}" y="{y - 7:.1f}"'
            f' width="{box:.1f}" height="14"/>'
            f'<text class="{kind}" x="{way.label:.1f}" y="{y + 3.5:.1f}">'
            f"{escape(line.label)}</text>"
        )


def _word(
    x: float, top: float, name: str, note: str, width: float, mention: ExplainedMention | None
) -> Iterator[str]:
    if mention is not None:
        yield (
            f'<rect class="pill {mention.status}" x="{x - width / 2:.1f}" y="{top + 3:.1f}"'
            f' width="{width:.1f}" height="{PILL - 4:g}" rx="6"/>'
        )
    kind = f"word mention {mention.status}" if mention else "word"
    yield f'<text class="{kind}" x="{x:.1f}" y="{top + 20:.1f}">{escape(name)}</text>'
    yield f'<text class="note" x="{x:.1f}" y="{top + PILL + 11:.1f}">{escape(note)}</text>'
