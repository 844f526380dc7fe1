"""The statistics of Tables 1 and 16 of Wang et al. 2017, for any dataset in NIH's layout."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from chestx.dataset.nih.columns import NO_FINDING
from chestx.dataset.nih.findings import classes_of, split_findings
from chestx.job.csv_line import csv_line


@dataclass(frozen=True, slots=True)
class SplitStatistics:
    """Images, patients and images per class of one list."""

    images: int
    patients: int
    no_finding: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What is counted in a dataset.

    `counts` has the images of each class (`#`), `overlaps` those of them that carry another class
    too (`Ov.`), `together` the images that carry both classes of a pair, in the order of
    `classes`; pairs that never meet are absent. `shares` divides the images among pairs: one with
    k classes adds 1 / (k - 1) to each of its pairs, so that the shares of a class add up to its
    overlap. `boxes` counts the boxes of each class, `views` the images by view, "unknown" where
    it is empty.
    """

    classes: tuple[str, ...]
    images: int
    patients: int
    no_finding: int
    counts: Mapping[str, int]
    overlaps: Mapping[str, int]
    together: Mapping[tuple[str, str], int]
    shares: Mapping[tuple[str, str], float]
    splits: Mapping[str, SplitStatistics]
    boxes: Mapping[str, int]
    views: Mapping[str, int]


def count_findings(
    images: Sequence[str],
    finding_labels: Sequence[str],
    patients: Sequence[int],
    *,
    classes: Sequence[str] = (),
    splits: Mapping[str, Collection[str]] | None = None,
    boxes: Iterable[str] = (),
    views: Iterable[str] = (),
) -> Statistics:
    """Count a table whose columns are `images`, `finding_labels` and `patients`.

    `classes` are counted even where no image has them; the other classes of the table come after
    them. `splits` are the images of each list, `boxes` the labels of all boxes, `views` the
    views of all images.
    """
    sets = {split_findings(labels): n for labels, n in sorted(Counter(finding_labels).items())}
    classes = tuple(dict.fromkeys([*classes, *classes_of(finding_labels)]))
    overlaps = dict.fromkeys(classes, 0)
    together: dict[tuple[str, str], int] = {}
    shares: dict[tuple[str, str], float] = {}
    for found, number in sets.items():
        if len(found) > 1:
            for name in found:
                overlaps[name] += number
            for pair in combinations(sorted(found, key=classes.index), 2):
                together[pair] = together.get(pair, 0) + number
                shares[pair] = shares.get(pair, 0.0) + number / (len(found) - 1)
    pairs = [pair for pair in combinations(classes, 2) if pair in together]
    return Statistics(
        classes=classes,
        images=len(images),
        patients=len(set(patients)),
        no_finding=sets.get((), 0),
        counts=_count_classes(sets, classes),
        overlaps=overlaps,
        together={pair: together[pair] for pair in pairs},
        shares={pair: shares[pair] for pair in pairs},
        splits={
            name: _count_split(set(members), images, finding_labels, patients, classes)
            for name, members in (splits or {}).items()
        },
        boxes=Counter(boxes),
        views=Counter(view or "unknown" for view in views),
    )


def stats_text(statistics: Statistics) -> str:
    """Return `stats.csv`: images (`#`) and images that carry another class too (`Ov.`)."""
    rows = [["Item", "#", "Ov."], ["Images", str(statistics.images), ""]]
    rows += [["Patients", str(statistics.patients), ""]]
    rows += [
        [name, str(statistics.counts[name]), str(statistics.overlaps[name])]
        for name in statistics.classes
    ]
    rows += [[NO_FINDING, str(statistics.no_finding), "0"]]
    return "".join(map(csv_line, rows))


def _count_classes(sets: Mapping[tuple[str, ...], int], classes: Sequence[str]) -> dict[str, int]:
    counts = dict.fromkeys(classes, 0)
    for found, number in sets.items():
        for name in found:
            counts[name] += number
    return counts


def _count_split(
    members: Collection[str],
    images: Sequence[str],
    finding_labels: Sequence[str],
    patients: Sequence[int],
    classes: Sequence[str],
) -> SplitStatistics:
    rows = [
        (labels, patient)
        for image, labels, patient in zip(images, finding_labels, patients, strict=True)
        if image in members
    ]
    sets = Counter(split_findings(labels) for labels, _ in rows)
    return SplitStatistics(
        images=len(rows),
        patients=len({patient for _, patient in rows}),
        no_finding=sets[()],
        counts=_count_classes(sets, classes),
    )
