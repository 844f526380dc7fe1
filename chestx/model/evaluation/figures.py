"""`roc.png`: the ROC curves of all classes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from sklearn.metrics import roc_curve

from chestx.dataset.description.ink import (
    COLOURS,
    DARK,
    GREY,
    PALE,
    drawing,
    file_bytes,
    new_figure,
)
from chestx.model.evaluation.roc import Auc, MeanAuc

ROC = "roc.png"
SIZE = 4.6
"""Edge of the panel in inches."""
LEFT, BOTTOM, ABOVE, LEGEND, LINE = 0.62, 0.55, 0.12, 3.15, 0.24
HUES, STYLES = (0, 1, 2, 3, 4, 7, 5), ("-", (0, (5, 1.6)), (0, (1.2, 1.2)))
"""Seven colours that colour-blind eyes tell apart (Okabe and Ito, and a purple), then the same
dashed and dotted."""


def draw_roc(
    ranks: npt.NDArray[np.floating],
    targets: npt.NDArray[np.integer],
    auc: Mapping[str, Auc],
    mean: MeanAuc,
) -> bytes:
    """Return the PNG of the curves of N images x C classes, the classes in the order of `auc`.

    Ranks and targets as in `auc_by_class`.
    The legend goes from the highest AUC to the lowest; classes without one stand last, with what
    is missing.
    """
    with drawing():
        width, height = LEFT + SIZE + LEGEND, BOTTOM + SIZE + ABOVE
        figure = new_figure(width, height)
        axes = figure.add_axes((LEFT / width, BOTTOM / height, SIZE / width, SIZE / height))
        axes.plot([0, 1], [0, 1], color=PALE, lw=1, zorder=0)
        styles = _styles(list(auc))
        for column, (name, found) in enumerate(auc.items()):
            if found.value is not None:
                known = targets[:, column] >= 0
                target, rank = targets[known, column], ranks[known, column]
                false_alarms, sensitivity, _ = roc_curve(target, rank)
                colour, dashes = styles[name]
                axes.plot(false_alarms, sensitivity, color=colour, ls=dashes, lw=1.25)
        _draw_axes(axes)
        _draw_legend(axes, auc, mean, styles)
        return file_bytes(figure, "png")


def _styles(names: Sequence[str]) -> dict[str, tuple[str, Any]]:
    return {
        name: (COLOURS[HUES[at % len(HUES)]], STYLES[at // len(HUES) % len(STYLES)])
        for at, name in enumerate(names)
    }


def _draw_axes(axes: Axes) -> None:
    axes.set_xlim(-0.005, 1)
    axes.set_ylim(0, 1.005)
    axes.set_xlabel("1 - specificity")
    axes.set_ylabel("Sensitivity")
    axes.set_xticks(np.linspace(0, 1, 6))
    axes.set_yticks(np.linspace(0, 1, 6))
    axes.grid(color=PALE, lw=0.4)
    axes.set_axisbelow(True)
    axes.tick_params(length=2)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _draw_legend(
    axes: Axes, auc: Mapping[str, Auc], mean: MeanAuc, styles: Mapping[str, tuple[str, Any]]
) -> None:
    """Write the classes beside the panel, in inches from its upper right corner."""
    ordered = sorted(auc, key=lambda name: -(auc[name].value or -1))
    step = min(LINE, SIZE / (len(auc) + 3)) / SIZE
    x = {"line": 1.03, "end": 1.09, "name": 1.11, "auc": 1.47, "interval": 1.66}
    y = 1 - step / 2
    across = axes.transAxes
    small: dict[str, Any] = {"transform": across, "va": "center", "fontsize": 7.5, "color": GREY}
    axes.text(x["auc"], y, "AUC", ha="right", **small)
    axes.text(x["interval"], y, "95% interval", ha="right", **small)
    for name in [*ordered, ""]:
        y -= step if name else 1.35 * step
        found = auc[name] if name else mean
        words = name.replace("_", " ") or "Mean"
        plain: dict[str, Any] = {"transform": across, "va": "center", "fontsize": 8.5}
        colour = DARK if found.value is not None else GREY
        axes.text(x["name"], y, words, color=colour, **plain)
        if found.value is None:
            axes.text(x["interval"], y, _missing(found), ha="right", **small)
            continue
        if name:
            hue, dashes = styles[name]
            ends = [x["line"], x["end"]]
            axes.plot(ends, [y, y], transform=across, color=hue, ls=dashes, lw=1.6, clip_on=False)
        axes.text(x["auc"], y, f"{found.value:.3f}", ha="right", color=DARK, **plain)
        if found.low is not None:
            interval = f"{found.low:.3f}-{found.high:.3f}"
            axes.text(x["interval"], y, interval, ha="right", **small)


def _missing(found: Auc | MeanAuc) -> str:
    if isinstance(found, MeanAuc):
        return "undefined"
    return "no positives" if not found.n_pos else "no negatives"
