"""What there is to show: the folders that the other commands have left."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chestx.errors import ChestxError
from chestx.job.output import RUN

LABELS, MENTIONS, EVALUATION, ERRORS = (
    "labels.csv", "mentions.parquet", "evaluation.json", "errors.csv",
)  # fmt: skip
OF_RUN, PREDICTIONS, METRICS, ROC = "evaluation", "predictions.jsonl", "metrics.json", "roc.png"
CONFIG = "config.toml"
STDIN = "-"


@dataclass(frozen=True, slots=True)
class Reports:
    """Where the reports are, and how they were read when they were mined."""

    paths: tuple[Path, ...] = ()
    format: str = "auto"
    text_column: str | None = None
    id_column: str | None = None


@dataclass(frozen=True, slots=True)
class Workspace:
    """The parts of a workspace: folders, None or empty for what is not there.

    `labels` holds labels.csv, `truth` the same table of what is true of each report. `label_set` is
    the name or the file of the label set, empty where it is not known. `runs` are of models.
    """

    labels: Path | None
    label_set: str
    reports: Reports
    data: Path | None
    truth: Path | None
    runs: tuple[Path, ...]


def find_workspace(
    labels: Path | None = None,
    reports: Sequence[Path] = (),
    data: Path | None = None,
    runs: Sequence[Path] = (),
) -> Workspace:
    """Return what was named; what was not is looked for in the current folder.

    Raises `ChestxError` for what was named and is not there, and where there is nothing to show.
    """
    labels = _folder_of(labels) if labels else _there(Path("labels"), LABELS)
    for path in (*([data] if data else []), *reports, *runs):
        if not path.exists():
            raise ChestxError(f"{path} does not exist: check the path")
    mined = _read_json(labels / RUN) if labels else {}
    found = Workspace(
        labels=labels,
        label_set=str(mined.get("options", {}).get("label_set", "")),
        reports=_reports(reports, mined) if labels else Reports(),
        data=data or _there(Path("dataset"), "Data_Entry_2017*.csv*"),
        truth=_there(Path("truth"), LABELS),
        runs=tuple(runs) or tuple(sorted(path.parent for path in Path("runs").glob(f"*/{OF_RUN}"))),
    )
    if not found.labels and not found.data:
        raise ChestxError(
            "there is nothing to show: run chestx mine-labels or build-dataset first, or name "
            "--labels or --data"
        )
    return found


def _folder_of(labels: Path) -> Path:
    folder = labels if labels.is_dir() else labels.parent
    if not (folder / LABELS).is_file():
        raise ChestxError(
            f"there are no labels at '{labels}': run chestx mine-labels first, or name its folder "
            "with --labels"
        )
    return folder


def _there(folder: Path, pattern: str) -> Path | None:
    return folder if any(folder.glob(pattern)) else None


def _reports(named: Sequence[Path], mined: dict[str, Any]) -> Reports:
    """Return the reports named, else those that were mined, else `reports/`."""
    options = mined.get("options", {})
    paths = [path for path in map(Path, options.get("reports", ())) if str(path) != STDIN]
    if not paths or not all(path.exists() for path in paths):
        paths = [path for path in [Path("reports")] if path.exists()]
    return Reports(
        tuple(named or paths),
        options.get("format", "auto"),
        options.get("text_column"),
        options.get("id_column"),
    )


def _read_json(path: Path) -> dict[str, Any]:
    """Return what a command noted of itself; nothing where that is missing."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
