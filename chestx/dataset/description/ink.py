"""What the figures have in common: their colours, and files that are the same every time."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.textpath import TextPath

DOTS_PER_INCH = 200
DARK = "#222222"
GREY = "#6b6b6b"
PALE = "#d9d9d9"
BLUE, SKY, VERMILION = "#0072b2", "#56b4e9", "#d55e00"
COLOURS = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#cc79a7",
    "#56b4e9",
    "#5e3c99",
    "#b15928",
    "#d55e00",
    "#17497a",
    "#8c8c8c",
    "#f3c64f",
    "#8e3b6e",
    "#4f6f3a",
    "#8a8a2f",
    "#c3bb5f",
    "#7fc5c0",
    "#8f1d14",
    "#4d4d4d",
    "#a58ad0",
    "#d9a98c",
)
"""Okabe and Ito's colours, then darker and lighter ones, in an order in which neighbours differ for
colour-blind eyes too (CIE 1976 difference above 15 in the model of Machado et al. 2009)."""

_SETTINGS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.color": DARK,
    "axes.edgecolor": GREY,
    "axes.labelcolor": DARK,
    "xtick.color": GREY,
    "ytick.color": GREY,
    # Ids inside of an SVG come from this instead of from chance.
    "svg.hashsalt": "chestx",
}
_NO_METADATA = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None, "Format": None, "Type": None},
}


@contextmanager
def drawing() -> Iterator[None]:
    """Draw with these settings alone, whatever the user's `matplotlibrc` says."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of a size in inches that pyplot does not know of."""
    figure = Figure(figsize=(width, height), dpi=DOTS_PER_INCH, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def text_inches(words: str, size: float) -> float:
    """Return how long a text is on paper in letters of `size` points."""
    return float(TextPath((0, 0), words, size=size).get_extents().width) / 72


def file_bytes(figure: Figure, kind: str) -> bytes:
    """Return the figure as "png" or "svg", without date or version."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, metadata=_NO_METADATA[kind])
    return buffer.getvalue()
