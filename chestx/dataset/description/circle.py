"""The circle of Figures 2 and 8 of Wang et al. 2017: which classes are found together.

An arc is as long as the class has images. An image with k classes gives 1 / (k - 1) of itself to
each of the k - 1 ribbons that leave one of its classes: counted whole it would be in several, and
the ribbons would not fit the arc. So they take up the class's `Ov.` images of its arc, and the bare
rest are those with the class alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch, Wedge
from matplotlib.path import Path

from chestx.dataset.description.ink import COLOURS, DARK, GREY, new_figure, text_inches
from chestx.dataset.description.statistics import Statistics

INCHES = 2.35
"""Radius of the circle on paper."""
RING = 0.05
GAP = np.deg2rad(1.6)
LABELS = 1.16
"""Radius of the circle on which the labels stand."""
LINE = 0.115
"""Distance of two labels, at least."""
LETTERS, SMALL, SPACE = 9.0, 7.8, 0.05
LINE_END, LABEL = 0.03, 0.06
"""How far from the bend of its line a label's line ends, and the label begins."""
MARGIN = 0.06
HAIR = 0.012
"""A ribbon that is narrower has no white edge, which would eat it up."""
CAPTION = (
    "Arc: images of a class. Ribbon: images of two classes. Bare arc: images of one class alone."
)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Arc:
    """A class on the circle, from `start` clockwise over `extent`, in radians from the top."""

    name: str
    start: float
    extent: float
    colour: str

    @property
    def middle(self) -> float:
        """The angle of its label."""
        return self.start + self.extent / 2


def draw_circle(statistics: Statistics) -> Figure:
    """Draw the classes that have images; the others have no arc."""
    figure = new_figure(1, 1)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    arcs = _arcs(statistics.counts)
    _draw_ribbons(axes, arcs, statistics)
    for arc in arcs.values():
        start, end = 90 - np.rad2deg(arc.start + arc.extent), 90 - np.rad2deg(arc.start)
        axes.add_patch(Wedge((0, 0), 1, start, end, width=RING, color=arc.colour, linewidth=0))
    right, bottom, top = _draw_labels(axes, list(arcs.values()), statistics)
    bottom -= 0.16
    axes.text(0, bottom, CAPTION, ha="center", va="bottom", fontsize=SMALL, color=GREY)
    right = max(right, text_inches(CAPTION, SMALL) / INCHES / 2) + MARGIN
    bottom, top = bottom - MARGIN, top + MARGIN
    axes.set_xlim(-right, right)
    axes.set_ylim(bottom, top)
    figure.set_size_inches(2 * right * INCHES, (top - bottom) * INCHES)
    return figure


def _arcs(counts: Mapping[str, int]) -> dict[str, Arc]:
    present = {name: number for name, number in counts.items() if number}
    gap = GAP if len(present) > 1 else 0.0
    scale = (2 * np.pi - gap * len(present)) / sum(present.values())
    arcs, start = {}, gap / 2
    for place, (name, number) in enumerate(present.items()):
        arcs[name] = Arc(name, start, number * scale, COLOURS[place % len(COLOURS)])
        start += number * scale + gap
    return arcs


def _draw_ribbons(axes: Axes, arcs: Mapping[str, Arc], statistics: Statistics) -> None:
    ends = {
        (name, other): place
        for name in arcs
        for other, place in _ends(name, arcs, statistics).items()
    }
    # The narrow ones come last, so that none is hidden.
    for pair in sorted(statistics.shares, key=lambda pair: -statistics.shares[pair]):
        one, other = pair
        rarer = min(pair, key=lambda name: statistics.counts[name])
        path = _ribbon(ends[one, other], ends[other, one])
        edge = 0.3 if ends[one, other][1] - ends[one, other][0] > HAIR else 0.0
        colour = arcs[rarer].colour
        axes.add_patch(PathPatch(path, fc=colour, alpha=0.6, ec="white", lw=edge))


def _ends(
    name: str, arcs: Mapping[str, Arc], statistics: Statistics
) -> dict[str, tuple[float, float]]:
    """Return from where to where each ribbon of a class takes of its arc.

    Going clockwise along the arc, its partners come counter-clockwise: the ribbons of a class do
    not cross each other.
    """
    arc = arcs[name]
    names = list(arcs)
    place = names.index(name)
    partners = names[:place][::-1] + names[place + 1 :][::-1]
    shares = {p: statistics.shares.get(_pair(names, name, p), 0.0) for p in partners}
    scale = arc.extent / statistics.counts[name]
    at, ends = arc.start + (arc.extent - sum(shares.values()) * scale) / 2, {}
    for partner, share in shares.items():
        if share:
            ends[partner] = (at, at + share * scale)
            at += share * scale
    return ends


