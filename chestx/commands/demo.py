"""`chestx demo`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from chestx.commands.group import Resumable
from chestx.commands.options import FOLDER, mirror_option
from chestx.commands.say import say

if TYPE_CHECKING:
    from chestx.labeler.fetch import Mirror


@click.command(cls=Resumable)
@click.argument("folder", metavar="[DIR]", default="demo", type=FOLDER)
@mirror_option("Where to download the reports from.  [default: nlm, and if that fails pypi]")
def demo(folder: Path, mirror: "Mirror | None") -> None:
    """Run chestx on public data, in the folder DIR (by default demo/).

    Downloads the reports of OpenI, mines their labels and judges them by the human annotation,
    beside the published figures. Interrupted, the same command goes on where it stopped.

    \b
    Example:
      chestx demo
    """
    from chestx.demo import run_demo

    run_demo(folder, mirror, say=say)
