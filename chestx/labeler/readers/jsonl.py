"""JSON Lines: an object per line, with the report and its id in two of the fields."""

import json
from collections.abc import Iterator

from chestx.errors import ChestxError
from chestx.job.rejected import Rejected
from chestx.labeler.readers.columns import Columns, layout
from chestx.labeler.readers.decode import Lines
from chestx.labeler.readers.member import Member, RecordTooLargeError, reason
from chestx.labeler.report import Report


def read(member: Member, columns: Columns) -> Iterator[Report | Rejected]:
    """Yield a report per line; without a field of ids they are numbered by line.

    Objects may differ in their fields. That none has the columns is an error if the user named
    the file or the column.
    """
    some = False
    missing: ChestxError | None = None
    for number, value in objects(member):
        source = f"{member.source}:{number}"
        if isinstance(value, str):
            yield Rejected("", source, value)
            continue
        try:
            found = layout(columns, tuple(value))
        except ChestxError as error:
            missing = missing or error
            yield Rejected("", source, "no field with a report, or none with an id")
        else:
            some = True
            yield found.record(value, f"{member.id}:{number}", source)
    if missing and not some and (member.typed or columns != Columns()):
        raise missing


def objects(member: Member) -> Iterator[tuple[int, dict[str, object] | str]]:
    """Yield each line's number with its object, or with the reason against it."""
    with Lines(member.stream, newline="\n") as lines:
        yield from _objects(lines)


def _objects(lines: Lines) -> Iterator[tuple[int, dict[str, object] | str]]:
    while True:
        lines.begin_record()
        try:
            line = next(lines)
        except StopIteration:
            return
        except RecordTooLargeError as error:
            yield lines.number, reason(error)
            continue
        if line.strip():
            yield lines.number, parse_object(line)


def parse_object(text: str) -> dict[str, object] | str:
    """Return the JSON object, or the reason why it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return "malformed JSON"
    return value if isinstance(value, dict) else "not a JSON object"