def _pair(names: Sequence[str], one: str, other: str) -> tuple[str, str]:
    return (one, other) if names.index(one) < names.index(other) else (other, one)


def _ribbon(one: tuple[float, float], other: tuple[float, float]) -> Path:
    """Return the outline between two stretches of the circle."""
    radius = 1 - RING - 0.012
    between = abs((sum(one) - sum(other)) / 2)
    between = min(between, 2 * np.pi - between)
    # Neighbours are joined by a flat bow, opposite classes through the middle.
    depth = radius * (1 - min(1.0, 0.35 + 0.6 * between / np.pi))
    points = [_at(radius, _stretch(*one)), *_bow(depth, one[1], other[0])]
    points += [_at(radius, _stretch(*other)), *_bow(depth, other[1], one[0])]
    vertices = np.concatenate([*points, points[0][:1]])
    line = [Path.LINETO] * (len(points[0]) - 1)
    curve = [Path.CURVE4, Path.CURVE4, Path.CURVE4]
    codes = [Path.MOVETO, *line, *curve, *line, *curve]
    return Path(vertices, codes)


def _stretch(start: float, end: float) -> Floats:
    return np.linspace(start, end, 24)


def _bow(depth: float, start: float, end: float) -> list[Floats]:
    return [_at(depth, np.array([start, end]))]


def _at(radius: float, angles: Floats) -> Floats:
    """Return the points at angles clockwise from the top."""
    return radius * np.column_stack([np.sin(angles), np.cos(angles)])


def _draw_labels(
    axes: Axes, arcs: Sequence[Arc], statistics: Statistics
) -> tuple[float, float, float]:
    """Write the names beside the circle; return the farthest side, the lowest, the highest."""
    right, bottom, top = 1.0, -1.0, 1.0
    for side in (1, -1):
        here = [arc for arc in arcs if (np.sin(arc.middle) >= 0) == (side > 0)]
        here.sort(key=lambda arc: np.cos(arc.middle))
        heights = _apart([1.12 * np.cos(arc.middle) for arc in here])
        reach = 0.0
        # From the top downwards each line ends farther out than the last, so that none cross.
        for arc, height in reversed(list(zip(here, heights, strict=True))):
            (edge,), (bend,) = (_at(r, np.array([arc.middle])) for r in (1.012, 1.06))
            circle = np.sqrt(max(LABELS**2 - height**2, 0.0))
            reach = max(circle, abs(bend[0]) + 0.05, reach if height > 0 else 0.0)
            axes.plot(
                [edge[0], bend[0], side * reach, side * (reach + LINE_END)],
                [edge[1], bend[1], height, height],
                color=arc.colour,
                lw=0.8,
                solid_joinstyle="round",
            )
            length = _write_label(
                axes, arc.name, statistics.counts[arc.name], side * (reach + LABEL), height, side
            )
            right = max(right, reach + LABEL + length)
            bottom, top = min(bottom, height - LINE / 2), max(top, height + LINE / 2)
    return right, bottom, top


def _write_label(axes: Axes, name: str, number: int, x: float, y: float, side: int) -> float:
    """Write name and number beside a point, to the left of it for the side -1; return the length.

    Lengths are measured, since the drawing is as wide as its labels need.
    """
    y -= 0.03
    words, digits = name.replace("_", " "), f"{number:,}"
    long, short = text_inches(words, LETTERS) / INCHES, text_inches(digits, SMALL) / INCHES
    length = long + SPACE + short
    # Beside the line each text is fixed by the end that is there: its length is of the ink alone.
    first, second = (x, x + long + SPACE) if side > 0 else (x - short - SPACE, x)
    edge = "left" if side > 0 else "right"
    axes.text(first, y, words, fontsize=LETTERS, color=DARK, ha=edge)
    axes.text(second, y, digits, fontsize=SMALL, color=GREY, ha=edge)
    return length


def _apart(heights: Sequence[float]) -> list[float]:
    """Move ascending heights as little as possible until they are a line apart.

    Neighbours that are too close form a block around the mean of their wishes (isotonic
    regression by pooling of adjacent violators).
    """
    blocks: list[tuple[float, int]] = []
    for place, wish in enumerate(heights):
        mean, size = wish - place * LINE, 1
        while blocks and blocks[-1][0] > mean:
            before, number = blocks.pop()
            mean = (before * number + mean * size) / (number + size)
            size += number
        blocks.append((mean, size))
    settled = [mean for mean, size in blocks for _ in range(size)]
    return [mean + place * LINE for place, mean in enumerate(settled)]
