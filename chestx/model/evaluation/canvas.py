"""A film on a dark ground, with what a model saw drawn on it: the parts of an overlay picture."""

import io
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import matplotlib
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from chestx.model.equations.pixels import XYWH
from chestx.model.evaluation.overlap import Region

Grey = npt.NDArray[np.uint8]
Colour = tuple[int, int, int]

GROUND, WHITE, PALE, BLACK = (16, 18, 22), (244, 245, 247), (164, 170, 180), (0, 0, 0)
TRUTH, HIT, MISS, FOUND = (64, 156, 255), (58, 208, 104), (255, 84, 72), (255, 214, 64)
"""Blue, green and red, and the yellow of what has no truth beside it."""
LINE, HALO = 3, 5
LETTERS, SMALL = 18, 14
OPACITY = 0.65
"""Of the hottest place; the coldest is clear. In between it rises evenly: were it steeper, what is
cold amid lukewarm would look like a shadow of the film."""
_COLOURS = "inferno"
"""Perceptually uniform, and brighter throughout: it reads without colour vision too."""
_DASH = 11


class Frame(NamedTuple):
    """Where a film lies on the canvas: left and upper edge, and canvas pixels per film pixel."""

    left: int
    top: int
    scale_x: float
    scale_y: float
    width: int
    height: int

    def box(self, box: XYWH) -> tuple[float, float, float, float]:
        """Return left, top, right, bottom on the canvas of a box in pixels of the film."""
        x, y, width, height = box
        return (
            self.left + x * self.scale_x,
            self.top + y * self.scale_y,
            self.left + (x + width) * self.scale_x,
            self.top + (y + height) * self.scale_y,
        )


