"""The files of `labels/`: finished units joined, in order, after what was there before."""

import csv
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, BinaryIO

from chestx.job.csv_line import csv_line
from chestx.job.output import Output
from chestx.labeler.batch.unit import COLUMNS, NUMBERS, LabelledUnit

if TYPE_CHECKING:
    import pyarrow as pa

LABELS, MENTIONS, REJECTED = "labels.csv", "mentions.parquet", "rejected.csv"
OUTPUTS = (LABELS, MENTIONS, REJECTED)
REJECTED_COLUMNS = ("id", "source", "reason")
ROW_GROUPS = "row groups"
COUNTS = ("reports", "rejected", "mentions")


def write_tables(
    output: Output,
    units: Iterable[LabelledUnit],
    classes: Sequence[str],
    kept: Mapping[str, int],
) -> dict[str, int]:
    """Write the three files whole: what was `kept` of the old ones, then `units`.

    Returns how much they hold now, as `kept` for the next time: bytes, row groups, records. Only
    what `kept` counts is taken over, so a run that died between two files repeats nothing.
    """
    now = dict.fromkeys((*COUNTS, ROW_GROUPS), 0) | dict(kept)
    with (
        output.writing(LABELS) as labels,
        output.writing(REJECTED) as rejected,
        output.writing(MENTIONS) as mentions,
    ):
        _start(labels, output, LABELS, kept, ["report_id", "Finding Labels", "Normal", *classes])
        _start(rejected, output, REJECTED, kept, REJECTED_COLUMNS)
        with _MentionWriter(mentions) as writer:
            writer.copy(output, kept.get(ROW_GROUPS, 0))
            for unit in units:
                labels.write(unit.labels_csv)
                rejected.write(unit.rejected_csv)
                now[ROW_GROUPS] += writer.write(unit)
                now["reports"] += unit.reports
                now["rejected"] += unit.rejected
                now["mentions"] += unit.mentions
        for name, file in zip(OUTPUTS, (labels, mentions, rejected), strict=True):
            now[name] = file.tell()
    return now


def write_rejected(
    output: Output, units: Iterable[LabelledUnit], kept: Mapping[str, int]
) -> dict[str, int]:
    """Write the rejected records only, as `write_tables` does: there is no report to label.

    Labels of an earlier run are left as they are.
    """
    now = dict.fromkeys((*COUNTS, ROW_GROUPS), 0) | dict(kept)
    with output.writing(REJECTED) as rejected:
        _start(rejected, output, REJECTED, kept, REJECTED_COLUMNS)
        for unit in units:
            rejected.write(unit.rejected_csv)
            now["rejected"] += unit.rejected
        now[REJECTED] = rejected.tell()
    return now


def only_reason(output: Output) -> str | None:
    """Return the reason why the records were rejected, None if there are several."""
    with (output / REJECTED).open(encoding="utf-8", newline="") as file:
        reasons = {row["reason"] for row in csv.DictReader(file)}
    return reasons.pop() if len(reasons) == 1 else None


def kept_ids(output: Output, kept: Mapping[str, int]) -> Iterator[str]:
    """Yield the ids of the reports that are labelled already."""
    if kept.get("reports"):
        with (output / LABELS).open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            next(rows)
            for _ in range(kept["reports"]):
                yield next(rows)[0]


def _start(
    file: BinaryIO, output: Output, name: str, kept: Mapping[str, int], header: Iterable[str]
) -> None:
    if name not in kept:
        file.write(csv_line(header).encode())
        return
    left = kept[name]
    with (output / name).open("rb") as old:
        while left:
            block = old.read(min(left, 1 << 20))
            file.write(block)
            left -= len(block)


class _MentionWriter:
    """Writes `mentions.parquet`, a row group for each unit that has mentions."""

    def __init__(self, file: BinaryIO) -> None:
        # Loaded only now, and without pandas: to convert lists, pyarrow would import it.
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.pa, self.pq = pa, pq
        # To unfold the strings, pyarrow would load all its functions; the file is the same.
        number, string = pa.int32(), pa.dictionary(pa.int32(), pa.string())
        self.schema = pa.schema(
            [pa.field(name, number if name in NUMBERS else string, False) for name in COLUMNS]
        )
        self.writer = pq.ParquetWriter(
            file, self.schema, compression="zstd", compression_level=1, store_schema=False
        )

    def __enter__(self) -> "_MentionWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self.writer.close()

    def copy(self, output: Output, row_groups: int) -> None:
        """Take over the first row groups of the old file."""
        if row_groups:
            strings = [name for name in COLUMNS if name not in NUMBERS]
            with (
                (output / MENTIONS).open("rb") as file,
                self.pq.ParquetFile(file, read_dictionary=strings) as old,
            ):
                for index in range(row_groups):
                    self._group(old.read_row_group(index, use_threads=False))

    def write(self, unit: LabelledUnit) -> int:
        """Write the unit's mentions; return the number of row groups."""
        if not unit.mentions:
            return 0
        columns = [
            self._numbers(numbers) if name in NUMBERS else self._strings(values, numbers)
            for name, (values, numbers) in unit.columns.items()
        ]
        self._group(self.pa.Table.from_arrays(columns, schema=self.schema))
        return 1

    def _group(self, table: "pa.Table") -> None:
        self.writer.write_table(table, row_group_size=max(table.num_rows, 1))

    def _numbers(self, numbers: memoryview) -> "pa.Array":
        buffer = self.pa.py_buffer(numbers)
        return self.pa.Int32Array.from_buffers(self.pa.int32(), len(numbers) // 4, [None, buffer])

    def _strings(self, values: list[str], numbers: memoryview) -> "pa.Array":
        encoded = [value.encode() for value in values]
        ends = array("i", accumulate(map(len, encoded), initial=0))
        pool = self.pa.StringArray.from_buffers(
            len(values), self.pa.py_buffer(ends), self.pa.py_buffer(b"".join(encoded))
        )
        return self.pa.DictionaryArray.from_arrays(self._numbers(numbers), pool)
