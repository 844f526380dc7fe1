"""What a round of annotation came to, as tables."""

from collections.abc import Sequence

from chestx.dataset.boxes.agreement import Agreement, Unpaired
from chestx.dataset.unmatched import Unmatched
from chestx.job.csv_line import csv_line
from chestx.job.tables import Row, text_table

_COLUMNS = (
    "label", "reader_1", "reader_2", "films", "matched", "mean_iou", "only_reader_1",
    "only_reader_2",
)  # fmt: skip


def _agreement_rows(agreement: Sequence[Agreement]) -> list[Row]:
    rows: list[Row] = [list(_COLUMNS)]
    for one in agreement:
        mean = "" if one.mean_iou is None else f"{one.mean_iou:.3f}"
        counts = (one.only_first, one.only_second)
        middle = (str(one.films), str(one.matched), mean)
        rows.append([one.label, *map(str, one.readers), *middle, *map(str, counts)])
    return rows


def agreement_csv(agreement: Sequence[Agreement]) -> str:
    """Return `agreement.csv`."""
    return "".join(map(csv_line, _agreement_rows(agreement)))


def agreement_text(agreement: Sequence[Agreement]) -> str:
    """Return the same for a terminal."""
    rows = _agreement_rows(agreement)
    return text_table([[cell.replace("_", " ") for cell in row] for row in rows])


def unpaired_csv(unpaired: Sequence[Unpaired]) -> str:
    """Return `unpaired.csv`: who of a film's readers alone drew which box."""
    lines = [csv_line(("image", "label", "reader", "x", "y", "width", "height", "iou"))]
    for one in unpaired:
        box = one.box
        edges = map(repr, (box.x, box.y, box.width, box.height))
        lines.append(csv_line((box.image, box.label, box.reader, *edges, f"{one.iou:.3f}")))
    return "".join(lines)


def unmatched_csv(faults: Sequence[Unmatched]) -> str:
    """Return `unmatched.csv`, which has names of files in it."""
    lines = [csv_line(("id", "source", "row", "reason"))]
    for fault in sorted(faults, key=lambda f: (f.source, f.row, f.id, f.reason)):
        row = str(fault.row) if fault.row else ""
        lines.append(csv_line((fault.id, fault.source, row, fault.reason)))
    return "".join(lines)
