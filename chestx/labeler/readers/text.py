"""A report that is a file of its own."""

from collections.abc import Iterator

from chestx.job.rejected import Rejected
from chestx.labeler.readers.columns import Columns
from chestx.labeler.readers.decode import decode, not_a_report
from chestx.labeler.readers.member import Member
from chestx.labeler.report import Report

DOCUMENTS = {b"%PDF-": "a PDF", b"PK\x03\x04": "a zip or office document", b"{\\rtf": "RTF"}
"""What other documents begin with."""


def read(member: Member, columns: Columns) -> Iterator[Report | Rejected]:
    """Yield the file as a report; its id is the path without the suffix."""
    yield as_report(member, member.id)


def as_report(member: Member, name: str) -> Report | Rejected:
    """Return the whole file as the report `name`."""
    if not name:
        return member.rejected("no id")
    content = member.read()
    for start, kind in DOCUMENTS.items():
        if content.startswith(start):
            return member.rejected(f"{kind}, not plain text: save it as text first")
    text = decode(content)
    if fault := not_a_report(text):
        return member.rejected(fault)
    if not text.strip():
        return member.rejected("empty report")
    return Report(name, text, member.source)
