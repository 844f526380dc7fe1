"""`chestx mine-labels`."""

from typing import Any

import click

from chestx.commands.group import Resumable
from chestx.commands.options import (
    format_option,
    label_set_option,
    out_option,
    parser_option,
    quiet_option,
    resume_option,
    workers_option,
)
from chestx.commands.say import say


@click.command(cls=Resumable)
@click.argument("reports", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True))
@out_option("Folder for the labels.", "labels")
@format_option("Of REPORTS.")
@click.option("--text-column", metavar="NAME", help="Column of the text, for csv and jsonl.")
@click.option("--id-column", metavar="NAME", help="Column of the report's id, for csv and jsonl.")
@label_set_option
@click.option(
    "--assertion",
    type=click.Choice(["dependency", "negex", "none"]),
    default="dependency",
    show_default=True,
    help="What tells present, negated and uncertain apart.",
)
@parser_option
@click.option("--umls", is_flag=True, help="Add scispaCy's UMLS linker to the lexicon.")
@workers_option
@resume_option
@quiet_option
def mine_labels(reports: tuple[str, ...], quiet: bool, **options: Any) -> None:
    """Mine the labels of the radiology reports in REPORTS.

    REPORTS are folders or files, also .gz, .zip or .tgz, or - for jsonl on standard input. Writes
    labels.csv, mentions.parquet, rejected.csv and run.json into the output folder.

    \b
    Example:
      chestx mine-labels reports/ --label-set chexpert -o labels
    """
    from chestx.labeler.batch.mine import mine_labels as mine

    summary = mine(reports, quiet=quiet, **options)
    if summary.rejected or not quiet:
        say(summary)
