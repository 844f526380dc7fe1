"""What there is to show: the folders that the other commands have left."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chestx.errors import ChestxError
from chestx.labeler.readers.mined import Mined, Reports, mined

LABELS, MENTIONS, EVALUATION, ERRORS = (
    "labels.csv", "mentions.parquet", "evaluation.json", "errors.csv",
)  # fmt: skip
OF_RUN, PREDICTIONS, METRICS, ROC = "evaluation", "predictions.jsonl", "metrics.json", "roc.png"
CONFIG = "config.toml"
TRUTH = "truth"


@dataclass(frozen=True, slots=True)
class Workspace:
    """The parts of a workspace: folders, None or empty for what is not there.

    `labels` holds labels.csv, `truth` the same table of what is true of each report. `label_set` is
    the name or the file of the label set, empty where it is not known. `runs` are of models, those
    `left_out` of models of other data: an image there may have the name of one here. A `blind`
    workspace has nothing that would tell a reader what others say: no truth, boxes, scores, models.
    """

    labels: Path | None
    label_set: str
    reports: Reports
    data: Path | None
    truth: Path | None
    runs: tuple[Path, ...]
    left_out: tuple[Path, ...]
    blind: bool = False


def find_workspace(
    labels: Path | None = None,
    reports: Sequence[Path] = (),
    data: Path | None = None,
    runs: Sequence[Path] = (),
    *,
    blind: bool = False,
) -> Workspace:
    """Return what was named; what was not is looked for in the current folder, truth beside labels.

    Raises `ChestxError` for what was named and is not there, and where there is nothing to show.
    """
    labels = _folder_of(labels) if labels else _there(Path("labels"), LABELS)
    for path in (*([data] if data else []), *reports, *runs):
        if not path.exists():
            raise ChestxError(f"{path} does not exist: check the path")
    run = mined(labels) if labels else Mined()
    of_labels = run.reports(reports) if labels else Reports()
    data = data or _there(Path("dataset"), "Data_Entry_2017*.csv*")
    runs = tuple(runs) or sorted(path.parent for path in Path("runs").glob(f"*/{OF_RUN}"))
    if blind:
        runs = ()
    shown = tuple(run for run in runs if data is None or _is_of(run, data))
    beside = [*([labels] if labels else []), *of_labels.paths]
    found = Workspace(
        labels=labels,
        label_set=run.label_set,
        reports=of_labels,
        data=data,
        truth=None if blind else _truth_beside(beside),
        runs=shown,
        left_out=tuple(run for run in runs if run not in shown),
        blind=blind,
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


def _truth_beside(paths: Iterable[Path]) -> Path | None:
    """Return the folder `truth` beside the first of these paths that has one."""
    return next(filter(None, (_there(path.parent / TRUTH, LABELS) for path in paths)), None)


def _is_of(run: Path, data: Path) -> bool:
    """Tell whether a run is of a dataset, or does not say of which.

    Its `config.toml` names the dataset from the folder that it was trained in: this one, or the one
    that `runs/` lies in.
    """
    try:
        named = tomllib.loads((run / CONFIG).read_text("utf-8")).get("data")
    except (OSError, ValueError):
        return True
    if not isinstance(named, str):
        return True
    places = (Path(named), run.resolve().parent.parent / named)
    return data.resolve() in {place.resolve() for place in places}
