"""The demonstration: a day with chestx on a made-up hospital, and OpenI's reports, in one folder.

Every stage is a call that a user can make: its command is printed before it, to be typed in that
folder. What an earlier run has finished is not done again.
"""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import chdir
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from chestx.errors import ChestxError
from chestx.job.count import count
from chestx.job.tables import Row, text_table
from chestx.labeler.batch.mine import mine_labels
from chestx.labeler.evaluation.run import EVALUATION, TABLES, reports_behind, run_evaluation
from chestx.labeler.evaluation.tables import percent
from chestx.labeler.fetch import NAME, Mirror, fetch_openi

REPORTS, LABELS, TRUTH, RUN = (
    Path("reports"), Path("labels"), Path("truth/labels.csv"), Path("runs/mil"),
)  # fmt: skip
OPENI = Path("openi")
ARCHIVE = OPENI / REPORTS / NAME
IOU = 0.3
CONFIG = "toy.toml"
TOY = """\
method = "mil"
backbone = "efficientnet_lite0"
size = 192
patches = 12
epochs = 4
batch_size = 5
lr = 0.001
backbone_lr = 0.0005
lr_every = 3
channels_last = true
"""
"""Settings with which a small network learns something from some hundred films on two cores."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How large the hospital is: films have up to `tallest` rows, images `edge` pixels a side.

    A share of the studies is `boxed`: a film with a box never teaches what its class looks like
    as a whole (Li et al. 2018, equation 4), so that a model needs some without, too.
    `training` is the content of the file of settings.
    """

    studies: int = 600
    tallest: int = 448
    boxed: float = 0.3
    edge: int = 384
    training: str = TOY


@dataclass(frozen=True, slots=True)
class Demo:
    """What every stage is given, and `say` for what it has to say."""

    scale: Scale
    mirror: Mirror | None
    resume: bool
    say: Callable[[object], None]

    def command(self, words: str) -> None:
        """Say what a user would type."""
        self.say(f"$ chestx {words}")


class Done(NamedTuple):
    """A line of the summary: how many of what, and how well; `part` names it, but for the first."""

    number: str
    score: str = ""
    part: str = ""


class Stage(NamedTuple):
    """What is done, under its title; left out where the file that it `needs` is not there."""

    title: str
    run: Callable[[Demo], Sequence[Done]]
    needs: Path | None = None


def run_demo(
    folder: Path = Path("demo"),
    mirror: Mirror | None = None,
    *,
    scale: Scale | None = None,
    resume: bool = True,
    say: Callable[[object], None] = print,
) -> None:
    """Run all stages in `folder`, which is then a workspace for all commands.

    Without a `mirror` the reports of OpenI come from NLM or, where that fails, from PyPI.
    """
    demo = Demo(scale or Scale(), mirror, resume, say)
    _check_installed()
    _make(folder)
    with chdir(folder):
        rows = _run(demo)
    say(text_table([["Stage", "count", "score", "seconds"], *rows]))
    say(
        f"\n'{folder}' is a workspace: after cd {folder} every command above goes on from there.\n"
        "The films are made up and the model is a toy. For research only: not a medical device.\n"
        f"Open {folder / 'gallery' / 'index.html'} in a browser."
    )


def _check_installed() -> None:
    if find_spec("lightning") is None:
        raise ChestxError("the demo trains a model: pip install 'chestx[train]' and run it again")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ChestxError(
            f"cannot make '{folder}' ({error.strerror}): name another folder"
        ) from error


def _run(demo: Demo) -> list[Row]:
    """Run the stages; return the lines of the summary."""
    rows: list[Row] = []
    for number, stage in enumerate(STAGES, 1):
        if stage.needs is not None and not stage.needs.exists():
            continue
        demo.say(f"[{number}/{len(STAGES)}] {stage.title}")
        started = time.perf_counter()
        first, *others = stage.run(demo)
        seconds = time.perf_counter() - started
        rows.append([stage.title, first.number, first.score, f"{seconds:.1f}"])
        rows += [[f"  {one.part}", one.number, one.score, ""] for one in others]
        demo.say("")
    return rows


def _simulate(demo: Demo) -> Sequence[Done]:
    from chestx.simulation.hospital.simulate import simulate

    scale = demo.scale
    demo.command(f"simulate --studies {scale.studies} --size {scale.tallest} --boxed {scale.boxed}")
    summary = simulate(
        number=scale.studies, tallest=scale.tallest, boxed=scale.boxed, resume=demo.resume
    )
    demo.say(summary)
    return [Done(f"{summary.studies:,} studies")]


def _mine(demo: Demo) -> Sequence[Done]:
    demo.command("mine-labels reports/")
    summary = mine_labels([REPORTS], LABELS, resume=demo.resume)
    demo.say(summary)
    return [Done(count(summary.reports, "report"))]


def _judge(demo: Demo) -> Sequence[Done]:
    demo.command(f"evaluate-labels --gold {TRUTH}")
    return [_judged(demo, LABELS, TRUTH, LABELS)]


