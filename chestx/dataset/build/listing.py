"""The lists of what could not be used; they cite ids and paths, so they are the crosswalk's."""

from collections.abc import Iterable

from chestx.dataset.unmatched import Unmatched
from chestx.job.csv_line import csv_line
from chestx.job.names import printable
from chestx.job.output import Output
from chestx.job.rejected import Rejected

REJECTED = "rejected.csv"
UNMATCHED = "unmatched.csv"


def write_rejected(crosswalk: Output, rejected: Iterable[Rejected]) -> None:
    """Write the files that gave no image, in the order of their paths."""
    rows = sorted((printable(one.source), one.id, one.reason) for one in rejected)
    lines = (csv_line((id, source, reason)) for source, id, reason in rows)
    crosswalk.write(REJECTED, ("id,source,reason\n" + "".join(lines)).encode())


def write_unmatched(crosswalk: Output, unmatched: Iterable[Unmatched]) -> None:
    """Write what found no partner, in the order in which it was looked for."""
    lines = (
        csv_line((one.kind, one.id, printable(one.source), str(one.row or ""), one.reason))
        for one in unmatched
    )
    crosswalk.write(UNMATCHED, ("kind,id,source,row,reason\n" + "".join(lines)).encode())
