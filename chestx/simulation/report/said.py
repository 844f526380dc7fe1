"""What a report has said so far, so that nothing later belies it."""

from collections.abc import Iterable, Mapping, Sequence

from chestx.simulation.report.statements import STATE, Statement
from chestx.simulation.report.vocabulary import kin
from chestx.simulation.study import Side

_RANK = {1: 2, -1: 1, 0: 0}


class Said:
    """The states of a report in the making, and what may still be said."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.manners = {one.finding.label: one.manner for one in statements}
        self.states: dict[str, int] = {}
        self._sides = {(one.finding.label, one.finding.side) for one in statements}
        # Whatever is on the film counts from the start: it is going to be said.
        self._shown = dict.fromkeys(self.manners)

    @property
    def shown(self) -> Iterable[str]:
        """The classes on the film or in doubt."""
        return [*self._shown, *(name for name, state in self.states.items() if state)]

    def note(self, says: Mapping[str, int]) -> None:
        """Take down what a sentence amounts to: 1 wins over -1 over 0."""
        for label, state in says.items():
            if _RANK[state] >= _RANK[self.states.get(label, 0)]:
                self.states[label] = state

    def allows(self, unless: frozenset[str], says: Mapping[str, int], side: Side = "") -> bool:
        """Tell whether a sentence goes with the film and with what was said.

        What it takes to be present must be so on that side; what it doubts must be neither on the
        film nor denied.
        """
        if unless and not unless.isdisjoint(self.shown):
            return False
        return all(
            self._sure(label, side) if state == 1 else self._open(label)
            for label, state in says.items()
        )

    def _sure(self, label: str, side: Side) -> bool:
        return (label, side) in self._sides and STATE[self.manners[label]] == 1

    def _open(self, label: str) -> bool:
        return label not in self._shown and self.states.get(label, -1) == -1

    def deniable(self, label: str) -> bool:
        """Tell whether a class can be denied: neither it nor its kin is there or in doubt."""
        return {label, *kin()[label]}.isdisjoint(self.shown)
