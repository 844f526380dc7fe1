"""Bars: how many images each class has, alone and together with other classes."""

from matplotlib.figure import Figure

from chestx.dataset.description.ink import BLUE, DARK, GREY, SKY, new_figure
from chestx.dataset.description.statistics import Statistics
from chestx.job.count import count

WIDTH = 6.5
TOP, BAR, BOTTOM = 0.36, 0.26, 0.36
"""Heights in inches: above the bars, of each, and below."""


def draw_class_counts(statistics: Statistics) -> Figure:
    """Draw a bar per class, the most frequent first; classes without an image are named too."""
    names = sorted(statistics.classes, key=lambda name: -statistics.counts[name])
    height = TOP + BAR * len(names) + BOTTOM
    figure = new_figure(WIDTH, height)
    longest = max(map(len, names))
    left = min(0.4, (0.075 * longest + 0.25) / WIDTH)
    axes = figure.add_axes((left, BOTTOM / height, 0.9 - left, BAR * len(names) / height))
    rows = range(len(names))
    shared = [statistics.overlaps[name] for name in names]
    alone = [statistics.counts[name] - statistics.overlaps[name] for name in names]
    axes.barh(rows, shared, 0.72, color=BLUE, label="with another class")
    axes.barh(rows, alone, 0.72, left=shared, color=SKY, label="alone")
    for row, name in enumerate(names):
        axes.annotate(
            f"{statistics.counts[name]:,}",
            (statistics.counts[name], row),
            xytext=(4, 0),
            textcoords="offset points",
            va="center_baseline",
            fontsize=8,
            color=DARK,
        )
    axes.set_yticks(rows, [name.replace("_", " ") for name in names], color=DARK)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlim(0, max(statistics.counts.values()))
    axes.set_xticks([])
    axes.tick_params(length=0)
    for side in ("top", "right", "bottom"):
        axes.spines[side].set_visible(False)
    figure.legend(
        loc="upper left",
        bbox_to_anchor=(left - 0.005, 1 - 0.1 / height),
        ncols=2,
        frameon=False,
        borderaxespad=0,
        borderpad=0,
        handlelength=0.9,
        handleheight=0.9,
        columnspacing=1.4,
    )
    figure.text(
        left,
        0.12 / height,
        f"No Finding: {count(statistics.no_finding, 'image')} of {statistics.images:,}",
        fontsize=8,
        color=GREY,
    )
    return figure
