"""The output folder of `predict`."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chestx import __version__
from chestx.job.csv_line import csv_line
from chestx.job.ledger import library_versions
from chestx.job.names import printable
from chestx.job.output import RUN, Output, claim
from chestx.job.rejected import Rejected
from chestx.model.evaluation.overlay_names import OVERLAYS

COMMAND = "predict"
PREDICTIONS, REJECTED = "predictions.jsonl", "rejected.csv"
_LIBRARIES = (
    "imagecodecs", "numpy", "opencv-python-headless", "pillow", "pydicom", "timm", "torch",
    "torchvision",
)  # fmt: skip


def start(output: Output, facts: Mapping[str, Any], *, overlays: bool) -> None:
    """Take the folder, and take away what an earlier prediction left in it.

    Raises `ChestxError` for a folder that another command has made.
    """
    claim(output, COMMAND)
    note(output, facts, finished=False)
    with output.told_plainly():
        for name in (PREDICTIONS, REJECTED):
            (output / name).unlink(missing_ok=True)
    output.remove_subfolder(OVERLAYS)
    if overlays:
        output.make_subfolder(OVERLAYS)


def note(output: Output, facts: Mapping[str, Any], *, finished: bool) -> None:
    """Write `run.json`: versions and what is known of the run, without a name."""
    run = {
        "version": __version__,
        "command": COMMAND,
        "finished": finished,
        **facts,
        "libraries": library_versions(_LIBRARIES),
    }
    output.write(RUN, (json.dumps(run, indent=2) + "\n").encode())


def write_rejected(output: Output, rejected: Sequence[Rejected]) -> None:
    """Write the files that gave no film, in the order of the input."""
    rows = (csv_line((one.id, printable(one.source), one.reason)) for one in rejected)
    output.write(REJECTED, ("id,source,reason\n" + "".join(rows)).encode())
