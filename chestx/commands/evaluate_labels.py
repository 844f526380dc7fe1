"""`chestx evaluate-labels`."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from chestx.commands.options import (
    ANY_PATH,
    EXISTING_PATH,
    classes_option,
    format_option,
    label_set_option,
    out_option,
    parser_option,
)
from chestx.commands.say import say

if TYPE_CHECKING:
    from chestx.labeler.report import Report


@click.command()
@click.argument("labels", default="labels", type=ANY_PATH)
@click.option(
    "--gold",
    required=True,
    type=EXISTING_PATH,
    help="The OpenI archive or folder, or a CSV with an id column and class columns.",
)
@click.option(
    "--ids", type=EXISTING_PATH, help="Judge only the reports in this file, one id a line."
)
@classes_option("Judge only these classes.")
@click.option(
    "--with-normal",
    is_flag=True,
    help="Judge Normal and the 8 classes of ChestX-ray8, as Table 2 of Wang et al. 2017.",
)
@click.option("--compare", is_flag=True, help="Print the published figures beside.")
@click.option(
    "--ablation",
    is_flag=True,
    help="Mine the reports with rules, with NegEx and with neither, and compare.",
)
@click.option(
    "--reports",
    multiple=True,
    type=EXISTING_PATH,
    help="What the labels were mined from.  [default: OpenI's own, or what the labels note]",
)
@format_option("Of --reports.")
@label_set_option
@parser_option
@out_option("Folder for the evaluation.  [default: beside the labels]")
def evaluate_labels(
    labels: Path,
    gold: Path,
    ids: Path | None,
    classes: list[str] | None,
    with_normal: bool,
    compare: bool,
    ablation: bool,
    reports: tuple[Path, ...],
    format: str,
    label_set: str,
    parser: str,
    out: Path | None,
) -> None:
    """Judge the mined LABELS by human annotation.

    LABELS is the folder that mine-labels wrote, or its labels.csv. Prints precision, recall, and F1
    with its 95% interval, per class, and writes evaluation.json, evaluation.md and errors.csv.
    With --ablation, --label-set and --parser say how the reports are mined once more.

    \b
    Example:
      chestx evaluate-labels --gold reports/NLMCXR_reports.tgz --compare
    """
    from chestx.labeler.evaluation.comparison import read_ids
    from chestx.labeler.evaluation.run import reports_behind, run_evaluation

    chosen: dict[str, Any] = {
        "ids": read_ids(ids) if ids else None,
        "classes": classes,
        "with_normal": with_normal,
    }
    behind = reports_behind(labels, gold, reports, format=format)
    say(run_evaluation(labels, gold, out=out, beside_published=compare, reports=behind, **chosen))
    if ablation:
        again = reports_behind(labels, gold, reports, format=format)
        say(f"\n{_ablation(again, gold, label_set, parser, chosen)}")


def _ablation(
    reports: "Iterable[Report]", gold: Path, label_set: str, parser: str, chosen: dict[str, Any]
) -> str:
    """Return the table of what each way to assert is worth."""
    from chestx.job.tables import text_table
    from chestx.labeler import Labeler
    from chestx.labeler.evaluation.ablation import ablation, ablation_rows
    from chestx.labeler.evaluation.gold import read_gold
    from chestx.labeler.labeler import AssertionName

    def labeler(assertion: str) -> Labeler:
        return Labeler(label_set, assertion=cast(AssertionName, assertion), parser=parser)

    return text_table(ablation_rows(ablation(reports, read_gold(gold), labeler, **chosen)))
