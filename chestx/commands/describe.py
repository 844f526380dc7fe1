"""`chestx describe`."""

from pathlib import Path

import click

from chestx.commands.options import FOLDER
from chestx.commands.say import say


@click.command()
@click.argument("dataset", default="dataset", type=FOLDER)
@click.option("--compare", is_flag=True, help="Print Table 16 of the ChestX-ray14 paper beside.")
def describe(dataset: Path, compare: bool) -> None:
    """Count the images, patients, classes and boxes of DATASET.

    DATASET is a folder that build-dataset made, or NIH's own download as it is, beside whose counts
    those of the paper are printed.

    \b
    Example:
      chestx describe dataset --compare
    """
    from chestx.dataset.description.describe import describe as counted

    say(counted(dataset, compare=compare))
