"""Draws the dependency graph of a sentence: words in rows, and arcs for their relations."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from unicodedata import east_asian_width

from chestx.labeler.explanation.arcs import GAP, Arc, Course, centres, courses, ports
from chestx.labeler.explanation.explain import ExplainedMention, ExplainedSentence
from chestx.labeler.explanation.path import path_edges
from chestx.labeler.explanation.reason import ORDER
from chestx.labeler.graph.dependencies import Graph

WORD, SMALL, BOLD = 16.0, 11.0, 1.12
PILL, PAD = 28.0, 9.0
LEVEL, RADIUS, TIP = 24.0, 8.0, 6.0
# Rows this wide are still legible on a printed page.
ROW = 900.0
# On a small screen a drawing shrinks this far, then it scrolls.
SHRINK = 0.75
LONGEST_NAME = 18
NARROW, WIDE = frozenset(" .,:;'|!/()[]{}fijlrtI-"), frozenset("mwMW@%&")


@dataclass(frozen=True, slots=True)
class _Word:
    name: str
    note: str
    mention: ExplainedMention | None

    @property
    def width(self) -> float:
        weight, pad = (BOLD, 2 * PAD) if self.mention else (1, 4)
        return max(weight * text_width(self.name, WORD), text_width(self.note, SMALL)) + pad


@dataclass(frozen=True, slots=True)
class _Line:
    """An arc from word `left` to `right`; the arrow points to `tip`, one of the two, or nowhere.

    `status` is that of the mention whose rule went along it, empty for none.
    """

    left: int
    right: int
    label: str
    tip: int | None
    status: str

    @property
    def arc(self) -> Arc:
        weight = BOLD if self.status else 1.0
        return Arc(self.left, self.right, weight * text_width(self.label, SMALL) + 8)

    @property
    def kind(self) -> str:
        return f"lit {self.status}" if self.status else ""


def draw(sentence: ExplainedSentence, graph: Graph) -> str:
    """Return the graph as SVG elements, one a row; colours and fonts are up to the page."""
    words = _words(sentence, graph)
    lines, orders = [*_relations(sentence, graph)], [*_orders(sentence)]
    rows = [_row(words, lines, orders, start, stop) for start, stop in _rows(words, lines)]
    # Of one width, so that a page that is too narrow shrinks all of them alike.
    width = max(row_width for _, row_width, _ in rows)
    title = escape(" ".join(word.name for word in words))
    return "".join(
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}"'
        f' style="min-width:{SHRINK * width:.0f}px" role="img">'
        f"<title>Dependency graph: {title}</title>{row}</svg>"
        for row, _, height in rows
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


def _words(sentence: ExplainedSentence, graph: Graph) -> list[_Word]:
    mentions = {mention.node: mention for mention in sentence.mentions}
    words = []
    for position, node in enumerate(graph.nodes):
        mention = mentions.get(position)
        if mention is None:
            words.append(_Word(node.word, "" if node.tag == node.word else node.tag, None))
        else:
            name = " ".join(mention.text.split())
            words.append(_Word(name, f"{node.word} {node.tag}".strip(), mention))
    return words


def _relations(sentence: ExplainedSentence, graph: Graph) -> Iterator[_Line]:
    lit = {
        edge: mention.status
        for mention in reversed(sentence.mentions)
        if mention.fired
        for edge in path_edges(graph, mention.fired.steps)
    }
    for governor, edges in enumerate(graph.dependents):
        for relation, dependent in edges:
            left, right = min(governor, dependent), max(governor, dependent)
            status = lit.get((governor, relation, dependent), "")
            yield _Line(left, right, relation, dependent, status)


def _orders(sentence: ExplainedSentence) -> Iterator[_Line]:
    """Yield what a rule found in the order of the words, which is no edge of the graph."""
    found: dict[tuple[int, str, int], _Line] = {}
    for mention in sentence.mentions:
        for start, operator, _, end in mention.fired.steps if mention.fired else ():
            if operator in (".", "-", "..", "--"):
                label = ORDER[operator].removeprefix("{a} stands ").removesuffix(" {b}")
                line = _Line(min(start, end), max(start, end), label, None, mention.status)
                found.setdefault((start, operator, end), line)
    yield from found.values()


def _rows(words: Sequence[_Word], lines: Sequence[_Line]) -> Iterator[tuple[int, int]]:
    """Break the words into rows, judged by where they would stand in a single one."""
    arcs = [line.arc for line in lines]
    middles = centres([word.width for word in words], arcs, ports(arcs))
    start = 0
    for position, word in enumerate(words):
        left = middles[start] - words[start].width / 2
        if position > start and middles[position] + word.width / 2 - left > ROW:
            yield start, position
            start = position
    yield start, len(words)


def _row(
    words: Sequence[_Word],
    lines: Sequence[_Line],
    orders: Sequence[_Line],
    start: int,
    stop: int,
) -> tuple[str, float, float]:
    """Return the drawing of a row, its width and its height."""
    lines, orders = ([*_cut(group, words, start, stop)] for group in (lines, orders))
    # The margins are words without a width, on which arcs from and to other rows end.
    widths = [0.0, *(word.width for word in words[start:stop]), 0.0]
    above, below = [line.arc for line in lines], [order.arc for order in orders]
    high, low = ports(above), ports(below)
    middles = centres(widths, [*above, *below], [*high, *low])
    over, under = courses(above, middles, high), courses(below, middles, low)
    margin = len(widths) - 1
    top = 16 + LEVEL * max((course.level for course in over), default=0)
    foot = top + PILL + 20
    parts = [*_arcs(lines, over, margin, top, -1), *_arcs(orders, under, margin, foot, 1)]
    for word, middle in zip(words[start:stop], middles[1:], strict=False):
        parts += _drawn(word, middle, top)
    right = max([middles[-1], *(course.end for course in over)])
    depth = LEVEL * max((course.level for course in under), default=0)
    return "".join(parts), right + GAP, foot + depth + (10 if under else 0)


def _cut(lines: Iterable[_Line], words: Sequence[_Word], start: int, stop: int) -> Iterator[_Line]:
    """Yield the arcs of a row by its own count of words, 1 being the first.

    One that leads to another row ends on the margin and names the word there; one that only
    passes by is not drawn.
    """
    for line in lines:
        inside = [start <= end < stop for end in (line.left, line.right)]
        left, right = max(line.left, start - 1), min(line.right, stop)
        tip = None if line.tip is None or not start <= line.tip < stop else line.tip - start + 1
        if any(inside):
            label = line.label
            if not all(inside):
                far = words[line.right if inside[0] else line.left].name[:LONGEST_NAME]
                label = f"{label} … {far}" if inside[0] else f"{far} … {label}"
            yield replace(
                line, left=left - start + 1, right=right - start + 1, label=label, tip=tip
            )


def _arcs(
    lines: Sequence[_Line], ways: Sequence[Course], margin: int, base: float, side: int
) -> Iterator[str]:
    """Yield the arcs above (`side` -1) or below (1): those of a rule's path last, then labels."""
    drawn = sorted(zip(lines, ways, strict=True), key=lambda pair: bool(pair[0].status))
    for line, way in drawn:
        y = base + side * LEVEL * way.level
        kind = f"arc {line.kind}" if side < 0 else f"arc order {line.kind}"
        yield f'<path class="{kind.strip()}" d="{_course(line, way, margin, base, y)}"/>'
        if line.tip is not None:
            x = way.start if line.tip == line.left else way.end
            yield (
                f'<path class="{f"tip {line.kind}".strip()}" d="M{x:.1f} {base + 2:.1f}'
                f'l{-TIP / 2:g} {-TIP - 1:g}h{TIP:g}z"/>'
            )
    for line, way in drawn:
        y, box = base + side * LEVEL * way.level, line.arc.width
        yield (
            f'<rect class="halo" x="{way.label - box / 2:.1f}" y="{y - 7:.1f}"'
            f' width="{box:.1f}" height="14"/>'
            f'<text class="{f"relation {line.kind}".strip()}" x="{way.label:.1f}"'
            f' y="{y + 3.5:.1f}">{escape(line.label)}</text>'
        )


