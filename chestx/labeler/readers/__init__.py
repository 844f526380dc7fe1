"""Reports from files, folders, archives and stdin, one at a time and in a fixed order."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from chestx.errors import ChestxError
from chestx.job.rejected import Rejected
from chestx.labeler.readers import csv, fhir, jsonl, mimic_cxr, openi, text
from chestx.labeler.readers.columns import Columns
from chestx.labeler.readers.detect import detect
from chestx.labeler.readers.inventory import inventory
from chestx.labeler.readers.member import DAMAGE, Member, RecordTooLargeError, reason
from chestx.labeler.readers.openi import read_mesh
from chestx.labeler.readers.sources import check, members
from chestx.labeler.report import Report

__all__ = ["AUTO", "FORMATS", "inventory", "read_mesh", "read_reports"]

AUTO = "auto"
FORMATS: dict[str, Callable[[Member, Columns], Iterator[Report | Rejected]]] = {
    "text": text.read,
    "csv": csv.read,
    "jsonl": jsonl.read,
    "openi": openi.read,
    "mimic-cxr": mimic_cxr.read,
    "fhir": fhir.read,
}


def read_reports(
    paths: Sequence[str | Path],
    format: str = AUTO,
    text_column: str | None = None,
    id_column: str | None = None,
) -> Iterator[Report | Rejected]:
    """Yield every report below `paths`, and a `Rejected` for each record that is none.

    `paths` are folders, files, `.gz`, `.zip`, `.tar`, `.tgz` or `-` for stdin; the columns are
    for `csv` and `jsonl` and are guessed where they are not given. Folders are read in the order
    of their paths, archives in their own. Ids may repeat: that is for the caller to refuse.

    Raises `ChestxError` at once for a path that does not exist or an unknown format, and while
    reading for a column that is not there.
    """
    if format != AUTO and format not in FORMATS:
        known = ", ".join((AUTO, *FORMATS))
        raise ChestxError(f"there is no report format {format!r}: choose one of {known}")
    check(paths)
    return _records(paths, format, Columns(text_column, id_column))


def _records(
    paths: Sequence[str | Path], format: str, columns: Columns
) -> Iterator[Report | Rejected]:
    for member in members(paths):
        if isinstance(member, Rejected):
            yield member
            continue
        try:
            name = detect(member) if format == AUTO else format
            if name is None:
                yield member.rejected(
                    "no known report format: save it as text or CSV, or name its --format"
                )
            else:
                yield from FORMATS[name](member, columns)
        except (*DAMAGE, RecordTooLargeError) as error:
            if not member.archive_failed():
                yield member.rejected(reason(error))
