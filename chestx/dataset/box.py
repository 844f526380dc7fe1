"""A lesion that a radiologist has drawn."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A box as read or as kept: left and upper edge, width and height, in pixels.

    `image` is what the file calls the film: a name of the dataset (00000001_000.png), a SOP
    Instance UID, or a file name. `frame` is the size (width, height) of the picture in which the
    coordinates count, None where the file does not say. `reader` is empty or the number that
    stands for the radiologist. `source` and `row` say where it was read, for `unmatched.csv`.
    """

    image: str
    label: str
    x: float
    y: float
    width: float
    height: float
    frame: tuple[int, int] | None = None
    reader: str = ""
    source: str = ""
    row: int = 0
