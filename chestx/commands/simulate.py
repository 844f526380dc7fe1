"""`chestx simulate`."""

from pathlib import Path

import click

from chestx.commands.group import Resumable
from chestx.commands.options import FOLDER, quiet_option, resume_option, workers_option
from chestx.commands.say import say


@click.command(cls=Resumable)
@click.argument("folder", metavar="[DIR]", default=".", type=FOLDER)
@click.option(
    "--studies",
    type=click.IntRange(min=1),
    default=300,
    show_default=True,
    help="How many; more of them leave the first ones as they are.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    help="Another seed, another hospital.",
)
@click.option(
    "--size",
    type=click.IntRange(min=336, max=4096),
    default=1024,
    show_default=True,
    help="Rows of the tallest film, without padding.",
)
@click.option(
    "--boxed",
    type=click.FloatRange(0, 1),
    default=1.0,
    show_default=True,
    help="Share of the studies that radiologists draw boxes on.",
)
@workers_option
@resume_option
@quiet_option
def simulate(
    folder: Path,
    studies: int,
    seed: int,
    size: int,
    boxed: float,
    workers: int | None,
    resume: bool,
    quiet: bool,
) -> None:
    """Make up a hospital in the folder DIR (by default the current one).

    Writes films as a PACS has them into dicom/, reports into reports/, boxes of radiologists into
    boxes/, and what is true of them into truth/. Patients, films and reports are invented: to try
    chestx with, and to measure it, where there are no data. The other commands take them without
    an option.

    \b
    Example:
      chestx simulate --studies 300
    """
    from chestx.simulation.hospital.simulate import simulate as make_up

    summary = make_up(
        folder,
        number=studies,
        seed=seed,
        tallest=size,
        boxed=boxed,
        workers=workers,
        resume=resume,
        quiet=quiet,
    )
    if not quiet:
        say(summary)
