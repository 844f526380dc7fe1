"""`chestx gallery`."""

from pathlib import Path

import click

from chestx.commands.options import (
    ANY_PATH,
    EXISTING_FILE,
    EXISTING_FOLDER,
    EXISTING_PATH,
    out_option,
    quiet_option,
)
from chestx.commands.say import say


@click.command()
@out_option("Folder for the site, which only you can read.", "gallery")
@click.option("--labels", type=ANY_PATH, help="What mine-labels wrote.  [default: labels]")
@click.option(
    "--reports",
    multiple=True,
    type=EXISTING_PATH,
    help="What the labels were mined from.  [default: as mine-labels noted, or reports]",
)
@click.option(
    "--data", type=EXISTING_FOLDER, help="The dataset, or NIH's own download.  [default: dataset]"
)
@click.option(
    "--run",
    "runs",
    metavar="RUN",
    multiple=True,
    type=EXISTING_FOLDER,
    help="A run that was evaluated; may be given again.  [default: all in runs]",
)
@click.option(
    "--ids", type=EXISTING_FILE, help="Show only the reports or images in this file, one id a line."
)
@click.option(
    "--blind",
    is_flag=True,
    help="For readers who judge the labels: without truth, boxes, scores and models.",
)
@quiet_option
def gallery(
    out: Path,
    labels: Path | None,
    reports: tuple[Path, ...],
    data: Path | None,
    runs: tuple[Path, ...],
    ids: Path | None,
    blind: bool,
    quiet: bool,
) -> None:
    """Make a site of films, reports, labels and models that opens from disk, without a server.

    Films with boxes and heatmaps, reports with the reason behind every mention, statistics and
    scores; and a review mode, in which a radiologist says which labels are right and saves the
    verdicts as a file. It holds the text of the reports, and links to the images of the dataset:
    leave it where it is made.

    \b
    Example:
      chestx gallery --run runs/mil
    """
    from chestx.gallery.make import make_gallery
    from chestx.labeler.evaluation.comparison import read_ids

    summary = make_gallery(
        out,
        labels=labels,
        reports=reports,
        data=data,
        runs=runs,
        ids=read_ids(ids) if ids else None,
        blind=blind,
        quiet=quiet,
    )
    if summary.texts < summary.reports or summary.left_out or not quiet:
        say(summary)
