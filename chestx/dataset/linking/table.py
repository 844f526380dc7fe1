"""The user's table of links: which report is of which film, and what headers leave out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chestx.dataset.csv_table import plain, read_table
from chestx.dataset.film import Film
from chestx.dataset.linking.film_index import FilmIndex, Films, doubt
from chestx.dataset.linking.row import (
    COLUMNS_NEEDED,
    UNDERSTOOD,
    Row,
    columns_of,
    row_of,
    usable,
)
from chestx.dataset.unmatched import Unmatched
from chestx.errors import ChestxError

DESCRIBING = ("patient_id", "issuer", "study_date", "age", "sex")


@dataclass(frozen=True, slots=True)
class LinkTable:
    """The rows of the table `name` that can be used, and the `faults`.

    Those are rows that cannot be used, or hold more than is understood.
    """

    name: str
    rows: Sequence[Row]
    faults: Sequence[Unmatched]


def read_link_table(path: Path) -> LinkTable:
    """Read a CSV with the columns of `row.ALIASES`; its most specific filled column names a film.

    Raises `ChestxError` where it cannot be read or has no usable columns.
    """
    table = read_table(path)
    columns = columns_of(table.header)
    if not usable(columns):
        raise ChestxError(f"'{path}' cannot link reports to films: it needs {COLUMNS_NEEDED}")
    rows: list[Row] = []
    faults = [Unmatched("link", "", path.name, reason, line) for line, reason in table.faults]
    for line, fields in table.rows:
        row = row_of(line, {name: fields[at] for name, at in columns.items()})
        if isinstance(row, Row):
            rows.append(row)
            unclear = " and ".join(row.unclear)
            reason = f"its {unclear} could not be understood: {UNDERSTOOD}" if unclear else ""
        else:
            reason = row
        if reason:
            report = fields[columns["report_id"]]
            faults.append(Unmatched("link", report, path.name, reason, line))
    return LinkTable(path.name, rows, faults)


def complete_films(films: Sequence[Film], table: LinkTable) -> list[Film]:
    """Return the films with what the table says of them where their headers say nothing.

    Of several rows for one film the first that says something counts. A view is taken only from
    rows that name a single image.
    """
    index = FilmIndex(films)
    completed: dict[str, Film] = {}
    for row in table.rows:
        if not row.describes:
            continue
        named = [completed.get(film.source, film) for film in index.named(row.by, row.value)]
        if not objection(named, row):
            completed.update((film.source, _completed(film, row)) for film in named)
    return [completed.get(film.source, film) for film in films]


def objection(films: Films, row: Row) -> str:
    """Say why a row cannot speak of the films that it names, empty where it can."""
    patients = {plain(film.patient_id) for film in films} - {""}
    if row.patient_id and patients - {row.patient_id}:
        return "its patient_id is not that of the film"
    return doubt(films, row.by)


def _completed(film: Film, row: Row) -> Film:
    told: dict[str, Any] = {
        name: getattr(row, name) for name in DESCRIBING if getattr(film, name) in ("", None)
    }
    same_kind = row.view and film.view.kind == row.view.kind and not film.view.position
    if row.by in ("image", "sop") and (film.view.kind == "unknown" or same_kind):
        told["view"] = row.view or film.view
    return replace(film, **told) if told else film
