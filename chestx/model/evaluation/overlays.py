"""Overlay pictures: the film as it is, and beside it the film under the heatmap of a class.

The film of the left carries lines alone, so that the lung can be judged; the right one shows where
the model looked. The heatmap is stretched over the whole film, as the film was over the network's
input.
"""

from collections.abc import Sequence
from math import floor, log10
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from chestx.model.equations.pixels import XYWH
from chestx.model.evaluation.canvas import (
    FOUND,
    HIT,
    LETTERS,
    MISS,
    PALE,
    SMALL,
    TRUTH,
    Canvas,
    Colour,
    Frame,
    Grey,
)
from chestx.model.evaluation.overlap import Region

LONGEST = 640
"""Pixels of the longer side of a film in the picture."""
MARGIN, GAP, TOP, FOOT, SIDE = 16, 12, 46, 40, 84
"""Around, between the films, above and below them, and for the scale of colours."""
NARROWEST = 260
"""A film of less than this has no room for the caption."""


class Marked(NamedTuple):
    """A box that a model found, and whether it hits the truth; None without truth."""

    box: XYWH
    hit: bool | None = None


class Entry(NamedTuple):
    """A line of the legend, or words alone."""

    words: str
    colour: Colour | None = None
    dashed: bool = False


class Seen(NamedTuple):
    """What a model sees of a class on a film.

    `score` in 0..1; `heatmap` [S, S] over the whole film, `limits` the values of its coldest and
    hottest colour, None for its own lowest and highest; `boxes` in pixels of the film; `region`
    bool [P, P] over the whole film, and whether it hits.
    """

    name: str
    score: float
    heatmap: npt.NDArray[np.floating]
    limits: tuple[float, float] | None = None
    boxes: Sequence[Marked] = ()
    region: Region | None = None
    region_hits: bool | None = None


def draw_judged(
    film: Grey,
    seen: Seen,
    truth: Sequence[XYWH],
    *,
    rule: str = "",
    spacing: tuple[float, float] | None = None,
) -> bytes:
    """Return the PNG of a film [H, W] with truth in dashed blue, hits in green, misses in red.

    `truth` are the boxes of the class in pixels of the film; `rule` says what a hit is ("IoU >
    0.3"). `spacing` is the size (x, y) in mm of a pixel of the film, above 0, None where it is not
    known; with it the film is shown in the body's own proportions.
    """
    hits = [marked.hit for marked in seen.boxes]
    if seen.region is not None and seen.region.any():
        hits.append(seen.region_hits)
    legend = [Entry("truth", TRUTH, dashed=True)]
    legend += [Entry("hit", HIT)] * any(hits)
    legend += [Entry("miss", MISS)] * (not all(hits))
    legend += [Entry("nothing found")] * (not hits)
    legend += [Entry(f"hit: {rule}")] * bool(rule)
    return _draw(film, seen, truth, legend, spacing)


def draw_seen(film: Grey, seen: Seen, *, spacing: tuple[float, float] | None = None) -> bytes:
    """Return the PNG of a film [H, W] without truth: what is found is yellow.

    `spacing` as in `draw_judged`.
    """
    found = bool(seen.boxes) or (seen.region is not None and bool(seen.region.any()))
    entry = Entry("found by the model", FOUND) if found else Entry("nothing found")
    return _draw(film, seen, (), [entry], spacing)


def nice_length(most: float) -> float:
    """Return the longest of 1, 2, 5, 10, 20, 50, ... that is not above `most`."""
    power = 10.0 ** floor(log10(most))
    # The logarithm of what is just below a power of ten is rounded up to it.
    return max(power * step for step in (0.5, 1, 2, 5) if power * step <= most)


def _draw(
    film: Grey,
    seen: Seen,
    truth: Sequence[XYWH],
    legend: Sequence[Entry],
    spacing: tuple[float, float] | None,
) -> bytes:
    width, height = _size(film, spacing)
    room = max(width, NARROWEST)
    canvas = Canvas(2 * MARGIN + GAP + SIDE + 2 * room, TOP + height + FOOT)
    plain = canvas.film(film, MARGIN, TOP, width, height)
    under = canvas.film(film, MARGIN + room + GAP, TOP, width, height)
    low, high = seen.limits or (float(seen.heatmap.min()), float(seen.heatmap.max()))
    canvas.heat(under, seen.heatmap, low, high)
    for frame in (plain, under):
        _mark(canvas, frame, seen, truth, named=frame is plain)
    if spacing is not None:
        _rule(canvas, plain, spacing)
    bar = under.left + width + 14
    canvas.bar(bar, TOP, 14, height, [f"{low:.3g}", f"{high:.3g}"])
    end = canvas.text(MARGIN, TOP / 2, seen.name.replace("_", " "))
    canvas.text(end + 12, TOP / 2, f"score {seen.score:.2f}", PALE, LETTERS)
    canvas.text(under.left, TOP / 2, "heatmap", PALE, SMALL)
    x, y = float(MARGIN), TOP + height + FOOT / 2
    for words, colour, dashed in legend:
        if colour is not None:
            canvas.swatch(x, y, colour, dashed=dashed)
            x += 34
        x = canvas.text(x, y, words, PALE, SMALL) + 22
    return canvas.png()


def _size(film: Grey, spacing: tuple[float, float] | None) -> tuple[int, int]:
    """Return width and height on the canvas, true to the body where the spacing is known."""
    rows, columns = film.shape
    x, y = spacing or (1.0, 1.0)
    scale = LONGEST / max(columns * x, rows * y)
    return max(1, round(columns * x * scale)), max(1, round(rows * y * scale))


def _mark(canvas: Canvas, frame: Frame, seen: Seen, truth: Sequence[XYWH], *, named: bool) -> None:
    """Draw the truth last: a found box that covers it would hide its dashes."""
    if seen.region is not None:
        canvas.region(frame, seen.region, _colour(seen.region_hits))
    for box, hit in seen.boxes:
        canvas.box(frame, box, _colour(hit))
    for box in truth:
        canvas.box(frame, box, TRUTH, dashed=True)
    if named:
        for box, hit in seen.boxes:
            if hit is not None:
                canvas.tag(frame, box, "hit" if hit else "miss", _colour(hit))


def _colour(hit: bool | None) -> Colour:
    return FOUND if hit is None else HIT if hit else MISS


def _rule(canvas: Canvas, frame: Frame, spacing: tuple[float, float]) -> None:
    """Draw a scale bar of at most a third of the film's width."""
    millimetres = spacing[0] / frame.scale_x
    length = nice_length(frame.width / 3 * millimetres)
    canvas.ruler(frame, length / millimetres, f"{length:g} mm")
