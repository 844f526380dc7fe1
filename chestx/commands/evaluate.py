"""`chestx evaluate`."""

from pathlib import Path
from typing import Any

import click

from chestx.commands.needs_torch import needs_torch
from chestx.commands.options import EXISTING_FOLDER, out_option, quiet_option, run_argument
from chestx.commands.say import say


@click.command()
@run_argument
@click.option("--data", type=EXISTING_FOLDER, help="Another dataset than that of training.")
@click.option(
    "--split",
    type=click.Choice(["test", "val", "train", "all"]),
    help="Which films.  [default: test; all of other data without lists]",
)
@click.option(
    "--boxes-in",
    type=click.IntRange(min=0),
    help="Edge of the images in whose pixels boxes count, 0 for their own.  "
    "[default: the run's; 0 for other data]",
)
@click.option(
    "--overlays", type=click.IntRange(min=0), default=12, show_default=True, help="Pictures."
)
@out_option(
    "Output folder; what an earlier evaluate left in it goes.  [default: RUN/evaluation; of "
    "other films RUN/evaluation-val, RUN/evaluation-DATA-DIGEST and so on]"
)
@quiet_option
def evaluate(
    run: Path,
    data: Path | None,
    split: str | None,
    boxes_in: int | None,
    overlays: int,
    out: Path | None,
    quiet: bool,
) -> None:
    """Judge the model of RUN on films that it has not learned from.

    Writes metrics.json, the papers' tables, ROC curves, what the model says of each film, and
    pictures with heatmap and boxes into the output folder.

    \b
    Example:
      chestx evaluate runs/mil
    """
    with needs_torch():
        from chestx.model.evaluation.evaluate import evaluate as evaluate_model

    options: dict[str, Any] = {"data": data, "split": split, "boxes_in": boxes_in}
    summary = evaluate_model(run, out, **options, overlays=overlays, quiet=quiet)
    if not quiet:
        say(summary)
