"""`chestx review`: an audit of the labels by readers."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from chestx.commands.group import Commands
from chestx.commands.options import (
    ANY_PATH,
    EXISTING_FILE,
    classes_option,
    out_option,
    quiet_option,
    seed_option,
)
from chestx.commands.say import say

if TYPE_CHECKING:
    from chestx.review.judged import Unmarked


@click.group(cls=Commands)
def review() -> None:
    """Have readers judge the labels, and measure agreement, precision and recall."""


@review.command("sample")
@click.argument("labels", default="labels", type=ANY_PATH)
@out_option("Folder for the audit.", "review")
@click.option(
    "--n",
    type=click.IntRange(min=1),
    default=900,
    show_default=True,
    help="Reports to draw; 900 in Wang et al. 2017.",
)
@click.option(
    "--per-class",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Reports for each state of a class before frequent ones get more.",
)
@classes_option("Classes to judge.  [default: all]")
@seed_option("Another one, other reports.")
@quiet_option
def _sample(
    labels: Path,
    out: Path,
    n: int,
    per_class: int,
    classes: list[str] | None,
    seed: int,
    quiet: bool,
) -> None:
    """Draw reports of LABELS that readers are to judge.

    LABELS is the folder that mine-labels wrote, or its labels.csv. Draws from the states of each
    class and from reports that mention none; weights say for how many of the archive a report
    stands. A larger --n adds to the reports of a smaller one. Writes ids.txt, sample.csv and
    README.md, which says how to go on.

    \b
    Example:
      chestx review sample --n 900
    """
    from chestx.review.sample import sample_reports

    summary = sample_reports(labels, out, n=n, per_class=per_class, classes=classes, seed=seed)
    if not quiet:
        say(summary)


@review.command("merge")
@click.argument("files", nargs=-1, required=True, type=EXISTING_FILE)
@out_option("Folder of the audit.", "review")
@click.option(
    "--labels",
    type=ANY_PATH,
    default=Path("labels"),
    show_default=True,
    help="The labels that were judged.",
)
@click.option("--adjudicated", metavar="FILE", type=EXISTING_FILE, help="conflicts.csv, filled in.")
@click.option(
    "--unmarked",
    type=click.Choice(["open", "right"]),
    default="open",
    show_default=True,
    help="What a class without a verdict is, in a report of which the reader judged something.",
)
@quiet_option
def _merge(
    files: tuple[Path, ...],
    out: Path,
    labels: Path,
    adjudicated: Path | None,
    unmarked: "Unmarked",
    quiet: bool,
) -> None:
    """Compare the verdicts of readers in FILES, as the gallery saved them, one for each reader.

    Prints agreement and kappa per class, and precision and recall estimated for all labels. Writes
    them to agreement.md and agreement.json, what is to be adjudicated to conflicts.csv, and what is
    settled to gold.csv, for evaluate-labels. Only readers.csv has the readers' names.

    \b
    Example:
      chestx review merge anna.json ben.json
    """
    from chestx.review.merge import merge_verdicts

    summary = merge_verdicts(files, out, labels=labels, adjudicated=adjudicated, unmarked=unmarked)
    if not quiet:
        say(summary)
