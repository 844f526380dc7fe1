"""BBox_List_2017.csv as NIH publishes it: an odd header, then a box a line."""

from chestx.dataset.boxes.place import PlacedBox
from chestx.dataset.nih.columns import BOX_HEADER
from chestx.job.csv_line import csv_line


def bbox_header() -> str:
    """Return NIH's header: its brackets are not quoted, and three empty columns follow."""
    return csv_line(BOX_HEADER)


def bbox_line(box: PlacedBox) -> str:
    """Return the line of a box; the numbers are the shortest that read as the same."""
    edges = (box.x, box.y, box.width, box.height)
    return csv_line((box.image, box.label, *map(_shortest, edges)))


def _shortest(value: float) -> str:
    return repr(float(value)).removesuffix(".0")
