"""What the sample says of the whole archive: precision per class and state, recall per class.

Each judged report stands for as many of its stratum as there are for each that was judged (Horvitz
and Thompson 1952, as a ratio: Hajek 1971). What was judged is counted class by class, as readers
stop early: each beginning of the sample is a sample itself. A stratum of which nothing was judged
is not in the estimates. Intervals are those of Wilson 1927 at Kish's effective sample size, the
squared sum of the weights over the sum of their squares.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

from chestx.review.archive import Archive
from chestx.review.kappa import Z
from chestx.review.settle import Cell
from chestx.review.states import PRESENT, STATES


@dataclass(frozen=True, slots=True)
class Share:
    """An estimated share of the archive with its 95% interval; None where nothing was judged."""

    value: float | None
    low: float | None
    high: float | None


UNDEFINED = Share(None, None, None)


@dataclass(frozen=True, slots=True)
class Precision:
    """How often chestx is right where it says `state` of a class.

    Of the `judged` cells of the sample, `open` are not settled and count as not right; `archive`
    counts all cells of the archive.
    """

    label: str
    state: str
    archive: int
    judged: int
    right: int
    open: int
    share: Share


@dataclass(frozen=True, slots=True)
class Recall:
    """How many of the reports in which a class is truly present chestx calls present.

    Undefined unless cells of each state that the archive has were judged.
    """

    label: str
    found: int
    missed: int
    share: Share


_Group = list[tuple[Cell, float]]


class Stratum(NamedTuple):
    """Where a report of the sample comes from: `size` counts the reports of the archive there."""

    name: str
    size: int


def precisions(
    cells: Sequence[Cell], archive: Archive, strata: Mapping[str, Stratum], classes: Sequence[str]
) -> list[Precision]:
    """Estimate the precision of each class and state from the cells of the sample."""
    groups, there = _groups(cells, strata), _archive(archive)
    found = []
    for label in classes:
        for state in STATES:
            group = groups[label, state]
            right = [(cell.state == state, weight) for cell, weight in group]
            found.append(
                Precision(
                    label,
                    state,
                    there[label, state],
                    len(group),
                    sum(good for good, _ in right),
                    sum(cell.state is None for cell, _ in group),
                    weighted_share(right),
                )
            )
    return found


def recalls(
    cells: Sequence[Cell], archive: Archive, strata: Mapping[str, Stratum], classes: Sequence[str]
) -> list[Recall]:
    """Estimate the recall of each class from the settled cells of the sample."""
    settled = [cell for cell in cells if cell.state is not None]
    groups, there = _groups(settled, strata), _archive(archive)
    found = []
    for label in classes:
        present = {
            state: [(cell.state == PRESENT, weight) for cell, weight in groups[label, state]]
            for state in STATES
        }
        shares = {state: weighted_share(present[state]) for state in STATES if there[label, state]}
        counted = {state: there[label, state] for state in shares}
        positive = {state: sum(good for good, _ in own) for state, own in present.items()}
        hits = positive.pop(PRESENT)
        found.append(Recall(label, hits, sum(positive.values()), _recall(shares, counted)))
    return found


def _recall(shares: Mapping[str, Share], counted: Mapping[str, int]) -> Share:
    """Put the shares together that are truly present, for each state that chestx gives.

    The interval takes the worst ends together: it is rather too wide than too narrow.
    """
    if any(share.value is None for share in shares.values()):
        return UNDEFINED

    def of(hits: str, misses: str) -> float | None:
        sums = [0.0, 0.0]
        for state, share in shares.items():
            part = getattr(share, hits if state == PRESENT else misses)
            sums[state != PRESENT] += counted[state] * part
        return sums[0] / sum(sums) if sum(sums) else None

    value = of("value", "value")
    return UNDEFINED if value is None else Share(value, of("low", "high"), of("high", "low"))


def weighted_share(judged: Sequence[tuple[bool, float]]) -> Share:
    """Return the weighted share of the true, and its interval."""
    if not judged:
        return UNDEFINED
    total = sum(weight for _, weight in judged)
    share = sum(weight for good, weight in judged if good) / total
    return wilson(share, total**2 / sum(weight**2 for _, weight in judged))


def wilson(share: float, n: float) -> Share:
    """Return Wilson's 95% interval of a share seen in `n` trials."""
    share = min(share, 1.0)
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    return Share(share, max(centre - half, 0.0), min(centre + half, 1.0))


def _groups(
    cells: Sequence[Cell], strata: Mapping[str, Stratum]
) -> defaultdict[tuple[str, str], _Group]:
    """Return the complete cells of the sample by class and what chestx says, with weights."""
    judged = [cell for cell in cells if cell.complete and cell.report in strata]
    counts = Counter((cell.label, strata[cell.report].name) for cell in judged)
    groups: defaultdict[tuple[str, str], _Group] = defaultdict(list)
    for cell in judged:
        name, size = strata[cell.report]
        groups[cell.label, cell.said].append((cell, size / counts[cell.label, name]))
    return groups


def _archive(archive: Archive) -> Counter[tuple[str, str]]:
    there: Counter[tuple[str, str]] = Counter()
    for states in archive.states.values():
        there.update(zip(archive.classes, states, strict=True))
    return there
