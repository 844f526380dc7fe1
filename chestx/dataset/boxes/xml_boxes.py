"""Boxes in XML: one or several a file, in the elements of Pascal VOC and their like.

Wang et al. 2017 (section 2.4) have each box saved as an XML file with the name of the image, the
keyword of the disease and the box. Pascal VOC counts pixels from 1 and its `xmax` and `ymax` are
the last pixels inside: a box from 1 to 10 has its left edge at 0 and is 10 wide. That holds for
`xmin`, `ymin`, `xmax` and `ymax`, with fractions too; `x`, `y`, `width` and `height` are edges.
"""

from collections.abc import Iterator

from lxml import etree

from chestx.dataset.boxes.record import (
    Edges,
    Entry,
    NotABoxError,
    Place,
    corners,
    frame_of,
    number,
)

_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)
_IMAGE = ("filename", "image", "image_name", "path")
_LABEL = ("name", "label", "keyword", "disease", "finding")
_READER = ("reader", "annotator")
_BOX = ("bndbox", "bbox", "box")
_VOC = ("xmin", "ymin", "xmax", "ymax")


class NotXmlError(Exception):
    """The bytes are no XML that is safe to read; the message is the reason."""


def parse(content: bytes) -> etree._Element:
    """Return the root of the tree; no entity is resolved and no other file is read."""
    try:
        root = etree.fromstring(content, _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        raise NotXmlError("malformed XML") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotXmlError("XML with a document type of its own, which may hide entities")
    return root


def has_box(root: etree._Element) -> bool:
    """Tell whether a tree holds objects, or a box of its own."""
    return (
        _child(root, ("object", *_BOX)) is not None
        or bool(said(root, ("xmin",)))
        or bool(said(root, ("x",)))
    )


def read_xml(root: etree._Element, source: str) -> Iterator[Entry]:
    """Yield the boxes of a tree, each with what stands outside of its `object` for all."""
    objects = [child for child in root if _tag(child) == "object"] or [root]
    size = _child(root, ("size",))
    frame = None if size is None else frame_of(said(size, ("width",)), said(size, ("height",)))
    image, reader = said(root, _IMAGE), said(root, _READER)
    for row, found in enumerate(objects, 1):
        place = Place(source, row if len(objects) > 1 else 0)
        try:
            edges = _edges(found)
        except NotABoxError as error:
            yield place.fault(str(error), image)
            continue
        label = said(found, _LABEL)
        yield place.box(image, label, edges, frame, said(found, _READER) or reader)


def _edges(found: etree._Element) -> Edges:
    box = _child(found, _BOX)
    box = found if box is None else box
    if any(said(box, (name,)) for name in _VOC):
        left, top, right, bottom = (number(said(box, (name,))) for name in _VOC)
        return corners(left - 1, top - 1, right, bottom)
    wanted = (("x",), ("y",), ("width", "w"), ("height", "h"))
    x, y, width, height = (number(said(box, names)) for names in wanted)
    return x, y, width, height


def said(element: etree._Element, names: tuple[str, ...]) -> str:
    """Return the text of the first child, else the attribute, of these names, or nothing."""
    child = _child(element, names)
    if child is not None and child.text and child.text.strip():
        return str(child.text).strip()
    attributes = {str(name).lower(): str(value).strip() for name, value in element.items()}
    return next((attributes[name] for name in names if attributes.get(name)), "")


def _child(element: etree._Element, names: tuple[str, ...]) -> etree._Element | None:
    by_tag = {_tag(child): child for child in reversed(element)}
    return next((by_tag[name] for name in names if name in by_tag), None)


def _tag(element: etree._Element) -> str:
    """Return the name without its namespace, nothing for an entity."""
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""
