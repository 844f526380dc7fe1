"""What only the making of a dataset knows, for its cards: no id, no path, no date."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """How a dataset was made; what can be counted in its tables is in `Statistics`.

    `classes` are those of the label set, also the ones that no image has. `burned_in` counts
    images by what the header said of text in the pixels: "yes", "no", "unknown". `windowing`
    counts images by `voi` of the manifest: "LINEAR", "LINEAR_EXACT", "SIGMOID", "LUT", "MINMAX",
    "NONE". `size` is the edge of the square images in pixels, `fit` "squash" or "pad", `bits` 8
    or 16. `uncertain` is what became of uncertain labels: "zeros", "ones" or "ignore"; `views` is
    "frontal" or "all". `split` are the shares of train, val and test, or "list" where the user told
    who is in which. `link` says by what reports were found: "accession", "study",
    "patient-date" or "table". `unmatched_films`, `unmatched_reports` and `unmatched_boxes` found no
    partner, `rejected` files gave no image, `patients_by_study` have no patient id, so that a study
    stands for a patient. `version` is that of chestx.
    """

    name: str
    classes: tuple[str, ...]
    size: int
    fit: str
    bits: int
    uncertain: str
    link: str
    version: str
    views: str = "frontal"
    split: str = "70,10,20"
    burned_in: Mapping[str, int] = field(default_factory=dict)
    windowing: Mapping[str, int] = field(default_factory=dict)
    unmatched_films: int = 0
    unmatched_reports: int = 0
    unmatched_boxes: int = 0
    rejected: int = 0
    patients_by_study: int = 0
