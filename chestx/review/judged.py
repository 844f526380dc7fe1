"""What each reader says about the classes of the reports judged."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from chestx.errors import ChestxError
from chestx.job.count import count
from chestx.review.archive import COMPUTED, Archive
from chestx.review.mentions import Spans
from chestx.review.states import Judgement, strongest
from chestx.review.verdicts import VerdictFile

Unmarked = Literal["open", "right"]
Place = tuple[str, str]
"""A report and a class."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A reader's judgements by report and class, and the notes there."""

    reader: int
    cells: Mapping[Place, Judgement]
    notes: Mapping[Place, str]


def check(file: VerdictFile, archive: Archive) -> None:
    """Raise `ChestxError` where a file judges other labels than those of the archive."""
    strange = {what.label for what in file.verdicts} - {*archive.classes, *COMPUTED}
    if strange:
        raise ChestxError(f"'{file.path}' judges a class that the labels do not have: {_GIVE}")
    lost = {what.report for what in file.verdicts if what.report not in archive.states}
    if lost:
        reports = count(len(lost), "report")
        raise ChestxError(f"'{file.path}' judges {reports} that the labels do not have: {_GIVE}")
    others = sum(
        1
        for what, verdict in file.verdicts.items()
        if what.kind == "label"
        and what.label not in COMPUTED
        and verdict.said != archive.state(what.report, what.label)
    )
    if others:
        verdicts = count(others, "verdict")
        raise ChestxError(
            f"'{file.path}' has {verdicts} on a state that is another in the labels: {_GIVE}"
        )


_GIVE = "name with --labels those that the gallery was made of"


def reading(
    number: int,
    file: VerdictFile,
    archive: Archive,
    mentions: Mapping[Place, Spans],
    unmarked: Unmarked,
) -> Reading:
    """Return what a reader says about each class judged, as a whole or by its mentions.

    Verdicts on mentions count for a class that has none of its own. With `unmarked` "right", what
    has no verdict, in a report in which something has one, is as chestx says.
    """
    cells: dict[Place, Judgement] = {}
    notes: defaultdict[Place, list[str]] = defaultdict(list)
    spans: defaultdict[Place, dict[tuple[int, int], Judgement]] = defaultdict(dict)
    for what, verdict in file.verdicts.items():
        place = (what.report, what.label)
        if what.label in COMPUTED:
            continue
        if what.kind == "label":
            cells[place] = verdict.judgement
        else:
            spans[place][what.start, what.end] = verdict.judgement
        if verdict.note:
            notes[place].append(verdict.note)
    for place, judged in spans.items():
        if place not in cells:
            said = archive.state(*place)
            found = _by_mentions(said, judged, mentions.get(place, {}), unmarked)
            if found is not None:
                cells[place] = found
    if unmarked == "right":
        for report in {what.report for what in file.verdicts}:
            for label, said in zip(archive.classes, archive.states[report], strict=True):
                if (report, label) not in spans:
                    cells.setdefault((report, label), frozenset([said]))
    return Reading(number, cells, {place: " / ".join(all_) for place, all_ in notes.items()})


def _by_mentions(
    said: str, judged: Mapping[tuple[int, int], Judgement], spans: Spans, unmarked: Unmarked
) -> Judgement | None:
    """Return the judgement of a class whose mentions were judged, None where they do not tell.

    All mentions right: the class is right. Otherwise the strongest mention decides, unless the
    label set has made another state of the mentions, as some do of a hedge.
    """
    if not spans or (unmarked == "open" and not judged.keys() >= spans.keys()):
        return None
    of = {span: frozenset([status]) for span, status in spans.items()}
    now: dict[tuple[int, int], Judgement] = {**of, **judged}
    if now == of:
        return frozenset([said])
    return strongest(now.values()) if strongest(of.values()) == {said} else None
