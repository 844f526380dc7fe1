"""A row of the dataset: what `Data_Entry_2017.csv` says of an image."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """An image with its labels, in NIH's terms.

    `finding_labels` are classes joined by `|`; `follow_up` and `patient` are the numbers in the
    image's name; `age` is in years, None where it is not known; `sex` is "M", "F" or empty; `view`
    "PA", "AP" or empty; `width` and `height` are those of the original film in pixels; `spacing`
    is (x, y) in mm.
    """

    image: str
    finding_labels: str
    follow_up: int
    patient: int
    age: int | None
    sex: str
    view: str
    width: int
    height: int
    spacing: tuple[float, float] | None
