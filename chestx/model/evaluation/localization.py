"""Localization accuracy and average false positives (AFP), as the two papers count them.

In boxes (Wang et al. 2017, Tables 4 and 19): a box of the truth is hit where any box found for its
class on its image overlaps it by more than T; accuracy is hits over boxes of the class. A found box
that overlaps no truth of its class by more than T is a false positive; AFP is their number on all
annotated images over the number of truth boxes of all classes (984 in NIH's list).

In regions (Li et al. 2018, section 4): an image and class has one region, the patches whose score
reaches T_s, against the boxes of the class united; accuracy is hits over images with the class
boxed. There is no AFP.

An overlap must be strictly greater than T.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from chestx.model.equations.pixels import XYWH, ImageSize
from chestx.model.evaluation.overlap import (
    Region,
    box_overlap,
    cover,
    region_overlap,
)
from chestx.model.evaluation.truth import Key, Truth, annotated_images

IOU_THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
IOBB_THRESHOLDS = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True, slots=True)
class ClassLocalization:
    """`n` boxes (or images, in regions) of a class and the share of them that is hit.

    `afp` is None in regions.
    """

    accuracy: float
    afp: float | None
    n: int


Measure = Literal["iou", "iobb"]
ByThreshold = dict[float, dict[str, ClassLocalization]]


@dataclass(frozen=True, slots=True)
class Localization:
    """By threshold and class, classes with truth alone; `iobb` is IoR where `kind` is regions."""

    kind: Literal["boxes", "regions"]
    iou: ByThreshold
    iobb: ByThreshold

    def of(self, overlap: Measure) -> ByThreshold:
        """Return `iou` or `iobb`."""
        return self.iou if overlap == "iou" else self.iobb


@dataclass
class _Tally:
    """The overlaps of one class: the best of each unit of the truth, the best of each found box."""

    of_truth: list[float] = field(default_factory=list)
    of_found: list[float] = field(default_factory=list)

    def judged(self, threshold: float, n_boxes: int | None) -> ClassLocalization:
        """Count hits and, over `n_boxes` of the truth, false positives."""
        hits = sum(overlap > threshold for overlap in self.of_truth)
        missed = sum(overlap <= threshold for overlap in self.of_found)
        afp = None if n_boxes is None else missed / n_boxes
        return ClassLocalization(hits / len(self.of_truth), afp, len(self.of_truth))


Tallies = dict[str, _Tally]


def localize_boxes(
    found: Mapping[Key, Sequence[XYWH]], truth: Truth, classes: Iterable[str]
) -> Localization:
    """Judge boxes found for image and class, in pixels of the images.

    `truth` has all boxes of the images, also those of other classes than `classes`: images that
    have one are annotated, and AFP is over the number of all. An image and class that `found` lacks
    has none; what it has on images without any truth is not looked at.
    """
    iou, iobb = _tallies(truth, classes), _tallies(truth, classes)
    for image in annotated_images(truth):
        for name in iou:
            overlap = box_overlap(found.get((image, name), ()), truth.get((image, name), ()))
            for tally, values in ((iou[name], overlap.iou), (iobb[name], overlap.of_found)):
                tally.of_truth += values.max(axis=0, initial=0.0).tolist()
                tally.of_found += values.max(axis=1, initial=0.0).tolist()
    n_boxes = sum(map(len, truth.values()))
    return Localization(
        "boxes", _judged(iou, IOU_THRESHOLDS, n_boxes), _judged(iobb, IOBB_THRESHOLDS, n_boxes)
    )


def localize_regions(
    found: Mapping[Key, Region], truth: Truth, classes: Iterable[str], image_size: ImageSize
) -> Localization:
    """Judge one region, bool [P, P], per image and class; images are of `image_size`, boxes
    in its pixels.

    An image and class that `found` lacks is a miss, like an empty region.
    """
    iou, iobb = _tallies(truth, classes), _tallies(truth, classes)
    for key, boxes in truth.items():
        if key[1] in iou:
            region = found.get(key, _NOTHING)
            overlap = region_overlap(region, cover(boxes, image_size, len(region)), image_size)
            iou[key[1]].of_truth.append(float(overlap.iou))
            iobb[key[1]].of_truth.append(float(overlap.of_found))
    return Localization(
        "regions", _judged(iou, IOU_THRESHOLDS, None), _judged(iobb, IOBB_THRESHOLDS, None)
    )


def mean_accuracy(scores: Mapping[str, ClassLocalization]) -> float | None:
    """Return the mean over classes, as both papers give it; None without classes."""
    return float(np.mean([s.accuracy for s in scores.values()])) if scores else None


_NOTHING = np.zeros((1, 1), np.bool_)


def _tallies(truth: Truth, classes: Iterable[str]) -> Tallies:
    boxed = {name for (_, name), boxes in truth.items() if boxes}
    return {name: _Tally() for name in classes if name in boxed}


def _judged(tallies: Tallies, thresholds: Sequence[float], n_boxes: int | None) -> ByThreshold:
    return {t: {name: x.judged(t, n_boxes) for name, x in tallies.items()} for t in thresholds}
