"""The file of a reader's verdicts, as the gallery saves it: JSON from a stranger's hand."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, NoReturn

from chestx.dataset.csv_table import plain
from chestx.errors import ChestxError
from chestx.job.count import count
from chestx.review.states import STATES, UNSURE, Judgement, all_but

FORMAT, VERSION = "chestx-review", 1
MOST_BYTES = 64 << 20
MOST_VERDICTS = 500_000
LONGEST = {"reader": 200, "label_set": 1_000, "report_id": 1_000, "class": 200, "note": 10_000}

Kind = Literal["label", "mention"]


class What(NamedTuple):
    """What was judged: a class of a report, or one mention of it, at `start:end` of the text."""

    kind: Kind
    report: str
    label: str
    start: int
    end: int


class Verdict(NamedTuple):
    """`said` is the state that chestx gave, `judgement` what the reader holds possible."""

    said: str
    judgement: Judgement
    note: str


@dataclass(frozen=True, slots=True)
class VerdictFile:
    """What a reader has judged, in the order of the file."""

    path: Path
    reader: str
    label_set: str
    verdicts: Mapping[What, Verdict]


class _BadError(Exception):
    """What is wrong with the file, without anything that is in it."""


def read_verdicts(path: Path) -> VerdictFile:
    """Read a reader's file; raise `ChestxError` that says in one line what is wrong with it."""
    try:
        return _read(path, _parse(path))
    except _BadError as error:
        raise ChestxError(
            f"'{path}' {error}: give a file of verdicts as the gallery saved it"
        ) from None
    except OSError as error:
        raise ChestxError(f"cannot read '{path}' ({error.strerror})") from None


def _parse(path: Path) -> Any:
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _BadError(f"is larger than {MOST_BYTES >> 20} MB")
    try:
        return json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise _BadError("is not JSON") from None


def _read(path: Path, content: Any) -> VerdictFile:
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise _BadError(f"is no file of the format {FORMAT}")
    version = content.get("version")
    if type(version) is not int or version != VERSION:
        raise _BadError(f"is not of version {VERSION} of the format")
    reader = plain(_string(content, "reader", "it"))
    if not reader:
        raise _BadError("does not name its reader")
    label_set = _string(content, "label_set", "it")
    rows = content.get("verdicts")
    if not isinstance(rows, list):
        raise _BadError("has no list of verdicts")
    if len(rows) > MOST_VERDICTS:
        raise _BadError(f"has more than {count(MOST_VERDICTS, 'verdict')}")
    verdicts: dict[What, Verdict] = {}
    places: dict[What, int] = {}
    for number, row in enumerate(rows, 1):
        if _is_of_no_class(row):
            continue
        what, verdict = _verdict(row, f"verdict {number:,}")
        if what in verdicts:
            raise _BadError(f"judges the same twice, in verdicts {places[what]:,} and {number:,}")
        verdicts[what], places[what] = verdict, number
    if not verdicts:
        raise _BadError("has no verdict")
    return VerdictFile(path, reader, label_set, verdicts)


def _is_of_no_class(row: Any) -> bool:
    """Tell whether it is on a mention outside of the label set: it says nothing of any label."""
    return isinstance(row, dict) and row.get("kind") == "mention" and row.get("class") == ""


def _verdict(row: Any, where: str) -> tuple[What, Verdict]:
    if not isinstance(row, dict):
        _wrong(where, "is no object")
    kind = row.get("kind")
    if kind not in ("label", "mention"):
        _wrong(where, "is of no known kind")
    start, end = _span(row, where) if kind == "mention" else (0, 0)
    what = What(kind, _string(row, "report_id", where), _string(row, "class", where), start, end)
    said = row.get("state")
    if not isinstance(said, str) or said not in STATES:
        _wrong(where, "has no state that chestx knows")
    note = _string(row, "note", where) if row.get("note") is not None else ""
    return what, Verdict(said, _judgement(row, said, where), note)


def _judgement(row: Mapping[str, Any], said: str, where: str) -> Judgement:
    """Return what the reader holds possible; `wrong` alone leaves open all that was not said."""
    verdict, should_be = row.get("verdict"), row.get("should_be")
    if should_be is not None and (not isinstance(should_be, str) or should_be not in STATES):
        _wrong(where, "should be a state that chestx does not know")
    if verdict == "unsure":
        return UNSURE
    if verdict not in ("right", "wrong"):
        _wrong(where, "is neither right, wrong nor unsure")
    if should_be is not None and (should_be == said) != (verdict == "right"):
        _wrong(where, "contradicts itself")
    if verdict == "right":
        return frozenset([said])
    return all_but(said) if should_be is None else frozenset([should_be])


def _span(row: Mapping[str, Any], where: str) -> tuple[int, int]:
    start, end = row.get("start"), row.get("end")
    if type(start) is not int or type(end) is not int or not 0 <= start < end < 1 << 31:
        _wrong(where, "has no place in the text")
    return start, end


def _string(row: Mapping[str, Any], name: str, where: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or (not value and name in ("report_id", "class")):
        _wrong(where, f"has no {name}")
    if len(value) > LONGEST[name]:
        _wrong(where, f"has a {name} of more than {LONGEST[name]:,} characters")
    if any("\ud800" <= letter <= "\udfff" or letter == "\0" for letter in value):
        _wrong(where, f"has a {name} that is no text")
    return value


def _wrong(where: str, what: str) -> NoReturn:
    raise _BadError(f"cannot be used, {where} {what}")
