"""Every format of boxes, told apart by its content."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from chestx.dataset.box import Box
from chestx.dataset.boxes import coco, csv_boxes, cvat, label_studio, xml_boxes
from chestx.dataset.boxes.drawn import DRAWN
from chestx.dataset.boxes.files import BoxFile, box_files
from chestx.dataset.boxes.readings import Reading
from chestx.dataset.boxes.record import Entry, Place
from chestx.dataset.unmatched import Unmatched
from chestx.errors import ChestxError

UNKNOWN = "no file of boxes"
JSON_MIN = "Label Studio's JSON-MIN: export as JSON"
EXPORT = "an export of an annotation tool: make boxes of it with chestx boxes import"
_NUMBERS = re.compile(r"\d+( \d+)*").fullmatch

Entries = Iterator[Entry | Reading]
Reader = Callable[[], Entries]


class _NoBoxesError(Exception):
    """A file is of no format of boxes; the message is the reason."""


def read_boxes(path: Path) -> tuple[list[Box], list[Unmatched]]:
    """Read the boxes of a folder of XML files, a table like NIH's or a COCO JSON, also `.gz`.

    `path` is a file or a folder, with sub-folders. Coordinates are in pixels, edges counted from
    0; `Box.image` is the name or path as the file has it, with slashes. A file or record that
    gives no box is listed, with its `source` relative to `path`, and stops nothing. `Box.reader`
    is kept where it is the number of a reader: names are for `chestx boxes import` alone. Raises
    `ChestxError` where not one file is of such a format; but where `chestx boxes import` has
    placed nothing, there are no boxes.
    """
    boxes, _, faults = read_drawn(path, exports=False)
    return [box if _NUMBERS(box.reader) else replace(box, reader="") for box in boxes], faults


def read_drawn(
    path: Path, *, exports: bool = True
) -> tuple[list[Box], list[Reading], list[Unmatched]]:
    """Read boxes with the names of those who drew them; readings are of Label Studio and CVAT.

    Without `exports` these two are refused. Otherwise as `read_boxes`.
    """
    if not path.exists():
        raise ChestxError(f"there are no boxes at '{path}': check the path")
    boxes: list[Box] = []
    readings: list[Reading] = []
    faults: list[Unmatched] = []
    known = 0
    reasons = set()
    for file in box_files(path):
        try:
            entries = _reader(file, exports)
        except _NoBoxesError as error:
            faults.append(Place(file.source).fault(str(error)))
            reasons.add(str(error))
            continue
        known += 1
        for entry in entries():
            if isinstance(entry, Box):
                boxes.append(entry)
            elif isinstance(entry, Reading):
                readings.append(entry)
            else:
                faults.append(entry)
    if not known and (reasons or not (path / DRAWN).is_file()):
        raise ChestxError(_nothing(path, reasons, exports))
    return boxes, readings, faults


def _nothing(path: Path, reasons: set[str], exports: bool) -> str:
    if reasons == {EXPORT}:
        return f"'{path}' holds exports of an annotation tool: run chestx boxes import first"
    also = ", an export of Label Studio or CVAT" if exports else ""
    why = f" ({reasons.pop()})" if len(reasons) == 1 else ""
    return (
        f"no boxes in '{path}'{why}: give a folder of XML files, a CSV like BBox_List_2017.csv, "
        f"a COCO JSON{also}"
    )


def _reader(file: BoxFile, exports: bool) -> Reader:
    """Return what reads a file; raise `_NoBoxesError` where nothing does."""
    if file.fault:
        raise _NoBoxesError(file.fault)
    start = file.content[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<") or file.content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _xml_reader(file, exports)
    if start.startswith((b"{", b"[")):
        return _json_reader(file, exports)
    return _csv_reader(file)


def _xml_reader(file: BoxFile, exports: bool) -> Reader:
    try:
        root = xml_boxes.parse(file.content)
    except xml_boxes.NotXmlError as error:
        raise _NoBoxesError(str(error)) from None
    if cvat.is_cvat(root):
        return _export(cvat.read_cvat, root, file, exports)
    if not xml_boxes.has_box(root):
        raise _NoBoxesError("XML without a box")
    return lambda: xml_boxes.read_xml(root, file.source)


def _json_reader(file: BoxFile, exports: bool) -> Reader:
    try:
        data = json.loads(file.content)
    except (ValueError, RecursionError):
        raise _NoBoxesError("malformed JSON") from None
    if coco.is_coco(data):
        return lambda: coco.read_coco(data, file.source)
    if label_studio.is_label_studio(data):
        return _export(label_studio.read_label_studio, data, file, exports)
    if label_studio.is_json_min(data):
        raise _NoBoxesError(JSON_MIN)
    raise _NoBoxesError(UNKNOWN)


def _export(read: Callable[[Any, str], Entries], data: Any, file: BoxFile, exports: bool) -> Reader:
    if not exports:
        raise _NoBoxesError(EXPORT)
    return lambda: read(data, file.source)


def _csv_reader(file: BoxFile) -> Reader:
    text = file.content.decode("utf-8-sig", "replace")
    columns = csv_boxes.columns_of(text)
    if columns is None:
        raise _NoBoxesError(UNKNOWN)
    return lambda: csv_boxes.read_csv(text, columns, file.source)
