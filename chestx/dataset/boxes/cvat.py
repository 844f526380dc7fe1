"""Boxes as CVAT exports them: the XML "CVAT for images 1.1" (docs.cvat.ai, XML annotation format).

`xtl`, `ytl`, `xbr` and `ybr` are edges in pixels of the image; a box that was turned has its
`rotation` in degrees, clockwise around its middle. The export names the one to whom a job, a task
or (for a project) each task was assigned, and the owner, who need not have drawn anything. It has
every image: where there is one label alone, one without a shape says that there is none of it.
"""

from collections.abc import Iterator

from lxml import etree

from chestx.dataset.boxes.readings import Reading, reading_of
from chestx.dataset.boxes.record import (
    Entry,
    NotABoxError,
    Place,
    corners,
    frame_of,
    number,
    turned,
)
from chestx.dataset.unmatched import Unmatched

_OTHER_SHAPES = frozenset(
    ("polygon", "polyline", "points", "cuboid", "ellipse", "mask", "skeleton")
)


def is_cvat(root: etree._Element) -> bool:
    """Tell whether a tree is an export of CVAT."""
    return root.tag == "annotations" and (
        root.find("meta") is not None or root.find("image[@name]") is not None
    )


def read_cvat(root: etree._Element, source: str) -> Iterator[Reading | Unmatched]:
    """Yield the reading of each image; `row` is the line of the XML."""
    readers = {
        task.findtext("id", ""): _assignee(task) for task in root.iterfind("meta/*/tasks/task")
    }
    everyone = next(filter(None, (_assignee(whole) for whole in root.iterfind("meta/*"))), "")
    labels = {label.text or "" for label in root.iterfind("meta/*/labels/label/name")}
    keyword = labels.pop() if len(labels) == 1 else ""
    if root.find("track") is not None:
        yield Place(source).fault("an export for videos: export as CVAT for images 1.1")
    for image in root.iterfind("image"):
        reader = readers.get(image.get("task_id", "")) or everyone
        place = Place(source, image.sourceline or 0)
        shapes = _shapes(image, source, reader)
        yield from reading_of(shapes, place, image.get("name", ""), keyword, reader)


def _shapes(image: etree._Element, source: str, reader: str) -> Iterator[Entry]:
    for shape in image:
        place = Place(source, shape.sourceline or 0)
        if shape.tag == "box":
            yield _box(place, image, shape, reader)
        elif shape.tag in _OTHER_SHAPES:
            yield place.fault("a shape that is not a box", image.get("name", ""))


def _box(place: Place, image: etree._Element, box: etree._Element, reader: str) -> Entry:
    name = image.get("name", "")
    try:
        left, top, right, bottom = (number(box.get(edge)) for edge in ("xtl", "ytl", "xbr", "ybr"))
        degrees = number(box.get("rotation", "0"))
    except NotABoxError as error:
        return place.fault(str(error), name)
    edges = corners(left, top, right, bottom)
    edges = turned(edges, degrees, ((left + right) / 2, (top + bottom) / 2))
    frame = frame_of(image.get("width"), image.get("height"))
    return place.box(name, box.get("label", ""), edges, frame, reader)


def _assignee(element: etree._Element) -> str:
    return (element.findtext("assignee/username") or "").strip()
