"""The demonstration: the stages of chestx on public data, in one folder, by one command."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chestx.errors import ChestxError
from chestx.job.ledger import other_options
from chestx.job.tables import text_table
from chestx.labeler.batch.mine import Summary, mine_labels
from chestx.labeler.evaluation.run import EVALUATION, reports_behind, run_evaluation
from chestx.labeler.evaluation.tables import percent
from chestx.labeler.fetch import Mirror, fetch_openi

OF_771 = (
    "The paper's Table 18 is of 771 of these reports: to judge only those, give\n"
    "chestx evaluate-labels a file of their ids by --ids."
)


@dataclass(frozen=True, slots=True)
class Demo:
    """What every stage is given: the folder that they share, and `say` for what it has to say."""

    folder: Path
    mirror: Mirror | None
    say: Callable[[str], None]

    @property
    def reports(self) -> Path:
        """The folder of the archive of reports."""
        return self.folder / "reports"

    @property
    def labels(self) -> Path:
        """The folder of the mined labels."""
        return self.folder / "labels"


@dataclass(frozen=True, slots=True)
class Done:
    """A line of the summary: how many of what, and how well."""

    count: str
    score: str = ""


def run_demo(
    folder: Path = Path("demo"),
    mirror: Mirror | None = None,
    *,
    say: Callable[[str], None] = print,
) -> None:
    """Run all stages; one that an earlier run has finished is not done again.

    Without a `mirror` the reports come from NLM or, where that fails, from PyPI.
    """
    demo = Demo(folder, mirror, say)
    rows = [["Stage", "count", "score", "seconds"]]
    for number, (title, stage) in enumerate(STAGES, 1):
        say(f"[{number}/{len(STAGES)}] {title}")
        started = time.perf_counter()
        done = stage(demo)
        seconds = time.perf_counter() - started
        rows.append([title, done.count, done.score, f"{seconds:.1f}"])
        say("")
    say(text_table(rows))
    say(f"\nAll of it is in '{folder}'. For research only: not a medical device.")


def _fetch(demo: Demo) -> Done:
    archive = _archive(demo)
    return Done(f"{archive.stat().st_size / 1e6:.1f} MB")


def _archive(demo: Demo) -> Path:
    if demo.mirror is not None:
        return fetch_openi(demo.reports, demo.mirror)
    try:
        return fetch_openi(demo.reports, "nlm")
    except ChestxError:
        demo.say("The National Library of Medicine does not answer: taking the copy on PyPI.")
        return fetch_openi(demo.reports, "pypi")


def _mine(demo: Demo) -> Done:
    summary = _mined(demo)
    demo.say(str(summary))
    return Done(f"{summary.reports:,} reports")


def _mined(demo: Demo) -> Summary:
    try:
        return mine_labels([demo.reports], demo.labels, format="openi")
    except ChestxError as error:
        if str(error) != str(other_options(demo.labels)):
            raise
        demo.say("The labels there are of another version of chestx: mining them again.")
        return mine_labels([demo.reports], demo.labels, format="openi", resume=False)


def _judge(demo: Demo) -> Done:
    done = _judged(demo, demo.labels, with_normal=False)
    demo.say(f"\n{OF_771}")
    return done


def _judge_with_normal(demo: Demo) -> Done:
    return _judged(demo, demo.labels / "8-normal", with_normal=True)


def _judged(demo: Demo, out: Path, *, with_normal: bool) -> Done:
    (gold,) = demo.reports.glob("*.tgz")
    tables = run_evaluation(
        demo.labels,
        gold,
        out=out,
        with_normal=with_normal,
        beside_published=True,
        reports=reports_behind(gold),
    )
    demo.say(tables)
    scores = json.loads((out / EVALUATION).read_text("utf-8"))
    return Done(f"{scores['n_reports']:,} reports", f"F1 {percent(scores['micro']['f1'])}")


STAGES: tuple[tuple[str, Callable[[Demo], Done]], ...] = (
    ("Fetch the reports of OpenI", _fetch),
    ("Mine their labels", _mine),
    ("Judge the diseases by human annotation", _judge),
    ("Judge 8 diseases and Normal", _judge_with_normal),
)