def _course(line: _Line, way: Course, margin: int, base: float, y: float) -> str:
    """Return the path of an arc: up, along and down, or straight on to the margin."""
    turn = min(RADIUS, (way.end - way.start) / 2)
    near = y + turn if y < base else y - turn
    begin, end = f"M{way.start:.1f} {base:.1f}V{near:.1f}", f"V{base:.1f}"
    if line.left == 0:
        begin = f"M{way.start:.1f} {y:.1f}"
    else:
        begin += f"Q{way.start:.1f} {y:.1f} {way.start + turn:.1f} {y:.1f}"
    if line.right == margin:
        return f"{begin}H{way.end:.1f}"
    return f"{begin}H{way.end - turn:.1f}Q{way.end:.1f} {y:.1f} {way.end:.1f} {near:.1f}{end}"


def _drawn(word: _Word, x: float, top: float) -> Iterator[str]:
    kind = "word"
    if word.mention is not None:
        kind = f"word mention {word.mention.status}"
        yield (
            f'<rect class="pill {word.mention.status}" x="{x - word.width / 2:.1f}"'
            f' y="{top + 3:.1f}" width="{word.width:.1f}" height="{PILL - 4:g}" rx="6"/>'
        )
    yield f'<text class="{kind}" x="{x:.1f}" y="{top + 20:.1f}">{escape(word.name)}</text>'
    if word.note:
        note = f'x="{x:.1f}" y="{top + PILL + 11:.1f}">{escape(word.note)}'
        yield f'<text class="note" {note}</text>'
