"""What labels were mined from, and how that was read: `run.json` of `mine-labels` knows."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chestx.errors import ChestxError
from chestx.job.output import RUN
from chestx.labeler.readers import AUTO, read_reports
from chestx.labeler.readers.sources import STDIN
from chestx.labeler.report import Report

WORKSPACE_REPORTS = Path("reports")
_WORDS = ("label_set", "format", "text_column", "id_column")
"""Options of mine-labels that are words."""


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports behind labels: where they are, and how they were read when they were mined."""

    paths: tuple[Path, ...] = ()
    format: str = AUTO
    text_column: str | None = None
    id_column: str | None = None

    def read(self) -> Iterator[Report]:
        """Yield the reports, none where no path is known; what is no report is passed over."""
        if self.paths:
            records = read_reports(self.paths, self.format, self.text_column, self.id_column)
            yield from (record for record in records if isinstance(record, Report))


@dataclass(frozen=True, slots=True)
class Mined:
    """The options of the run that made a folder of labels; none where it is not known."""

    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label_set(self) -> str:
        """The name or the file of the label set, empty where it is not known."""
        return self.options.get("label_set") or ""

    def reports(self, named: Sequence[Path] = ()) -> Reports:
        """Return the reports `named`, else those that were mined, else those in `reports/`."""
        options = self.options
        paths = [path for path in map(Path, options.get("reports", ())) if str(path) != STDIN]
        if not paths or not all(path.exists() for path in paths):
            paths = [path for path in [WORKSPACE_REPORTS] if path.exists()]
        return Reports(
            tuple(named or paths),
            options.get("format") or AUTO,
            options.get("text_column"),
            options.get("id_column"),
        )


def mined(labels: Path) -> Mined:
    """Return what `mine-labels` noted in the folder `labels`; nothing where it did not make it.

    Raises `ChestxError` for a `run.json` that is damaged.
    """
    path = labels / RUN
    try:
        options = json.loads(path.read_bytes()).get("options", {})
        words = [options[name] for name in _WORDS if options.get(name) is not None]
        if all(isinstance(word, str) for word in [*words, *options.get("reports", ())]):
            return Mined(dict(options))
    except OSError:
        return Mined()
    except (ValueError, AttributeError, TypeError, RecursionError):
        pass
    raise ChestxError(f"'{path}' is damaged: run chestx mine-labels again")
