"""Make the gallery of a workspace: collect, then write a site that needs nothing but its folder."""

import json
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chestx import __version__
from chestx.dataset.nih.folder import open_dataset
from chestx.errors import ChestxError
from chestx.gallery.films import read_films
from chestx.gallery.mentions import spool_mentions, spool_texts
from chestx.gallery.pages import INDEX, write_pages
from chestx.gallery.predictions import classes_of_runs, frame_of_boxes, read_predictions
from chestx.gallery.rules import said_of_rules
from chestx.gallery.site import Contents, write_data
from chestx.gallery.spool import Spool, Spools
from chestx.gallery.studies import list_studies
from chestx.gallery.workspace import MENTIONS, Workspace, find_workspace
from chestx.job.count import count
from chestx.job.ledger import library_versions
from chestx.job.output import RUN, Output, claim
from chestx.job.progress import Progress
from chestx.labeler.label_set import LabelSet, load_label_set

COMMAND = "gallery"
LIBRARIES = ("numpy", "pandas", "pyarrow")


@dataclass(frozen=True, slots=True)
class Summary:
    """What a gallery shows; printed, it is a line for the user."""

    page: Path
    studies: int
    films: int
    reports: int
    texts: int
    left_out: int

    def __str__(self) -> str:
        films = f" with {count(self.films, 'film')}" if self.films else ""
        studies = "1 study" if self.studies == 1 else f"{self.studies:,} studies"
        line = f"{studies}{films}: open '{self.page}'"
        if self.texts < self.reports:
            without = self.reports - self.texts
            line += f"; {count(without, 'report')} without text: name where they are with --reports"
        if self.left_out:
            line += f"; {count(self.left_out, 'run')} of other data left out: name it with --data"
        return line


def make_gallery(
    out: Path = Path("gallery"),
    *,
    labels: Path | None = None,
    reports: Sequence[Path] = (),
    data: Path | None = None,
    runs: Sequence[Path] = (),
    ids: Collection[str] | None = None,
    blind: bool = False,
    quiet: bool = False,
) -> Summary:
    """Write the gallery of a workspace to `out`; return what is in it.

    What is not named is looked for where the other commands leave it. Runs of other data than those
    shown are left out. `ids` restricts it to reports, or images, of these names, in this order;
    `blind` leaves out truth, boxes, scores and models, for readers who judge the labels. Raises
    `ChestxError` where there is nothing to show.
    """
    started = time.perf_counter()
    workspace = find_workspace(labels, reports, data, runs, blind=blind)
    with Output(out, private=True) as output, Progress("gallery", "studies", quiet=quiet) as bar:
        claim(output, COMMAND)
        facts = {
            "command": COMMAND,
            "version": __version__,
            "finished": False,
            "options": _shown(workspace, ids),
        }
        _note(output, facts)
        with output.told_plainly():
            (output / INDEX).unlink(missing_ok=True)
        with Spools(output) as spools:
            contents = _collect(workspace, spools, output.folder, ids)
            collected = time.perf_counter()
            texts = write_data(output, contents, bar)
        write_pages(output, workspace, contents)
        studies = contents.studies
        films = len({film for of_study in studies.films for film in of_study})
        facts |= {
            "finished": True,
            "gallery": contents.gallery_id(),
            "studies": len(studies.ids),
            "reports": studies.reports,
            "texts": texts,
            "films": films,
            "runs": len(contents.runs),
            "seconds": {
                "collect": round(collected - started, 3),
                "write": round(time.perf_counter() - collected, 3),
            },
            "libraries": library_versions(LIBRARIES),
        }
        _note(output, facts)
        left_out = len(workspace.left_out)
        return Summary(output / INDEX, len(studies.ids), films, studies.reports, texts, left_out)


def _collect(
    workspace: Workspace, spools: Spools, out: Path, ids: Collection[str] | None
) -> Contents:
    dataset = open_dataset(workspace.data) if workspace.data else None
    show_boxes = dataset is not None and not workspace.blind
    boxed = dict.fromkeys(dataset.boxes["label"].tolist()) if dataset and show_boxes else {}
    others = [*boxed, *classes_of_runs(workspace.runs)]
    studies = list_studies(workspace, dataset, ids, others)
    number_of = studies.number_of
    texts, mentions = Spool(spools, studies.reports), Spool(spools, studies.reports)
    spool_texts(workspace.reports, number_of, texts)
    rules: set[str] = set()
    if workspace.labels and (workspace.labels / MENTIONS).is_file():
        file, label_set = workspace.labels / MENTIONS, _label_set(workspace.label_set)
        rules = spool_mentions(file, number_of, mentions, label_set)
    found = (
        read_predictions(run, studies.images, studies.classes, spools) for run in workspace.runs
    )
    return Contents(
        label_set=Path(workspace.label_set).stem,
        studies=studies,
        films=read_films(dataset, studies.classes, out, with_boxes=show_boxes),
        frame=frame_of_boxes(workspace.runs),
        texts=texts,
        mentions=mentions,
        rules=said_of_rules(rules),
        runs=tuple(run for run in found if run is not None),
    )


def _shown(workspace: Workspace, ids: Collection[str] | None) -> dict[str, Any]:
    """Return what the gallery was made from."""
    return {
        "labels": str(workspace.labels or ""),
        "reports": [str(path) for path in workspace.reports.paths],
        "data": str(workspace.data or ""),
        "truth": str(workspace.truth or ""),
        "runs": [str(run) for run in workspace.runs],
        "left_out": [str(run) for run in workspace.left_out],
        "blind": workspace.blind,
        "ids": None if ids is None else len(ids),
    }


def _label_set(name: str) -> LabelSet | None:
    """Return the set that the labels were mined with; None where its file is not there any more."""
    try:
        return load_label_set(name)
    except ChestxError:
        return None


def _note(output: Output, facts: dict[str, Any]) -> None:
    output.write(RUN, (json.dumps(facts, indent=2) + "\n").encode())
