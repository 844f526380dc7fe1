"""`drawn.csv`: every box that any reader drew, before those of one lesion are merged."""

import csv
import io
from collections.abc import Mapping, Sequence

from chestx.dataset.boxes.place import PlacedBox
from chestx.errors import ChestxError
from chestx.job.csv_line import csv_line
from chestx.job.output import Output

DRAWN = "drawn.csv"
_HEADER = ("image", "image_width", "image_height", "label", "reader", "x", "y", "width", "height")

Sizes = dict[str, tuple[int, int]]
"""Width and height of the images."""


def read_drawn_before(output: Output) -> tuple[list[PlacedBox], Sizes]:
    """Return the boxes of earlier imports, none where there was none, and their images' sizes."""
    path = output / DRAWN
    if not path.exists():
        return [], {}
    try:
        rows = csv.reader(io.StringIO(path.read_text("utf-8"), newline=""))
        next(rows)
        found = list(rows)
        sizes = {row[0]: (int(row[1]), int(row[2])) for row in found}
        return [_box(row[0], *row[3:]) for row in found], sizes
    except (OSError, ValueError, IndexError, TypeError, StopIteration, csv.Error) as error:
        raise ChestxError(
            f"'{path}' is damaged: bring it back, or import everything anew with another -o"
        ) from error


def together(before: Sequence[PlacedBox], now: Sequence[PlacedBox]) -> list[PlacedBox]:
    """Return all boxes in order; what a reader draws anew takes the place of what he drew.

    An export holds all boxes of its tasks, so that the boxes of one class by one reader on one
    film are all from the newest import that has any of them.
    """
    anew = {(box.reader, box.image, box.label) for box in now}
    kept = [box for box in before if (box.reader, box.image, box.label) not in anew]
    return sorted(
        [*kept, *now],
        key=lambda b: (b.image, b.label, int(b.reader), b.y, b.x, b.height, b.width),
    )


def write_drawn(
    output: Output, boxes: Sequence[PlacedBox], sizes: Mapping[str, tuple[int, int]]
) -> None:
    """Write the boxes with all digits."""
    lines = [csv_line(_HEADER)]
    for box in boxes:
        edges = map(repr, (box.x, box.y, box.width, box.height))
        size = map(str, sizes[box.image])
        lines.append(csv_line((box.image, *size, box.label, box.reader, *edges)))
    output.write(DRAWN, "".join(lines).encode())


def _box(image: str, label: str, reader: str, x: str, y: str, width: str, height: str) -> PlacedBox:
    return PlacedBox(
        image, label, float(x), float(y), float(width), float(height), str(int(reader))
    )
