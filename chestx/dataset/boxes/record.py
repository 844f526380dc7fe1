"""From what a file says to a `Box`: the checks that every format shares."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, isfinite, radians, sin

from chestx.dataset.box import Box
from chestx.dataset.unmatched import Unmatched

NOT_NUMBERS = "the box has a coordinate that is missing, impossible or no number"
NO_SIZE = "the box has no width or no height"
LARGEST_FRAME = 1_000_000
FARTHEST = 1e9
LONGEST_NAME = 4096

Entry = Box | Unmatched
Edges = tuple[float, float, float, float]
"""Left and upper edge, width, height."""


class NotABoxError(Exception):
    """A record gives no box; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands: a file and a row of it, counted from 1, 0 for the whole file."""

    source: str
    row: int = 0

    def fault(self, reason: str, image: str = "") -> Unmatched:
        """Return the row of `unmatched.csv` for the record."""
        return Unmatched("box", image, self.source, reason, self.row)

    def box(
        self,
        image: str,
        label: str,
        edges: Edges,
        frame: tuple[int, int] | None = None,
        reader: str = "",
    ) -> Entry:
        """Return the box, or what is wrong with it."""
        x, y, width, height = edges
        image, label = plain_path(image), label.strip()
        if reason := image_fault(image):
            return self.fault(reason)
        if not label:
            return self.fault("the box names no finding", image)
        if not all(isfinite(edge) and abs(edge) < FARTHEST for edge in edges):
            return self.fault(NOT_NUMBERS, image)
        if width <= 0 or height <= 0:
            return self.fault(NO_SIZE, image)
        if frame is not None and max(frame) > LARGEST_FRAME:
            return self.fault("the size of its picture is impossible", image)
        return Box(
            image,
            label,
            x,
            y,
            width,
            height,
            frame,
            " ".join(reader.split()),
            self.source,
            self.row,
        )


def plain_path(image: str) -> str:
    """Return the name of an image with slashes, whatever the system it was written on."""
    return image.strip().replace("\\", "/")


def image_fault(image: str) -> str:
    """Return what is wrong with the name of an image, or nothing."""
    if not image:
        return "no image is named"
    return "the name of its image is too long" if len(image) > LONGEST_NAME else ""


def number(value: object) -> float:
    """Return a number or a text of one as a finite float; raise `NotABoxError` for all else."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            found = float(value)
        except (ValueError, OverflowError):
            raise NotABoxError(NOT_NUMBERS) from None
        if isfinite(found):
            return found
    raise NotABoxError(NOT_NUMBERS)


def frame_of(width: object, height: object) -> tuple[int, int] | None:
    """Return the size of a picture, None where it is not said: many tools write 0 then."""
    try:
        found = number(width), number(height)
    except NotABoxError:
        return None
    if min(found) < 1:
        return None
    return int(found[0]), int(found[1])


def text(value: object) -> str:
    """Return a text or an id as text, anything else as an empty text."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        # Half of a pair in UTF-16, which JSON may hold, is no text that could be written.
        return str(value).encode("utf-8", "backslashreplace").decode()
    return ""


def corners(left: float, top: float, right: float, bottom: float) -> Edges:
    """Return the box between two corners."""
    return left, top, right - left, bottom - top


def turned(edges: Edges, degrees: float, pivot: tuple[float, float]) -> Edges:
    """Return the upright box around `edges` turned clockwise around `pivot` (y grows downwards)."""
    if not degrees:
        return edges
    x, y, width, height = edges
    s, c = sin(radians(degrees)), cos(radians(degrees))
    points = list(_turned_corners(x, y, width, height, s, c, pivot))
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return corners(min(xs), min(ys), max(xs), max(ys))


def _turned_corners(
    x: float, y: float, w: float, h: float, s: float, c: float, pivot: tuple[float, float]
) -> Iterator[tuple[float, float]]:
    px, py = pivot
    for dx, dy in (
        (x - px, y - py),
        (x + w - px, y - py),
        (x - px, y + h - py),
        (x + w - px, y + h - py),
    ):
        yield px + c * dx - s * dy, py + s * dx + c * dy
