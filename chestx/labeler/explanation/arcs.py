"""The geometry of a sentence with arcs over its words, so that no label hides another.

Lengths are in pixels of the drawing. An arc rises from one word, runs level and comes down on
another; at a word every arc has a port of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

PORT, RADIUS, GAP, MARGIN = 9.0, 8.0, 14.0, 5.0


@dataclass(frozen=True, slots=True)
class Arc:
    """An arc between the words `left` and `right`; `width` is that of its label."""

    left: int
    right: int
    width: float

    @property
    def rank(self) -> tuple[int, int]:
        """Short arcs come first: they run lowest and stand outermost at their words."""
        return (self.right - self.left, self.left)


@dataclass(frozen=True, slots=True)
class Course:
    """Where an arc runs: from `start` to `end` at `level` (1 is lowest), labelled at `label`."""

    start: float
    end: float
    level: int
    label: float


def ports(arcs: Sequence[Arc]) -> list[tuple[float, float]]:
    """Return how far from the middle of its words each arc stands: left word, right word."""
    order = sorted(range(len(arcs)), key=lambda n: (*arcs[n].rank, n))
    at: dict[int, list[tuple[int, int]]] = {}
    # From left to right: arcs to the left, short ones first, then those to the right, short last.
    for n in order:
        at.setdefault(arcs[n].right, []).append((n, 1))
    for n in reversed(order):
        at.setdefault(arcs[n].left, []).append((n, 0))
    offsets = [[0.0, 0.0] for _ in arcs]
    for ends in at.values():
        for place, (n, side) in enumerate(ends):
            offsets[n][side] = (place - (len(ends) - 1) / 2) * PORT
    return [(left, right) for left, right in offsets]


def centres(
    widths: Sequence[float], arcs: Sequence[Arc], offsets: Sequence[tuple[float, float]]
) -> list[float]:
    """Return the middle of each word: as close as words, ports and labels allow."""
    places = list(zip(arcs, offsets, strict=True))
    crowds = [
        max((2 * abs(o) + PORT for a, ends in places for w, o in
             zip((a.left, a.right), ends, strict=True) if w == word), default=0.0)
        for word in range(len(widths))
    ]  # fmt: skip
    halves = [max(width, crowd) / 2 for width, crowd in zip(widths, crowds, strict=True)]
    found: list[float] = []
    for word, half in enumerate(halves):
        x = found[-1] + halves[word - 1] + GAP + half if found else half
        for arc, (left, right) in places:
            if arc.right == word:
                x = max(x, found[arc.left] + left + arc.width + 2 * RADIUS - right)
        found.append(x)
    return found


def courses(
    arcs: Sequence[Arc], middles: Sequence[float], offsets: Sequence[tuple[float, float]]
) -> list[Course]:
    """Return how each arc runs: above all that it spans, beside no other on its level."""
    spans = [
        (middles[arc.left] + left, middles[arc.right] + right)
        for arc, (left, right) in zip(arcs, offsets, strict=True)
    ]
    levels = [0] * len(arcs)
    placed: list[int] = []
    for n in sorted(range(len(arcs)), key=lambda n: (*arcs[n].rank, n)):
        start, end = spans[n]
        overlapping = [m for m in placed if spans[m][0] < end + MARGIN]
        overlapping = [m for m in overlapping if start - MARGIN < spans[m][1]]
        inside = [levels[m] for m in overlapping if start < spans[m][0] and spans[m][1] < end]
        taken = {levels[m] for m in overlapping}
        level = max(inside, default=0) + 1
        while level in taken:
            level += 1
        levels[n] = level
        placed.append(n)
    return [
        Course(*spans[n], levels[n], _label_place(n, arcs[n].width, spans, levels))
        for n in range(len(arcs))
    ]


def _label_place(
    arc: int, width: float, spans: Sequence[tuple[float, float]], levels: Sequence[int]
) -> float:
    """Return the middle of the label: nearest to the arc's own where no higher arc cuts it."""
    start, end = spans[arc]
    middle, half = (start + end) / 2, width / 2 + MARGIN / 2
    cuts = [x for n, span in enumerate(spans) if levels[n] > levels[arc] for x in span]
    free = [
        x
        for x in (middle, *(cut + side * half for cut in cuts for side in (-1, 1)))
        if start + half <= x <= end - half and all(abs(x - cut) >= half for cut in cuts)
    ]
    return min(free, key=lambda x: abs(x - middle), default=middle)
