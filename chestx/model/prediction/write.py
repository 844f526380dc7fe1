"""The output folder of `predict`."""

from collections.abc import Mapping, Sequence
from typing import Any

from chestx.job import anew
from chestx.job.csv_line import csv_line
from chestx.job.names import printable
from chestx.job.output import Output
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
    files, folders = (PREDICTIONS, REJECTED), (OVERLAYS,)
    anew.begin(output, COMMAND, facts, libraries=_LIBRARIES, files=files, folders=folders)
    if overlays:
        output.make_subfolder(OVERLAYS)


def finish(output: Output, facts: Mapping[str, Any]) -> None:
    """Write that the prediction is whole."""
    anew.note(output, COMMAND, facts, libraries=_LIBRARIES, finished=True)


def write_rejected(output: Output, rejected: Sequence[Rejected]) -> None:
    """Write the files that gave no film, in the order of the input."""
    rows = (csv_line((one.id, printable(one.source), one.reason)) for one in rejected)
    output.write(REJECTED, ("id,source,reason\n" + "".join(rows)).encode())
