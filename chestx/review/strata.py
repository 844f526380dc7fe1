"""Strata of an audit, and in which order reports are drawn from them.

A report lies in one stratum, that of the rarest state of a class that it has: so rare ones are
drawn often and every report has a known chance. Sizes follow the square root of the strata's
(Bankier 1988, "Power allocations", with the power 1/2), a compromise between equal precision for
each class and the best for the whole archive.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from heapq import heapify, heapreplace
from itertools import islice
from math import sqrt
from typing import NamedTuple

from chestx.review.archive import Archive
from chestx.review.states import STATES

NORMAL, NOT_NORMAL = "nothing mentioned, normal", "nothing mentioned, not normal"


class Drawn(NamedTuple):
    """A report of the sample; `size` counts all reports of its stratum, `weight` those it is for.

    The weight is the inverse of the chance to be drawn: sums of weights estimate counts of the
    archive (Horvitz and Thompson 1952).
    """

    report: str
    stratum: str
    size: int
    weight: float


def cells(archive: Archive, classes: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return for each report the states of `classes` that it mentions, such as `Mass negated`."""
    columns = [(archive.classes.index(name), name) for name in classes]
    names = {(name, state): f"{name} {state}" for _, name in columns for state in STATES if state}
    return {
        report: tuple(names[name, states[i]] for i, name in columns if states[i])
        for report, states in archive.states.items()
    }


def strata(of: Mapping[str, tuple[str, ...]], normal: frozenset[str]) -> dict[str, list[str]]:
    """Part the reports into strata, the smallest first; `of` gives the cells of each.

    For every cell there is a stratum all of whose reports have it: a report from each stratum
    shows every cell.
    """
    counts = Counter(cell for own in of.values() for cell in own)
    rarest = sorted(counts, key=lambda cell: (counts[cell], cell))
    rank = {cell: place for place, cell in enumerate(rarest)}
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for report, own in of.items():
        if own:
            groups[min(own, key=rank.__getitem__)].append(report)
        else:
            groups[NORMAL if report in normal else NOT_NORMAL].append(report)
    for cell in rarest:
        if cell not in groups:
            _split(groups, cell, of)
    return dict(sorted(groups.items(), key=lambda item: (len(item[1]), item[0])))


def _split(groups: dict[str, list[str]], cell: str, of: Mapping[str, tuple[str, ...]]) -> None:
    """Give a cell whose reports all lie with rarer ones a stratum, unless one has it throughout."""
    having = {name: [r for r in reports if cell in of[r]] for name, reports in groups.items()}
    if any(0 < len(having[name]) == len(groups[name]) for name in groups):
        return
    name = max(having, key=lambda name: (len(having[name]), name))
    groups[f"{name}, {cell}"] = having[name]
    groups[name] = [report for report in groups[name] if cell not in of[report]]


def draw(groups: Mapping[str, Sequence[str]], n: int, per_class: int, seed: int) -> list[Drawn]:
    """Draw `n` reports, or all there are, in an order of which each beginning is a sample itself.

    First up to `per_class` from each stratum in turn, then by the square root of its size.
    """
    names = list(groups)
    sizes = [len(groups[name]) for name in names]
    turns = list(islice(_turns(sizes, per_class), n))
    taken = Counter(turns)
    waiting = [iter(sorted(groups[name], key=lambda report: _lot(seed, report))) for name in names]
    return [Drawn(next(waiting[at]), names[at], sizes[at], sizes[at] / taken[at]) for at in turns]


def _turns(sizes: Sequence[int], per_class: int) -> Iterator[int]:
    """Yield the stratum whose turn it is, until all are empty."""
    for place in range(per_class):
        yield from (at for at, size in enumerate(sizes) if size > place)
    queue = [
        (-sqrt(size) / (per_class + 1), at, per_class)
        for at, size in enumerate(sizes)
        if size > per_class
    ]
    heapify(queue)
    while queue:
        _, at, taken = queue[0]
        yield at
        taken += 1
        # A stratum that is used up goes to the end: its turn never comes.
        share = -sqrt(sizes[at]) / (taken + 1) if taken < sizes[at] else 1.0
        heapreplace(queue, (share, at, taken))
        if queue[0][0] > 0:
            return


def _lot(seed: int, report: str) -> bytes:
    """Return the place in the draw: other reports do not change it."""
    return blake2b(f"{seed}\0{report}".encode(), digest_size=16).digest()
