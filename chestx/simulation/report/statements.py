"""What a report is going to say of each finding: how surely, and how it compares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from chestx.simulation.report.grammar import Draw
from chestx.simulation.report.vocabulary import classes
from chestx.simulation.study import Finding

Manner = Literal["present", "likely", "possible"]
Trend = Literal["", "unchanged", "worse", "improved", "new"]
STATE: Mapping[Manner, int] = {"present": 1, "likely": 1, "possible": -1}
NOTICEABLE = 0.12
"""A change of extent that a radiologist speaks of."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A finding, how surely it is said, and how it compares with the earlier film."""

    finding: Finding
    manner: Manner
    trend: Trend


def plan_statements(
    findings: Sequence[Finding], previous: Sequence[Finding] | None, compares: float, draw: Draw
) -> list[Statement]:
    """Return a statement for each finding; a class is as sure in one place as in another."""
    manners: dict[str, Manner] = {}
    for finding in findings:
        if finding.label not in manners:
            manners[finding.label] = _manner(finding, draw)
    compared = previous if draw() < compares else None
    return [Statement(one, manners[one.label], _trend(one, compared)) for one in findings]


def _manner(finding: Finding, draw: Draw) -> Manner:
    """The less there is to see, the more it is hedged."""
    doubt = classes()[finding.label].doubt * (1.5 - finding.extent)
    chance = draw()
    if chance < doubt:
        return "possible"
    return "likely" if chance < 1.6 * doubt else "present"


def _trend(finding: Finding, previous: Sequence[Finding] | None) -> Trend:
    if previous is None:
        return ""
    earlier = [one for one in previous if one.label == finding.label]
    if not earlier:
        return "new"
    same = [one for one in earlier if (one.side, one.zone) == (finding.side, finding.zone)]
    if not same:
        # Elsewhere than before: neither new nor the same, so not compared.
        return ""
    change = finding.extent - same[0].extent
    if abs(change) < NOTICEABLE:
        return "unchanged"
    if change > 0:
        return "worse"
    # What does not go away looks better on a better film only.
    return "improved" if classes()[finding.label].resolves else "unchanged"
