"""The `chestx` command: what is typed after it is in `chestx/commands`, a file for each."""

import gc
import os
import sys
from importlib import import_module

import click

from chestx import __version__
from chestx.commands.group import Commands, debug_option

_COMMANDS = (
    "boxes",
    "build_dataset",
    "demo",
    "describe",
    "evaluate",
    "evaluate_labels",
    "explain",
    "export",
    "fetch",
    "gallery",
    "mine_labels",
    "predict",
    "review",
    "rules",
    "simulate",
    "train",
)
"""Each is a file of `chestx/commands` and the function in it."""


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="chestx")
@debug_option(hidden=False)
def main() -> None:
    """Chest X-ray reports and films to labels, datasets and weakly supervised models.

    For research only: not a medical device.
    """
    # What is remembered of sentences lives on; to look through it every 700 objects takes an
    # eighth of the time.
    gc.set_threshold(100_000, 20, 100)
    # A worker is a process: threads of the BLAS would only fight over the cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


for _name in _COMMANDS:
    main.add_command(getattr(import_module(f"chestx.commands.{_name}"), _name))


if __name__ == "__main__":
    sys.exit(main())
