"""What a reader did on a film in one go: the boxes drawn, or none.

An export of Label Studio or CVAT holds whole readings, so that a film without a box was seen; a
reader's newest reading of a film stands. The other formats list boxes alone: nothing tells that a
film was seen, and no box takes the place of another.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from chestx.dataset.box import Box
from chestx.dataset.boxes.labels import canonical
from chestx.dataset.boxes.place import Blank, stem
from chestx.dataset.boxes.record import Entry, Place, image_fault, plain_path
from chestx.dataset.unmatched import Unmatched


@dataclass(frozen=True, slots=True)
class Reading:
    """One reader's boxes on one film.

    `keyword` is the class that was asked for, empty where that is not known or where something
    that was drawn could not be read. `when` is in seconds, 0 where the export does not say.
    """

    image: str
    keyword: str
    reader: str
    boxes: tuple[Box, ...]
    when: float = 0.0
    source: str = ""
    row: int = 0

    def signed(self, reader: str, above: str) -> "Reading":
        """Return it with the `reader` of whom it does not say, and its sources below `above`."""
        boxes = tuple(signed(box, reader, above) for box in self.boxes)
        reader, source = self.reader or reader, above + self.source
        return replace(self, reader=reader, boxes=boxes, source=source)


def signed(box: Box, reader: str, above: str) -> Box:
    """Return a box with the `reader` of whom it does not say, and its source below `above`."""
    return replace(box, reader=box.reader or reader, source=above + box.source)


def reading_of(
    entries: Iterable[Entry],
    place: Place,
    image: str,
    keyword: str,
    reader: str,
    when: float = 0.0,
) -> Iterator[Reading | Unmatched]:
    """Yield what is wrong with the `entries`, then the reading, if it says anything."""
    found = list(entries)
    boxes = tuple(entry for entry in found if isinstance(entry, Box))
    faults = [entry for entry in found if isinstance(entry, Unmatched)]
    yield from faults
    keyword = "" if faults else keyword.strip()
    image = plain_path(image)
    if keyword and not boxes and (reason := image_fault(image)):
        yield place.fault(reason)
    elif keyword or boxes:
        reader = " ".join(reader.split())
        yield Reading(image, keyword, reader, boxes, when, place.source, place.row)


def newest(readings: Sequence[Reading], classes: Sequence[str]) -> tuple[list[Box], list[Blank]]:
    """Return what each reader last said of each class on each film: boxes, or that there is none.

    A reading says what it holds boxes of, and its keyword. Of readings of the same time the later
    one in `readings` stands.
    """
    said: dict[tuple[str, str, str], tuple[Reading, list[Box]]] = {}
    for reading in sorted(readings, key=lambda reading: reading.when):
        of_class: dict[str, list[Box]] = {}
        if reading.keyword:
            of_class[canonical(reading.keyword, classes) or reading.keyword] = []
        for box in reading.boxes:
            of_class.setdefault(canonical(box.label, classes) or box.label, []).append(box)
        film = stem(reading.image.rpartition("/")[2])
        for label, boxes in of_class.items():
            said[reading.reader, film, label] = reading, boxes
    blanks = [
        Blank(reading.image, label, reading.reader, reading.source, reading.row)
        for (_, _, label), (reading, boxes) in said.items()
        if not boxes
    ]
    return [box for _, boxes in said.values() for box in boxes], blanks
