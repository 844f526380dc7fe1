"""Boxes as Label Studio exports them: its JSON (labelstud.io, guide/task_format, RectangleLabels).

A task has `data` (what was shown) and `annotations`, one for each time that someone submitted it.
`x`, `y`, `width` and `height` of a rectangle are percents of the picture's `original_width` and
`original_height`; `rotation` turns it clockwise, in degrees, around its upper left corner.
An annotation without a rectangle says that its reader saw none of the task's `keyword`.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from chestx.dataset.boxes.readings import Reading, reading_of
from chestx.dataset.boxes.record import Entry, NotABoxError, Place, frame_of, number, text, turned
from chestx.dataset.unmatched import Unmatched

_OTHER_SHAPES = frozenset(
    ("rectangle", "polygonlabels", "ellipselabels", "brushlabels", "keypointlabels", "polygon")
)
_UPLOADED = re.compile(r"^[0-9a-f]{8}-")


def is_label_studio(data: Any) -> bool:
    """Tell whether JSON is a list of Label Studio's tasks, or one task."""
    tasks = data if isinstance(data, list) else [data]
    return bool(tasks) and all(
        isinstance(task, dict)
        and isinstance(task.get("data"), dict)
        and isinstance(task.get("annotations"), list)
        for task in tasks
    )


def is_json_min(data: Any) -> bool:
    """Tell whether JSON is Label Studio's shorter export, which leaves out sizes and shapes."""
    return (
        isinstance(data, list)
        and bool(data)
        and all(
            isinstance(task, dict) and "annotation_id" in task and "annotations" not in task
            for task in data
        )
    )


def read_label_studio(data: Any, source: str) -> Iterator[Reading | Unmatched]:
    """Yield the reading of every submitted annotation; `row` counts the tasks from 1."""
    for row, task in enumerate(data if isinstance(data, list) else [data], 1):
        place, image = Place(source, row), _image(task)
        for annotation in task["annotations"]:
            if not isinstance(annotation, dict) or not isinstance(annotation.get("result"), list):
                yield place.fault("no annotation of Label Studio")
            elif annotation.get("was_cancelled"):
                yield place.fault("the task was skipped", image)
            else:
                yield from reading_of(
                    _results(place, annotation, image),
                    place,
                    image,
                    text(task["data"].get("keyword")),
                    _reader(annotation),
                    _when(annotation),
                )


def _results(place: Place, annotation: Mapping[str, Any], image: str) -> Iterator[Entry]:
    for result in annotation["result"]:
        kind = result.get("type") if isinstance(result, dict) else None
        if kind == "rectanglelabels":
            yield from _boxes(place, result, image, _reader(annotation))
        elif kind in _OTHER_SHAPES:
            yield place.fault("a shape that is not a box with its label", image)


def _boxes(place: Place, result: Mapping[str, Any], image: str, reader: str) -> Iterator[Entry]:
    value = result.get("value")
    frame = frame_of(result.get("original_width"), result.get("original_height"))
    if not isinstance(value, dict) or frame is None:
        yield place.fault("the rectangle has no values or no size of its picture", image)
        return
    if result.get("image_rotation"):
        yield place.fault("the film was turned before the box was drawn", image)
        return
    try:
        percents = [number(value.get(name)) for name in ("x", "y", "width", "height")]
        degrees = number(value.get("rotation", 0))
    except NotABoxError as error:
        yield place.fault(str(error), image)
        return
    x, y, width, height = (
        percent * size / 100 for percent, size in zip(percents, (*frame, *frame), strict=True)
    )
    edges = turned((x, y, width, height), degrees, (x, y))
    labels = value.get("rectanglelabels")
    for label in labels if isinstance(labels, list) and labels else [""]:
        yield place.box(image, text(label), edges, frame, reader)


def _reader(annotation: Mapping[str, Any]) -> str:
    """Return who submitted: an e-mail address where it is exported, else the user's number."""
    who = annotation.get("completed_by")
    if isinstance(who, dict):
        return text(who.get("email")) or text(who.get("id"))
    return text(who)


def _when(annotation: Mapping[str, Any]) -> float:
    """Return when it was last changed, in seconds, 0 where it does not say."""
    for name in ("updated_at", "created_at"):
        try:
            when = datetime.fromisoformat(text(annotation.get(name)))
            return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            continue
    return 0.0


def _image(task: Mapping[str, Any]) -> str:
    """Return the file that was shown, without what a server put around its name."""
    data = task["data"]
    shown = text(data.get("image")) or next(
        (found for found in map(text, data.values()) if "/" in found), ""
    )
    try:
        parts = urlsplit(shown)
        query = parse_qs(parts.query)
    except ValueError:
        return shown
    if "d" in query:  # served from a local folder
        return query["d"][0]
    path = unquote(parts.path)
    if "/upload/" in path:  # the server put eight digits before the name
        return _UPLOADED.sub("", path.rpartition("/")[2])
    return path
