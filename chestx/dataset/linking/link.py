"""Which reports are of which film: by accession number, study, patient and day, or a table."""

import posixpath
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chestx.dataset.csv_table import plain
from chestx.dataset.film import Film
from chestx.dataset.linking.film_index import VALUE_OF, FilmIndex, Films, doubt
from chestx.dataset.linking.report_id import VALUE_IN, Way, kind_of_ids, parts
from chestx.dataset.linking.row import COLUMNS_NEEDED
from chestx.dataset.linking.table import LinkTable, objection
from chestx.dataset.unmatched import Unmatched
from chestx.errors import ChestxError

VALUE: Mapping[Way, str] = {
    "accession": "accession number",
    "study": "Study Instance UID",
    "patient-date": "patient id and study date",
}
"""The ways that need no table, in the order in which they are preferred."""

NO_ROW = "no usable row of the table names it"
NOT_PATIENT_DATE = "its id is not of the form PATIENT_DATE"


class NothingLinkedError(ChestxError):
    """No report has a film; `unmatched` says of each report, film and row why."""

    def __init__(self, message: str, unmatched: list[Unmatched]) -> None:
        super().__init__(message)
        self.unmatched = unmatched


@dataclass(frozen=True, slots=True)
class Links:
    """The reports of each film by its source, in the order in which the reports were given.

    `how` is "accession", "study", "patient-date" or "table". Films and reports without a partner
    are `unmatched`, and so are rows of the table that link nothing.
    """

    how: str
    reports_of: dict[str, tuple[str, ...]]
    unmatched: list[Unmatched]


@dataclass
class _Found:
    """The films of each report, and why other reports, films (by source) and rows have none.

    `doubts` are the reasons against reports and films that did find each other.
    """

    how: str
    films_of: dict[str, Films] = field(default_factory=dict)
    why_report: dict[str, str] = field(default_factory=dict)
    why_film: dict[str, str] = field(default_factory=dict)
    rows: list[Unmatched] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def settle(self, report: str, films: Films, reason: str) -> None:
        """Give a report its films, or none if there is a `reason` against it."""
        if not reason:
            self.films_of[report] = films
            return
        self.doubts.append(reason)
        self.why_report[report] = reason
        for film in films:
            self.why_film[film.source] = f"its report cannot be linked: {reason}"

    def reason(self, film: Film) -> str:
        """Say why a film has no report."""
        if film.source in self.why_film:
            return self.why_film[film.source]
        way = next((way for way in VALUE if way == self.how), None)
        if way is None:
            return NO_ROW
        has = VALUE_OF[way](film)
        return f"no report has its {VALUE[way]}" if has else f"it has no {VALUE[way]}"


def link_reports(
    films: Sequence[Film], reports: Sequence[str], how: Way | LinkTable | None
) -> Links:
    """Link report ids to films by a way of `VALUE` or by a table.

    Without `how` the way that links most reports is taken. Values must be equal but for white
    space around them and the form of Unicode. Whatever one value names is linked: all images of a
    study to all its reports. Where that would join films of several patients nothing is. The films
    of a table are those that `complete_films` gave. Raises `NothingLinkedError` where no report
    gets a film.
    """
    index = FilmIndex(films)
    if isinstance(how, LinkTable):
        found = _by_table(index, reports, how)
    elif how is not None:
        found = _by_id(index, reports, how)
    else:
        tried = [_by_id(index, reports, way) for way in VALUE]
        found = max(tried, key=lambda found: len(found.films_of))
        if not found.films_of:
            found = max(tried, key=lambda found: len(found.doubts))
    links = _links(found, films, reports)
    if not links.reports_of:
        raise NothingLinkedError(_nothing_linked(films, reports, how, found), links.unmatched)
    return links


def _by_id(index: FilmIndex, reports: Sequence[str], way: Way) -> _Found:
    found = _Found(way)
    films_of = index.by(VALUE_OF[way])
    # What precedes such an end is part of a film's value, and no folder's name.
    ends = {posixpath.basename(value) for value in films_of if "/" in value}
    strange = f"no film has its {VALUE[way]}"
    for report in reports:
        whole, *last = (VALUE_IN[way](part) for part in parts(report))
        values = [whole, *(value for value in last if value not in ends)]
        value = next((value for value in values if value in films_of), "")
        if value:
            films = films_of[value]
            found.settle(report, films, doubt(films, way))
        else:
            found.why_report[report] = strange if any(values) else NOT_PATIENT_DATE
    return found


def _by_table(index: FilmIndex, reports: Sequence[str], table: LinkTable) -> _Found:
    found = _Found("table", rows=list(table.faults))
    ids = {plain(report): report for report in reversed(reports)}
    ids.update((report, report) for report in reports)
    films_of: defaultdict[str, list[Film]] = defaultdict(list)
    for row in table.rows:
        films = index.named(row.by, row.value)
        report = ids.get(row.report_id)
        if report is None:
            reason = "no report has this id"
        elif not films:
            reason = f"no film has this {row.column}"
        else:
            reason = objection(films, row)
            found.doubts += [reason] if reason else []
        if reason:
            found.rows.append(Unmatched("link", row.report_id, table.name, reason, row.line))
        elif report is not None:
            films_of[report].extend(films)
    for report, named in films_of.items():
        once = [*{film.source: film for film in named}.values()] if len(named) > 1 else named
        # Rows may join what no single one does.
        found.settle(report, once, doubt(once, "study"))
    return found


def _links(found: _Found, films: Sequence[Film], reports: Sequence[str]) -> Links:
    reports_of: defaultdict[str, list[str]] = defaultdict(list)
    unmatched: list[Unmatched] = []
    for report in reports:
        for film in found.films_of.get(report, ()):
            reports_of[film.source].append(report)
        if report not in found.films_of:
            reason = found.why_report.get(report, NO_ROW)
            unmatched.append(Unmatched("report", report, "", reason))
    without = [
        Unmatched("film", film.sop_instance_uid, film.source, found.reason(film))
        for film in films
        if film.source not in reports_of
    ]
    of = {source: tuple(linked) for source, linked in reports_of.items()}
    return Links(found.how, of, without + unmatched + sorted(found.rows, key=lambda one: one.row))


def _nothing_linked(
    films: Sequence[Film], reports: Sequence[str], how: Way | LinkTable | None, found: _Found
) -> str:
    """Return what a user is to know; it quotes nothing that stands in films or reports."""
    if not films or not reports:
        missing = "films" if not films else "reports"
        return f"there are no {missing} to link: check the folder and the labels"
    table = f"'{how.name}'" if isinstance(how, LinkTable) else f"a CSV with {COLUMNS_NEEDED}"
    if found.doubts:
        ((reason, _),) = Counter(found.doubts).most_common(1)
        mostly = "mostly " if len({*found.doubts}) > 1 else ""
        mend = f"mend {table}" if isinstance(how, LinkTable) else f"give --link {table}"
        return (
            "reports and films found each other, but every link is in doubt, "
            f"{mostly}since {reason}: see unmatched.csv, and {mend}"
        )
    kind = kind_of_ids(reports)
    if isinstance(how, LinkTable):
        return (
            f"no row of {table} names both a report and a film that are here: the ids of the "
            f"reports are {kind}; see unmatched.csv"
        )
    values = VALUE[how] if how else " or ".join(VALUE.values())
    return (
        f"no report belongs to a film: the ids of the reports are {kind}, and none is a film's "
        f"{values}; give --link {table}"
    )
