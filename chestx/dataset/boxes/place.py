"""Boxes put onto the images of the dataset, and those that cannot be."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chestx.dataset.box import Box
from chestx.dataset.boxes.labels import canonical
from chestx.dataset.film import Placement
from chestx.dataset.unmatched import Unmatched

NO_FILM = "no film of the dataset has this name"
NO_CLASS = "its finding is not one of the dataset's classes"
NOT_IN_REPORT = "the report does not say that this finding is present"
OUTSIDE = "the box lies outside of the film"
LARGER = "the box lies outside of the image: the file seems to count in larger pixels"
TINY = "less than one pixel of the image is left of the box"
TWICE = "an exact copy of another box"

_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,4}$")  # not the last number of a UID


@dataclass(frozen=True, slots=True)
class BoxFilm:
    """What placing needs to know of a film.

    `image` is its name in the dataset and `size` (width, height) that of the image; `columns` and
    `rows` are the film's own, and `placement` leads from the one to the other. `present` are the
    classes that its reports state, `keys` the names under which a box may mean it (`box_keys`).
    """

    image: str
    columns: int
    rows: int
    placement: Placement
    size: tuple[int, int]
    present: frozenset[str]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A box in pixels of the dataset's image: left and upper edge, width and height.

    `reader` is empty or the number that stands for the radiologist.
    """

    image: str
    label: str
    x: float
    y: float
    width: float
    height: float
    reader: str = ""


class Blank(NamedTuple):
    """A film that a reader saw for a class, and on which no box of it was drawn."""

    image: str
    label: str
    reader: str
    source: str = ""
    row: int = 0


class _NotPlacedError(Exception):
    """A box has no place; the message is the reason."""


def box_keys(image: str, sop_instance_uid: str = "", source: str = "") -> tuple[str, ...]:
    """Return the names of a film: its image, its UID, its path and the ends of that, its stem."""
    names = [image, stem(image), sop_instance_uid, *_ends(source)]
    if source:
        names.append(stem(source.rpartition("/")[2]))
    return tuple(dict.fromkeys(name for name in names if name))


def place_boxes(
    boxes: Sequence[Box], films: Mapping[str, BoxFilm], classes: Sequence[str]
) -> tuple[list[PlacedBox], list[Unmatched]]:
    """Return the boxes in pixels of the dataset's images, and those that have no place there.

    `films` are by image. A box means the film that has its whole path as a key, else the end of
    it, else the file name without its suffix; of two such films neither is guessed. Without a
    `frame` a box that names the dataset's image counts in that image's pixels, any other in the
    film's; a `frame` is scaled to the one or the other. A box that was drawn in other pixels, such
    as NIH's list on images of another size than 1024, needs a `frame`: without it only those that
    come to lie outside of the image can be told. What is left of a box within the film is kept if
    it is at least one pixel wide and high. The result is ordered by image, class, y and x.
    """
    index = _index(films)
    order = {name: at for at, name in enumerate(classes)}
    placed: dict[PlacedBox, None] = {}
    faults = []
    for box in boxes:
        try:
            found = _place(box, _find(box.image, index), classes)
            if found in placed:
                raise _NotPlacedError(TWICE)
            placed[found] = None
        except _NotPlacedError as error:
            faults.append(Unmatched("box", box.image, box.source, str(error), box.row))
    ordered = sorted(
        placed,
        key=lambda b: (b.image, order[b.label], b.y, b.x, b.height, b.width, b.reader),
    )
    return ordered, faults


def place_blanks(
    blanks: Sequence[Blank], films: Mapping[str, BoxFilm], classes: Sequence[str]
) -> tuple[list[Blank], list[Unmatched]]:
    """Return `blanks` with the dataset's names, and those that have no place there."""
    index = _index(films)
    placed, faults = [], []
    for blank in blanks:
        try:
            _, film = _find(blank.image, index)
            placed.append(Blank(film.image, _class_on(film, blank.label, classes), blank.reader))
        except _NotPlacedError as error:
            faults.append(Unmatched("box", blank.image, blank.source, str(error), blank.row))
    return placed, faults


def _index(films: Mapping[str, BoxFilm]) -> dict[str, list[BoxFilm]]:
    index: dict[str, list[BoxFilm]] = {}
    for film in films.values():
        for key in film.keys:
            index.setdefault(key, []).append(film)
    return index


def _find(name: str, index: Mapping[str, list[BoxFilm]]) -> tuple[str, BoxFilm]:
    """Return the key that is met first, with its film."""
    for key in (*_ends(name), stem(name.rpartition("/")[2])):
        films = index.get(key, [])
        if len(films) == 1:
            return key, films[0]
        if films:
            raise _NotPlacedError(
                f"{len(films)} films have this name: give their paths or SOP Instance UIDs"
            )
    raise _NotPlacedError(NO_FILM)


def _ends(path: str) -> Iterator[str]:
    """Yield a path and what is left of it as its folders are taken away."""
    while path:
        yield path
        path = path.partition("/")[2]


def stem(name: str) -> str:
    """Return a file name without its suffix; the last number of a UID is none."""
    return _SUFFIX.sub("", name)


def _place(box: Box, found: tuple[str, BoxFilm], classes: Sequence[str]) -> PlacedBox:
    key, film = found
    label = _class_on(film, box.label, classes)
    named_image = key in (film.image, stem(film.image))
    to_image = _to_image(film, named_image=named_image, frame=box.frame)
    edges, own = film.placement, film.size
    x, width = _clipped(
        box.x * to_image.scale_x + to_image.offset_x,
        box.width * to_image.scale_x,
        max(edges.offset_x, 0.0),
        min(film.columns * edges.scale_x + edges.offset_x, own[0]),
    )
    y, height = _clipped(
        box.y * to_image.scale_y + to_image.offset_y,
        box.height * to_image.scale_y,
        max(edges.offset_y, 0.0),
        min(film.rows * edges.scale_y + edges.offset_y, own[1]),
    )
    if width <= 0 or height <= 0:
        if named_image and box.frame is None and (box.x >= own[0] or box.y >= own[1]):
            raise _NotPlacedError(LARGER)
        raise _NotPlacedError(OUTSIDE)
    if width < 1 or height < 1:
        raise _NotPlacedError(TINY)
    return PlacedBox(film.image, label, x, y, width, height, box.reader)


def _class_on(film: BoxFilm, said: str, classes: Sequence[str]) -> str:
    label = canonical(said, classes)
    if label is None:
        raise _NotPlacedError(NO_CLASS)
    if label not in film.present:
        raise _NotPlacedError(NOT_IN_REPORT)
    return label


def _to_image(film: BoxFilm, *, named_image: bool, frame: tuple[int, int] | None) -> Placement:
    """Return the way from the picture in which a box was drawn to the dataset's image."""
    inner = Placement(1.0, 1.0) if named_image else film.placement
    if frame is None:
        return inner
    drawn_on = film.size if named_image else (film.columns, film.rows)
    return Placement(
        inner.scale_x * drawn_on[0] / frame[0],
        inner.scale_y * drawn_on[1] / frame[1],
        inner.offset_x,
        inner.offset_y,
    )


def _clipped(start: float, length: float, low: float, high: float) -> tuple[float, float]:
    """Return where what lies between `low` and `high` begins, and how long it is."""
    left, right = max(start, low), min(start + length, high)
    if (left, right) == (start, start + length):
        return start, length  # as it was: a difference of sums would be off in the last digit
    return left, right - left