class Canvas:
    """A picture that grows by drawing; coordinates are pixels of the canvas."""

    def __init__(self, width: int, height: int) -> None:
        self._image = Image.new("RGB", (width, height), GROUND)
        self._draw = ImageDraw.Draw(self._image)

    def png(self) -> bytes:
        """Return the picture, without any metadata."""
        file = io.BytesIO()
        self._image.save(file, "PNG", compress_level=4)
        return file.getvalue()

    def film(self, film: Grey, left: int, top: int, width: int, height: int) -> Frame:
        """Put a film [H, W] there in this size."""
        rows, columns = film.shape
        picture = Image.fromarray(film).resize((width, height), Image.Resampling.LANCZOS)
        self._image.paste(picture.convert("RGB"), (left, top))
        return Frame(left, top, width / columns, height / rows, width, height)

    def heat(
        self, frame: Frame, heatmap: npt.NDArray[np.floating], low: float, high: float
    ) -> None:
        """Lay a heatmap [S, S] over a film, clear at `low`, most opaque at `high`."""
        share = np.clip((heatmap - low) / (high - low), 0, 1) if high > low else 0 * heatmap
        smooth = Image.fromarray(np.asarray(share, np.float32)).resize(
            (frame.width, frame.height), Image.Resampling.BICUBIC
        )
        share = np.clip(np.asarray(smooth), 0, 1)
        colour = Image.fromarray(_palette()[np.rint(255 * share).astype(np.uint8)])
        opacity = Image.fromarray(np.rint(255 * OPACITY * share).astype("u1"))
        self._image.paste(colour, (frame.left, frame.top), opacity)

    def box(self, frame: Frame, box: XYWH, colour: Colour, *, dashed: bool = False) -> None:
        """Draw a box around its place on the film, with a dark rim so that it shows on white too.

        The line runs outside: what is in a small box stays to be seen.
        """
        left, top, right, bottom = frame.box(box)
        left, top, right, bottom = left - 2, top - 2, right + 2, bottom + 2
        corners = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)]
        edges = [(*start, *end) for start, end in pairwise(corners)]
        self._lines(edges, colour, dashed=dashed)

    def region(self, frame: Frame, region: Region, colour: Colour) -> None:
        """Draw the outline of a region [P, P] of cells of the film."""
        across = frame.left + frame.width * np.arange(region.shape[1] + 1) / region.shape[1]
        down = frame.top + frame.height * np.arange(region.shape[0] + 1) / region.shape[0]
        padded = np.pad(region, 1)
        upright = np.argwhere(padded[1:-1, 1:] != padded[1:-1, :-1])
        level = np.argwhere(padded[1:, 1:-1] != padded[:-1, 1:-1])
        edges = [(across[x], down[y], across[x], down[y + 1]) for y, x in upright]
        edges += [(across[x], down[y], across[x + 1], down[y]) for y, x in level]
        self._lines(edges, colour, dashed=False)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        colour: Colour = WHITE,
        size: int = LETTERS,
        anchor: str = "lm",
    ) -> float:
        """Write words at a point (Pillow's `anchor`) and return where they end."""
        font = _font(size)
        self._draw.text((x, y), words, colour, font, anchor)
        return x + self._draw.textlength(words, font)

    def tag(self, frame: Frame, box: XYWH, words: str, colour: Colour) -> None:
        """Write words above a box, or inside of it where there is no room above."""
        left, top, _, _ = frame.box(box)
        font = _font(SMALL)
        rim = HALO + 3
        above = top - frame.top > SMALL + rim
        length = self._draw.textlength(words, font)
        x = min(max(left, frame.left + 2), frame.left + frame.width - length - 2)
        y = top - rim if above else top + rim
        self._draw.text(
            (x, y), words, colour, font, "ls" if above else "la", stroke_width=2, stroke_fill=BLACK
        )

    def bar(
        self, left: float, top: float, width: float, height: float, ends: Sequence[str]
    ) -> None:
        """Draw the colours of heatmaps from below upwards, `ends` beside lowest and highest."""
        colours = _palette()[::-1, np.newaxis]
        picture = Image.fromarray(np.ascontiguousarray(colours))
        self._image.paste(
            picture.resize((round(width), round(height)), Image.Resampling.BILINEAR),
            (round(left), round(top)),
        )
        for words, y, anchor in zip(ends, (top + height, top), ("ls", "la"), strict=True):
            self.text(left + width + 6, y, words, PALE, SMALL, anchor)

    def ruler(self, frame: Frame, length: float, words: str) -> None:
        """Draw a scale bar of `length` canvas pixels in the lower left corner of a film."""
        x, y = frame.left + 18, frame.top + frame.height - 18
        ticks = [(end, y - 5, end, y + 5) for end in (x, x + length)]
        self._lines([(x, y, x + length, y), *ticks], WHITE, dashed=False)
        self._draw.text(
            (x + 8, y - 9), words, WHITE, _font(SMALL), "ls", stroke_width=2, stroke_fill=BLACK
        )

    def swatch(self, x: float, y: float, colour: Colour, *, dashed: bool = False) -> None:
        """Draw the piece of line that a legend shows."""
        self._lines([(x, y, x + 26, y)], colour, dashed=dashed)

    def _lines(
        self, edges: Sequence[tuple[float, float, float, float]], colour: Colour, *, dashed: bool
    ) -> None:
        """Between the dashes of a line another one stays to be seen."""
        pieces = [p for edge in edges for p in (_dashes(*edge) if dashed else [edge])]
        for ink, width in ((BLACK, HALO), (colour, LINE)):
            for piece in pieces:
                self._stroke(*piece, ink, width)

    def _stroke(
        self, x0: float, y0: float, x1: float, y1: float, colour: Colour, width: int
    ) -> None:
        """Fill a level or upright line with square ends, so that corners close."""
        half = width // 2
        (left, right), (top, bottom) = (
            sorted((round(x0), round(x1))),
            sorted((round(y0), round(y1))),
        )
        self._draw.rectangle((left - half, top - half, right + half, bottom + half), colour)


def _dashes(x0: float, y0: float, x1: float, y1: float) -> list[tuple[float, float, float, float]]:
    """Cut a line into an odd number of equal pieces and return every other one."""
    length = abs(x1 - x0) + abs(y1 - y0)
    number = max(1, round(length / _DASH)) | 1
    at = np.linspace(0, 1, number + 1)
    return [
        (x0 + a * (x1 - x0), y0 + a * (y1 - y0), x0 + b * (x1 - x0), y0 + b * (y1 - y0))
        for a, b in zip(at[:-1:2], at[1::2], strict=True)
    ]


def _palette() -> npt.NDArray[np.uint8]:
    colours = matplotlib.colormaps[_COLOURS](np.linspace(0.25, 1, 256))[:, :3]
    palette: npt.NDArray[np.uint8] = np.rint(255 * colours).astype(np.uint8)
    return palette


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    """Return the letters of the other figures; they come with matplotlib."""
    file = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    return ImageFont.truetype(file, size, layout_engine=ImageFont.Layout.BASIC)