def _build(demo: Demo) -> Sequence[Done]:
    from chestx.dataset.build.build import build_dataset
    from chestx.dataset.build.options import Options
    from chestx.simulation.scoring.score import score_workspace

    edge = demo.scale.edge
    demo.command(f"build-dataset --size {edge}")
    demo.say(build_dataset(Options(size=edge, boxes=Path("boxes")), resume=demo.resume))
    score = score_workspace()
    links, images, boxes = score.links, score.images, score.boxes
    return [
        Done(f"{links.films:,} films", f"{links.right:,} with their report"),
        Done(
            count(images.images, "image"),
            f"within {count(images.most, 'level')}",
            "as grey as the films",
        ),
        Done(f"{boxes.drawn:,} boxes", f"{boxes.placed:,} in their place", "boxes as drawn"),
    ]


def _fetch(demo: Demo) -> Sequence[Done]:
    demo.command(f"fetch openi -o {OPENI / REPORTS}")
    try:
        archive = _archive(demo)
    except ChestxError as error:
        demo.say(f"Going on without them: {error}")
        return [Done("none")]
    return [Done(f"{archive.stat().st_size / 1e6:.1f} MB")]


def _archive(demo: Demo) -> Path:
    folder = ARCHIVE.parent
    if demo.mirror is not None:
        return fetch_openi(folder, demo.mirror)
    try:
        return fetch_openi(folder, "nlm")
    except ChestxError:
        demo.say("The National Library of Medicine does not answer: taking the copy on PyPI.")
        return fetch_openi(folder, "pypi")


def _mine_openi(demo: Demo) -> Sequence[Done]:
    labels = OPENI / LABELS
    demo.command(f"mine-labels {ARCHIVE.parent} --format openi -o {labels}")
    summary = mine_labels([ARCHIVE.parent], labels, format="openi", resume=demo.resume)
    demo.say(summary)
    return [Done(count(summary.reports, "report"))]


def _judge_openi(demo: Demo) -> Sequence[Done]:
    labels = OPENI / LABELS
    demo.command(f"evaluate-labels {labels} --gold {ARCHIVE} --compare")
    return [_judged(demo, labels, ARCHIVE, labels)]


def _judge_with_normal(demo: Demo) -> Sequence[Done]:
    labels = OPENI / LABELS
    out = labels / "8-normal"
    demo.command(f"evaluate-labels {labels} --gold {ARCHIVE} --compare --with-normal -o {out}")
    return [_judged(demo, labels, ARCHIVE, out, with_normal=True)]


def _judged(demo: Demo, labels: Path, gold: Path, out: Path, *, with_normal: bool = False) -> Done:
    run_evaluation(
        labels,
        gold,
        out=out,
        with_normal=with_normal,
        beside_published=gold == ARCHIVE,
        reports=reports_behind(labels, gold),
    )
    demo.say(f"tables in '{out / TABLES}'")
    scores = json.loads((out / EVALUATION).read_text("utf-8"))
    return Done(count(scores["n_reports"], "report"), f"F1 {percent(scores['micro']['f1'])}%")


def _train(demo: Demo) -> Sequence[Done]:
    from chestx.model.training.config import make_config
    from chestx.model.training.train import train

    config = Path(CONFIG)
    config.write_text(demo.scale.training, "utf-8")
    demo.command(f"train --config {config}")
    summary = train(make_config(None, config, {}), RUN, resume=demo.resume)
    demo.say(summary)
    return [Done(f"{summary.images:,} films, {count(summary.epochs, 'epoch')}")]


def _evaluate(demo: Demo) -> Sequence[Done]:
    from chestx.model.evaluation.evaluate import TABLES, evaluate
    from chestx.model.evaluation.tables import decimal

    demo.command(f"evaluate {RUN}")
    summary = evaluate(RUN)
    demo.say(f"tables in '{summary.folder / TABLES}'")
    metrics = summary.metrics
    auc, found = metrics.mean_auc, metrics.localization.iou[IOU].values()
    boxed = sum(one.n for one in found)
    hit = sum(round(one.accuracy * one.n) for one in found)
    interval = f"{decimal(auc.low)} to {decimal(auc.high)}"
    return [
        Done(f"{metrics.n_images:,} other films", f"mean AUC {decimal(auc.value)} ({interval})"),
        Done(count(boxed, "boxed finding"), f"{hit:,} at IoU > {IOU}", "found in their place"),
    ]


def _show(demo: Demo) -> Sequence[Done]:
    from chestx.gallery.make import make_gallery

    demo.command("gallery")
    summary = make_gallery()
    demo.say(summary)
    return [Done(f"{summary.studies:,} studies")]


# OpenI comes before the model: where PyTorch is loaded, the workers that mine cannot be forked.
STAGES = (
    Stage("Make up a hospital", _simulate),
    Stage("Mine the labels of its reports", _mine),
    Stage("Judge them by the truth", _judge),
    Stage("Build a dataset of its films", _build),
    Stage("Fetch the real reports of OpenI", _fetch),
    Stage("Mine their labels", _mine_openi, ARCHIVE),
    Stage("Judge the diseases by human annotation", _judge_openi, ARCHIVE),
    Stage("Judge 8 diseases and Normal", _judge_with_normal, ARCHIVE),
    Stage("Train a toy model on the dataset", _train),
    Stage("Judge it on films of other patients", _evaluate),
    Stage("Show all of it in a gallery", _show),
)
