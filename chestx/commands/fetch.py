"""`chestx fetch`: public data."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from chestx.commands.group import Commands
from chestx.commands.options import mirror_option, out_option
from chestx.commands.say import say

if TYPE_CHECKING:
    from chestx.labeler.fetch import Mirror


@click.group(cls=Commands)
def fetch() -> None:
    """Download public data."""


@fetch.command("openi")
@mirror_option("Where to download from.", "nlm")
@out_option("Folder for the download.", "reports")
def _openi(out: Path, mirror: "Mirror") -> None:
    """Download the reports of OpenI (Indiana University), 3,955 chest X-ray studies.

    \b
    Example:
      chestx fetch openi -o reports
    """
    from chestx.labeler.fetch import fetch_openi

    say(fetch_openi(out, mirror))
