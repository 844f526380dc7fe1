"""The figures of a dataset, each as PNG and as SVG in `figures/`."""

from collections.abc import Sequence

from chestx.dataset.description.box_sizes import draw_box_sizes
from chestx.dataset.description.circle import draw_circle
from chestx.dataset.description.class_counts import draw_class_counts
from chestx.dataset.description.drawn_box import DrawnBox
from chestx.dataset.description.ink import drawing, file_bytes
from chestx.dataset.description.statistics import Statistics
from chestx.job.output import Output

FOLDER = "figures"
CLASS_COUNTS = "class_counts"
CIRCLE = "co_occurrence"
BOX_SIZES = "box_sizes"
KINDS = ("png", "svg")


def draw_figures(output: Output, statistics: Statistics, boxes: Sequence[DrawnBox]) -> None:
    """Write `class_counts`, `co_occurrence` and `box_sizes` as PNG and SVG into `figures/`.

    A figure that would be empty is not there: no class has an image, or there are no boxes.
    """
    output.make_subfolder(FOLDER)
    with drawing():
        figures = {}
        if any(statistics.counts.values()):
            figures[CLASS_COUNTS] = draw_class_counts(statistics)
            figures[CIRCLE] = draw_circle(statistics)
        if boxes:
            figures[BOX_SIZES] = draw_box_sizes(statistics.classes, boxes)
        for name in (CLASS_COUNTS, CIRCLE, BOX_SIZES):
            for kind in KINDS:
                file = f"{FOLDER}/{name}.{kind}"
                if name in figures:
                    output.write(file, file_bytes(figures[name], kind))
                else:
                    (output / file).unlink(missing_ok=True)
