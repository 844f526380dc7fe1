"""A unit of work: reports that are labelled together and saved together.

A labelled unit is plain bytes, so that it crosses processes as fast as it is written: a line of
JSON, the rows of `labels.csv` and of `rejected.csv`, and the columns of the mentions as int32.
A column of strings is numbers into the column's distinct values, which are in the JSON.
"""

import json
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from chestx.job.csv_line import csv_line
from chestx.labeler.report import Report, Result

if TYPE_CHECKING:
    from chestx.labeler.labeler import Labeler

NUMBERS = ("sentence", "start", "end")
COLUMNS = (
    "report_id",
    "section",
    "sentence",
    "start",
    "end",
    "text",
    "label",
    "cui",
    "concept",
    "semantic_type",
    "status",
    "certainty",
    "rule",
    "evidence",
)
VALUES = {1: "1", 0: "0", -1: "-1", None: ""}
# A hedge that the rules read off the parse.
WARM_UP = "There may be a small pleural effusion."
Column = tuple[list[str], memoryview]


@dataclass(frozen=True, slots=True)
class Unit:
    """Reports as `(id, text)`, and the rows of `rejected.csv` that fell among them.

    `digest` tells whether a saved unit was made from the same records.
    """

    index: int
    digest: str
    reports: list[tuple[str, str]]
    rejected: list[str]


@dataclass(frozen=True, slots=True)
class LabelledUnit:
    """What the bytes of a labelled unit hold; `columns` are `(distinct values, int32 numbers)`."""

    digest: str
    reports: int
    rejected: int
    mentions: int
    seconds: float
    labels_csv: memoryview
    rejected_csv: memoryview
    columns: dict[str, Column]


@dataclass(frozen=True)
class LabelUnit:
    """Labels units with a labeler that is made when first needed and never pickled."""

    make_labeler: Callable[[], "Labeler"]

    @cached_property
    def labeler(self) -> "Labeler":
        """The labeler of this process."""
        return self.make_labeler()

    def __getstate__(self) -> dict[str, Any]:
        return {"make_labeler": self.make_labeler}

    def warm_up(self) -> None:
        """Load all that labelling needs, so that forked processes share it."""
        self.labeler(WARM_UP)

    def __call__(self, unit: Unit) -> tuple[int, int, bytes]:
        """Return the unit's index, the number of its reports, and the labelled unit."""
        started = time.perf_counter()
        ids = [id for id, _ in unit.reports]
        results = list(self.labeler.pipe(Report(id, text) for id, text in unit.reports))
        labelled = list(zip(ids, results, strict=True))
        labels_csv = "".join(_label_rows(labelled, self.labeler.classes)).encode()
        rejected_csv = "".join(unit.rejected).encode()
        values, numbers, mentions = _columns(labelled)
        head = {
            "digest": unit.digest,
            "reports": len(ids),
            "rejected": len(unit.rejected),
            "mentions": mentions,
            "sizes": [len(labels_csv), len(rejected_csv)],
            "values": values,
            "seconds": time.perf_counter() - started,
        }
        line = json.dumps(head).encode()
        return unit.index, len(ids), b"".join((line, b"\n", labels_csv, rejected_csv, *numbers))


def unpack(data: bytes) -> LabelledUnit:
    """Return what `data`, made by `LabelUnit`, holds; raise `ValueError` if it is damaged."""
    body = data.index(b"\n") + 1
    head = json.loads(data[:body])
    size = head["mentions"] * array("i").itemsize
    ends = list(accumulate([*head["sizes"], *[size] * len(COLUMNS)], initial=body))
    if ends[-1] != len(data):
        raise ValueError("the unit is cut off")
    view = memoryview(data)
    labels_csv, rejected_csv, *numbers = (view[start:end] for start, end in pairwise(ends))
    values = head["values"]
    return LabelledUnit(
        digest=head["digest"],
        reports=head["reports"],
        rejected=head["rejected"],
        mentions=head["mentions"],
        seconds=head["seconds"],
        labels_csv=labels_csv,
        rejected_csv=rejected_csv,
        columns={n: (values.get(n, []), c) for n, c in zip(COLUMNS, numbers, strict=True)},
    )


def _label_rows(labelled: Iterable[tuple[str, Result]], classes: Sequence[str]) -> Iterator[str]:
    for id, result in labelled:
        value = result.labels.get
        found = "|".join([name for name in classes if value(name) == 1])
        row = [id, found or "No Finding", "1" if result.normal else "0"]
        yield csv_line([*row, *[VALUES[value(name)] for name in classes]])


def _columns(
    labelled: Sequence[tuple[str, Result]],
) -> tuple[dict[str, list[str]], list[bytes], int]:
    """Return the distinct values of the columns of strings, all columns as int32, the length."""
    mentions = [mention for _, result in labelled for mention in result.mentions]
    values: dict[str, list[str]] = {}
    numbers = []
    for name in COLUMNS:
        if name == "report_id":
            column: list[Any] = [id for id, result in labelled for _ in result.mentions]
        else:
            column = list(map(attrgetter(name), mentions))
        if name not in NUMBERS:
            values[name], column = _distinct(column)
        numbers.append(array("i", column).tobytes())
    return values, numbers, len(mentions)


def _distinct(column: list[str]) -> tuple[list[str], list[int]]:
    """Return the values in the order of their first appearance and each entry's number."""
    number: dict[str, int] = {}
    numbers = [number.setdefault(value, len(number)) for value in column]
    return list(number), numbers
