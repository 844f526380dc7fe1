"""Boxes in COCO's JSON: images, annotations with `bbox` [x, y, width, height], categories."""

from collections.abc import Iterator, Mapping
from typing import Any

from chestx.dataset.boxes.record import Entry, NotABoxError, Place, frame_of, number, text


def is_coco(data: Any) -> bool:
    """Tell whether JSON has the three lists of COCO's object detection format."""
    lists = ("images", "annotations", "categories")
    return isinstance(data, dict) and all(isinstance(data.get(name), list) for name in lists)


def read_coco(data: Mapping[str, Any], source: str) -> Iterator[Entry]:
    """Yield the box of each annotation; `row` is its place in the list, from 1."""
    images, names = _by_id(data["images"]), _by_id(data["categories"])
    for row, annotation in enumerate(data["annotations"], 1):
        place = Place(source, row)
        if not isinstance(annotation, dict):
            yield place.fault("no annotation of COCO")
            continue
        image = images.get(text(annotation.get("image_id")), {})
        label = names.get(text(annotation.get("category_id")), {})
        name = text(image.get("file_name"))
        try:
            bbox = annotation.get("bbox")
            if not isinstance(bbox, list) or len(bbox) != 4:
                raise NotABoxError("the annotation has no bbox of four numbers")
            x, y, width, height = map(number, bbox)
        except NotABoxError as error:
            yield place.fault(str(error), name)
            continue
        frame = frame_of(image.get("width"), image.get("height"))
        yield place.box(name, text(label.get("name")), (x, y, width, height), frame)


def _by_id(items: list[Any]) -> dict[str, dict[str, Any]]:
    return {text(item.get("id")): item for item in items if isinstance(item, dict)}
