"""A report that is a file of its own."""

from collections.abc import Iterator

from chestx.labeler.readers.columns import Columns
from chestx.labeler.readers.decode import decode
from chestx.labeler.readers.member import Member
from chestx.labeler.report import Rejected, Report


def read(member: Member, columns: Columns) -> Iterator[Report | Rejected]:
    """Yield the file as a report; its id is the path without the suffix."""
    yield as_report(member, member.id)


def as_report(member: Member, name: str) -> Report | Rejected:
    """Return the whole file as the report `name`."""
    if not name:
        return member.rejected("no id")
    text = decode(member.read())
    if "\0" in text:
        return member.rejected("binary, not text")
    if not text.strip():
        return member.rejected("empty report")
    return Report(name, text, member.source)
