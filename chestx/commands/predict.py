"""`chestx predict`."""

from pathlib import Path

import click

from chestx.commands.needs_torch import needs_torch
from chestx.commands.options import ANY_PATH, out_option, quiet_option, run_argument, workers_option
from chestx.commands.say import say


@click.command()
@run_argument
@click.argument("images", metavar="IMAGE...", nargs=-1, required=True, type=ANY_PATH)
@out_option(
    "Output folder; what an earlier predict left in it goes.  [default: RUN/predictions]",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Score from which a class is a finding; 0 for all classes.",
)
@click.option("--overlays/--no-overlays", default=True, show_default=True, help="A picture each.")
@click.option(
    "--batch-size",
    type=click.IntRange(min=1),
    default=8,
    show_default=True,
    help="Films at a time.",
)
@workers_option
@quiet_option
def predict(
    run: Path,
    images: tuple[Path, ...],
    out: Path | None,
    threshold: float,
    overlays: bool,
    batch_size: int,
    workers: int | None,
    quiet: bool,
) -> None:
    """Say what the model of RUN sees on chest films: PNG, JPEG, DICOM, or folders of them.

    Writes predictions.jsonl, with scores, and boxes and regions in pixels of the film; a picture of
    each film in overlays/; and rejected.csv into the output folder, which only you can read. For
    research only: not a medical device.

    \b
    Example:
      chestx predict runs/mil films/ -o predictions
    """
    with needs_torch():
        from chestx.model.prediction.predict import predict as predict_films
    from chestx.job.workers import cores

    summary = predict_films(
        run,
        images,
        out,
        threshold=threshold,
        overlays=overlays,
        batch_size=batch_size,
        workers=workers or cores(),
        quiet=quiet,
    )
    if not quiet or summary.rejected:
        say(summary)
