"""Boxes in a table: NIH's BBox_List_2017.csv and its plainer spellings.

NIH's header `Image Index,Finding Label,Bbox [x,y,w,h],,,` splits the brackets at their commas, and
has three columns more than its rows.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence

from chestx.dataset.boxes.record import Entry, NotABoxError, Place, number

_NAMES = {
    "image": ("imageindex", "image", "filename"),
    "label": ("findinglabel", "label", "finding", "class"),
    "x": ("x",),
    "y": ("y",),
    "w": ("w", "width"),
    "h": ("h", "height"),
}
_READER = ("reader", "annotator")

Columns = dict[str, int]


def columns_of(text: str) -> Columns | None:
    """Return where the columns of a table of boxes stand, None where its header is another's."""
    header = next(_rows(text), (0, []))[1]
    if isinstance(header, str):
        return None
    plain = [re.sub(r"[\W_]", "", name).lower() for name in header]
    # "Bbox [x" is the column x.
    plain = [name.removeprefix("bbox") for name in plain]
    found: Columns = {}
    for column, names in _NAMES.items():
        at = next((plain.index(name) for name in names if name in plain), None)
        if at is None:
            return None
        found[column] = at
    reader = next((plain.index(name) for name in _READER if name in plain), None)
    return found if reader is None else found | {"reader": reader}


def read_csv(text: str, columns: Columns, source: str) -> Iterator[Entry]:
    """Yield the box of each row; `row` is the line of the file, the header's being 1."""
    rows = _rows(text)
    next(rows)
    for line, row in rows:
        place = Place(source, line)
        if isinstance(row, str):
            yield place.fault(row)
        elif len(row) <= max(columns.values()):
            yield place.fault("the row has too few fields")
        else:
            yield _box(place, {name: row[at] for name, at in columns.items()})


def _box(place: Place, row: dict[str, str]) -> Entry:
    try:
        x, y, width, height = (number(row[name]) for name in "xywh")
    except NotABoxError as error:
        return place.fault(str(error), row["image"].strip())
    reader = row.get("reader", "")
    return place.box(row["image"], row["label"], (x, y, width, height), reader=reader)


def _rows(text: str) -> Iterator[tuple[int, Sequence[str] | str]]:
    """Yield the rows with their lines; one that is no row comes as the reason."""
    first = text.split("\n", 1)[0]
    rows = csv.reader(
        io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True
    )
    while True:
        line = rows.line_num + 1
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield line, "malformed row"
        else:
            if any(field.strip() for field in row):
                yield line, row
