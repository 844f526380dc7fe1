"""`chestx evaluate`."""

from pathlib import Path

import click

from chestx.commands.needs_torch import needs_torch
from chestx.commands.options import EXISTING_FOLDER, quiet_option, run_argument
from chestx.commands.say import say


@click.command()
@run_argument
@click.option("--data", type=EXISTING_FOLDER, help="Another dataset than that of training.")
@click.option(
    "--split", type=click.Choice(["test", "val", "train"]), default="test", show_default=True
)
@click.option(
    "--overlays", type=click.IntRange(min=0), default=12, show_default=True, help="Pictures."
)
@quiet_option
def evaluate(run: Path, data: Path | None, split: str, overlays: int, quiet: bool) -> None:
    """Judge the model of RUN on films that it has not learned from.

    Writes metrics.json, the papers' tables, ROC curves and pictures with heatmap and boxes into
    RUN/evaluation.

    \b
    Example:
      chestx evaluate runs/mil
    """
    with needs_torch():
        from chestx.model.evaluation.evaluate import evaluate as evaluate_model

    summary = evaluate_model(run, data=data, split=split, overlays=overlays, quiet=quiet)
    if not quiet:
        say(summary)
