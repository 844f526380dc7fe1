"""What several readers drew on one film: how far they agree, and what becomes of their boxes.

Two readers are compared on the films that both read for a class: on which they drew a box of it, or
of which it is known that they saw them and drew none. Their boxes are paired one to one, the pair
of the highest intersection over union first, down to a threshold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import fmean

from chestx.dataset.boxes.iou import Edges, iou
from chestx.dataset.boxes.place import Blank, PlacedBox

IOU = 0.5
"""From here on two boxes mean one lesion, as in the challenge of Pascal VOC."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two readers on one class: `films` that both read, boxes `matched` and not.

    `mean_iou` is over the matched pairs, None without one.
    """

    label: str
    readers: tuple[int, int]
    films: int
    matched: int
    mean_iou: float | None
    only_first: int
    only_second: int


@dataclass(frozen=True, slots=True)
class Unpaired:
    """A box that no other reader of the film drew; `iou` is the highest with a box of theirs."""

    box: PlacedBox
    iou: float


Reading = dict[int, list[PlacedBox]]
"""The boxes of one class on one film, by reader; none where it was seen and nothing drawn."""


def merge(
    drawn: Sequence[PlacedBox],
    classes: Sequence[str],
    threshold: float = IOU,
    blanks: Sequence[Blank] = (),
) -> tuple[list[PlacedBox], list[Unpaired]]:
    """Return one box for each lesion, and those that one of several readers alone has drawn.

    The readers are taken in the order of their numbers. A box joins the lesion whose mean box so
    far is nearest, at most one of a reader to a lesion, or is a lesion of its own. A lesion's box
    is the mean of its members' edges, its `reader` their numbers with blanks between.
    """
    merged, unpaired = [], []
    for _, reading in _readings(drawn, blanks, classes):
        lesions: list[list[PlacedBox]] = []
        for boxes in reading.values():
            pairs = _pairs([_edges(_mean(lesion)) for lesion in lesions], boxes, threshold)
            joined = {second: first for first, second, _ in pairs}
            for at, box in enumerate(boxes):
                if at in joined:
                    lesions[joined[at]].append(box)
                else:
                    lesions.append([box])
        merged += sorted(map(_mean, lesions), key=lambda box: (box.y, box.x, box.height, box.width))
        if len(reading) > 1:
            unpaired += [_unpaired(lesion[0], reading) for lesion in lesions if len(lesion) == 1]
    return merged, unpaired


def compare(
    drawn: Sequence[PlacedBox],
    classes: Sequence[str],
    threshold: float = IOU,
    blanks: Sequence[Blank] = (),
) -> list[Agreement]:
    """Return the agreement of every two readers, by class."""
    found: dict[tuple[str, int, int], list[tuple[list[float], int, int]]] = {}
    for label, reading in _readings(drawn, blanks, classes):
        for first, second in combinations(sorted(reading), 2):
            a, b = reading[first], reading[second]
            values = [value for _, _, value in _pairs(list(map(_edges, a)), b, threshold)]
            found.setdefault((label, first, second), []).append((values, len(a), len(b)))
    order = {name: at for at, name in enumerate(classes)}
    return [
        _agreement(key, films)
        for key, films in sorted(found.items(), key=lambda item: (order[item[0][0]], item[0][1:]))
    ]


def _agreement(
    key: tuple[str, int, int], films: Sequence[tuple[list[float], int, int]]
) -> Agreement:
    label, first, second = key
    values = [value for found, _, _ in films for value in found]
    return Agreement(
        label,
        (first, second),
        len(films),
        len(values),
        fmean(values) if values else None,
        sum(a for _, a, _ in films) - len(values),
        sum(b for _, _, b in films) - len(values),
    )


def _readings(
    drawn: Sequence[PlacedBox], blanks: Sequence[Blank], classes: Sequence[str]
) -> Iterator[tuple[str, Reading]]:
    """Yield what was drawn of each class on each film, readers by number, boxes from the top."""
    order = {name: at for at, name in enumerate(classes)}
    films: dict[tuple[str, int], Reading] = {}
    for box in sorted(drawn, key=lambda b: (int(b.reader), b.y, b.x, b.height, b.width)):
        reading = films.setdefault((box.image, order[box.label]), {})
        reading.setdefault(int(box.reader), []).append(box)
    for blank in blanks:
        reading = films.setdefault((blank.image, order[blank.label]), {})
        reading.setdefault(int(blank.reader), [])
    for image, label in sorted(films):
        yield classes[label], films[image, label]


def _pairs(
    first: Sequence[Edges], second: Sequence[PlacedBox], threshold: float
) -> list[tuple[int, int, float]]:
    """Pair boxes one to one, the highest IoU first; of equals the first."""
    all_pairs = [
        (iou(a, _edges(b)), -i, -j) for i, a in enumerate(first) for j, b in enumerate(second)
    ]
    left, right = set(range(len(first))), set(range(len(second)))
    pairs = []
    for value, i, j in sorted(all_pairs, reverse=True):
        if value >= threshold and -i in left and -j in right:
            left.remove(-i)
            right.remove(-j)
            pairs.append((-i, -j, value))
    return pairs


def _mean(lesion: Sequence[PlacedBox]) -> PlacedBox:
    if len(lesion) == 1:
        return lesion[0]
    x, y, width, height = map(fmean, zip(*map(_edges, lesion), strict=True))
    readers = " ".join(box.reader for box in lesion)
    return replace(lesion[0], x=x, y=y, width=width, height=height, reader=readers)


def _unpaired(box: PlacedBox, reading: Reading) -> Unpaired:
    others = [
        other for reader, boxes in reading.items() if str(reader) != box.reader for other in boxes
    ]
    return Unpaired(
        box, max(iou(_edges(box), _edges(other)) for other in others) if others else 0.0
    )


def _edges(box: PlacedBox) -> Edges:
    return box.x, box.y, box.width, box.height
