"""How large the lesions are that radiologists have framed: width and height, class by class."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from matplotlib.figure import Figure

from chestx.dataset.description.drawn_box import DrawnBox
from chestx.dataset.description.ink import BLUE, DARK, GREY, PALE, VERMILION, new_figure

COLUMNS = 4
PANEL = 1.55
"""Edge of a panel in inches."""
LEFT, BOTTOM, ABOVE, BESIDE = 0.66, 0.52, 0.32, 0.16


def draw_box_sizes(classes: Sequence[str], boxes: Sequence[DrawnBox]) -> Figure:
    """Draw a panel per class that has boxes, all others in pale behind, the median as a cross."""
    sizes: dict[str, list[tuple[float, float]]] = {}
    for box in boxes:
        sizes.setdefault(box.label, []).append((box.width, box.height))
    names = [*(n for n in classes if n in sizes), *sorted(set(sizes) - set(classes))]
    columns = min(COLUMNS, len(names))
    rows = -(-len(names) // columns)
    width = LEFT + columns * (PANEL + BESIDE)
    height = BOTTOM + rows * (PANEL + ABOVE)
    figure = new_figure(width, height)
    everything = [size for found in sizes.values() for size in found]
    limit = 1.05 * max(max(size) for size in everything)
    for place, name in enumerate(names):
        row, column = divmod(place, columns)
        left = LEFT + column * (PANEL + BESIDE)
        bottom = BOTTOM + (rows - 1 - row) * (PANEL + ABOVE)
        axes = figure.add_axes((left / width, bottom / height, PANEL / width, PANEL / height))
        dots: dict[str, Any] = {"s": 5, "linewidths": 0, "rasterized": True}
        axes.scatter(*zip(*everything, strict=True), color=PALE, **dots)
        axes.scatter(*zip(*sizes[name], strict=True), color=BLUE, alpha=0.7, **dots)
        if len(sizes[name]) > 2:
            middle = tuple(median(values) for values in zip(*sizes[name], strict=True))
            axes.plot(*middle, marker="+", ms=9, mew=1.6, color=VERMILION)
        axes.set_title(name.replace("_", " "), fontsize=9, loc="left", color=DARK, pad=4)
        axes.set_title(str(len(sizes[name])), fontsize=8, loc="right", color=GREY, pad=4)
        axes.set_xlim(0, limit)
        axes.set_ylim(0, limit)
        axes.locator_params(nbins=4)
        axes.tick_params(
            length=2, labelsize=7.5, labelbottom=place + columns >= len(names), labelleft=not column
        )
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    middle_x = (LEFT + width - BESIDE) / 2 / width
    middle_y = (BOTTOM + height - ABOVE) / 2 / height
    figure.text(middle_x, 0.1 / height, "Width of box in pixels", ha="center")
    figure.text(0.08 / width, middle_y, "Height of box in pixels", va="center", rotation=90)
    return figure
