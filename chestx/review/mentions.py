"""The mentions of the reports that were judged, from `mentions.parquet`."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

from chestx.errors import ChestxError

MENTIONS = "mentions.parquet"
COLUMNS = ("report_id", "label", "start", "end", "status")

Spans = Mapping[tuple[int, int], str]
"""The status of each mention of a class in a report, by its place in the text."""


def read_mentions(labels: Path, reports: Collection[str]) -> Mapping[tuple[str, str], Spans]:
    """Return the mentions of each report and class, for `reports`; none where there is no file."""
    path = (labels if labels.is_dir() else labels.parent) / MENTIONS
    if not path.exists():
        return {}
    import pyarrow as pa
    import pyarrow.parquet as pq

    wanted = set(reports)
    found: defaultdict[tuple[str, str], dict[tuple[int, int], str]] = defaultdict(dict)
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(columns=list(COLUMNS)):
                columns = [batch.column(name).to_pylist() for name in COLUMNS]
                for report, label, start, end, status in zip(*columns, strict=True):
                    if label and report in wanted:
                        found[report, label][start, end] = status
    except (OSError, ValueError, KeyError, pa.ArrowException) as error:
        raise ChestxError(f"'{path}' is not what chestx mine-labels wrote: mine anew") from error
    return found
