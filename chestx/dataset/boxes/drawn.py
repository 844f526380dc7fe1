"""`drawn.csv`: what every reader drew, before the boxes of one lesion are merged."""

import csv
import io
from collections.abc import Mapping
from operator import itemgetter
from typing import NamedTuple

from chestx.dataset.boxes.place import Blank, PlacedBox
from chestx.errors import ChestxError
from chestx.job.csv_line import csv_line
from chestx.job.output import Output

DRAWN = "drawn.csv"
_HEADER = ("image", "image_width", "image_height", "label", "reader", "x", "y", "width", "height")
_NO_EDGES = ("", "", "", "")

Sizes = dict[str, tuple[int, int]]
"""Width and height of the images."""


class Drawn(NamedTuple):
    """All boxes of all readers, and the films on which a reader saw that there is none to draw."""

    boxes: list[PlacedBox]
    blanks: list[Blank]

    @property
    def labels(self) -> set[str]:
        """The classes that were asked for."""
        return {box.label for box in self.boxes} | {blank.label for blank in self.blanks}

    @property
    def readers(self) -> set[str]:
        """The numbers of all readers."""
        return {box.reader for box in self.boxes} | {blank.reader for blank in self.blanks}


def read_drawn_before(output: Output) -> tuple[Drawn, Sizes]:
    """Return what earlier imports brought, nothing where there was none, and the images' sizes."""
    path = output / DRAWN
    if not path.exists():
        return Drawn([], []), {}
    try:
        rows = csv.reader(io.StringIO(path.read_text("utf-8"), newline=""))
        next(rows)
        sizes: Sizes = {}
        drawn = Drawn([], [])
        for image, image_width, image_height, label, reader, *edges in rows:
            sizes[image] = int(image_width), int(image_height)
            number = str(int(reader))
            if tuple(edges) == _NO_EDGES:
                drawn.blanks.append(Blank(image, label, number))
            else:
                x, y, width, height = map(float, edges)
                drawn.boxes.append(PlacedBox(image, label, x, y, width, height, number))
    except (OSError, ValueError, TypeError, StopIteration, csv.Error) as error:
        raise ChestxError(
            f"'{path}' is damaged: bring it back, or import everything anew with another -o"
        ) from error
    return drawn, sizes


def together(before: Drawn, now: Drawn) -> Drawn:
    """Return all in order; what a reader draws anew takes the place of the old.

    An export holds all boxes of its tasks, so that the boxes of one class by one reader on one
    film, or that there are none, are all from the newest import that says anything of them.
    """
    drawn = set(map(_key, now.boxes))
    anew = drawn | set(map(_key, now.blanks))
    boxes = [*(box for box in before.boxes if _key(box) not in anew), *now.boxes]
    blanks = [blank for blank in before.blanks if _key(blank) not in anew]
    blanks += [blank for blank in now.blanks if _key(blank) not in drawn]
    return Drawn(
        sorted(boxes, key=lambda b: (*_key(b), b.y, b.x, b.height, b.width)),
        sorted(blanks, key=_key),
    )


def write_drawn(output: Output, drawn: Drawn, sizes: Mapping[str, tuple[int, int]]) -> None:
    """Write the boxes with all digits; a film without a box has no edges."""
    rows = [(_key(box), _edges(box)) for box in drawn.boxes]
    rows += [(_key(blank), _NO_EDGES) for blank in drawn.blanks]
    lines = [csv_line(_HEADER)]
    for (image, label, reader), edges in sorted(rows, key=itemgetter(0)):
        size = map(str, sizes[image])
        lines.append(csv_line((image, *size, label, str(reader), *edges)))
    output.write(DRAWN, "".join(lines).encode())


def _key(one: PlacedBox | Blank) -> tuple[str, str, int]:
    return one.image, one.label, int(one.reader)


def _edges(box: PlacedBox) -> tuple[str, str, str, str]:
    return repr(box.x), repr(box.y), repr(box.width), repr(box.height)
