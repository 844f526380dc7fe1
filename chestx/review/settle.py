"""Which cells of the audit are settled: by the readers, or by an adjudicator between them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from chestx.dataset.csv_table import plain, read_table
from chestx.errors import ChestxError
from chestx.job.sheet import unguarded
from chestx.review.archive import Archive
from chestx.review.folder import CONFLICTS
from chestx.review.judged import Place, Reading
from chestx.review.states import WORDS, Judgement

ADJUDICATED, REMARK = "adjudicated", "adjudicator_notes"


class Adjudication(NamedTuple):
    """What an adjudicator has made of a cell: its state, None where it is open, and a note."""

    state: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A class of a report that a reader has judged; `said` is what chestx says of it.

    `judged` has each reader's judgement, None where there is none.
    """

    report: str
    label: str
    said: str
    judged: tuple[Judgement | None, ...]
    notes: tuple[str, ...]
    adjudication: Adjudication | None

    @property
    def adjudicated(self) -> str | None:
        """Return the adjudicator's state, None where there is none."""
        return None if self.adjudication is None else self.adjudication.state

    @property
    def agreed(self) -> str | None:
        """Return the state that every reader names, None where there is none."""
        first, *others = self.judged
        alike = first is not None and all(other == first for other in others)
        return next(iter(first)) if alike and first is not None and len(first) == 1 else None

    @property
    def state(self) -> str | None:
        """Return the state that counts as true, None where it is not settled."""
        return self.agreed if self.adjudicated is None else self.adjudicated

    @property
    def complete(self) -> bool:
        """Tell whether all readers have judged it, or an adjudicator has."""
        return self.adjudicated is not None or all(self.judged)

    @property
    def reason(self) -> str:
        """Return why the readers have not settled it, empty where they have."""
        if self.agreed is not None:
            return ""
        given = [judgement for judgement in self.judged if judgement]
        if any(not one & other for one, other in combinations(given, 2)):
            return "readers differ"
        if len(given) == len(self.judged):
            return "true state not named"
        return "unsure" if frozenset() in self.judged else "not judged by all"


def cells(
    archive: Archive, readings: Sequence[Reading], adjudicated: Mapping[Place, Adjudication]
) -> list[Cell]:
    """Return what was judged, by report in the order of the archive and by class."""
    judged = {place for one in readings for place in one.cells}
    judged |= {place for place, one in adjudicated.items() if one.state is not None}
    return [
        Cell(
            report,
            label,
            archive.state(report, label),
            tuple(one.cells.get((report, label)) for one in readings),
            tuple(one.notes.get((report, label), "") for one in readings),
            adjudicated.get((report, label)),
        )
        for report, label in _ordered(archive, judged)
    ]


def _ordered(archive: Archive, places: set[Place]) -> Iterator[Place]:
    reports = {report for report, _ in places}
    for report in archive.states:
        if report in reports:
            yield from ((report, name) for name in archive.classes if (report, name) in places)


def read_adjudicated(path: Path, archive: Archive) -> dict[Place, Adjudication]:
    """Return what an adjudicator has filled into a copy of `conflicts.csv`.

    Raises `ChestxError` where it is no such table or a filled row cannot be used.
    """
    table = read_table(path)
    wanted = ("report_id", "class", ADJUDICATED)
    if missing := [name for name in wanted if name not in table.header]:
        raise ChestxError(f"'{path}' has no column '{missing[0]}': give a filled {CONFLICTS}")
    if table.faults:
        line, reason = table.faults[0]
        raise ChestxError(f"line {line} of '{path}' cannot be read ({reason}): mend it")
    states = {word: state for state, word in WORDS.items()}
    reports = {plain(report): report for report in archive.states}
    remark = table.header.index(REMARK) if REMARK in table.header else None
    found: dict[Place, Adjudication] = {}
    for line, row in table.rows:
        report, label, word = (row[table.header.index(name)] for name in wanted)
        noted = "" if remark is None else unguarded(row[remark])
        if not word and not noted:
            continue
        state = states.get(word.casefold())
        place = (reports.get(unguarded(report), ""), unguarded(label))
        if word and state is None:
            what = f"has none of the states {', '.join(states)} in its column '{ADJUDICATED}'"
        elif not place[0] or place[1] not in archive.classes:
            what = "is of no report and class of the labels (spreadsheets change ids such as 0012)"
        elif place in found:
            what = "adjudicates what an earlier line does"
        else:
            found[place] = Adjudication(state, noted)
            continue
        raise ChestxError(f"line {line} of '{path}' {what}: mend it")
    return found
