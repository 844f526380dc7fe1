"""`chestx export`."""

from pathlib import Path

import click

from chestx.commands.needs_torch import needs_torch
from chestx.commands.options import FILE, out_option, quiet_option, run_argument
from chestx.commands.say import say


@click.command()
@run_argument
@out_option("The file.  [default: RUN/model.onnx]", type=FILE)
@quiet_option
def export(run: Path, out: Path | None, quiet: bool) -> None:
    """Write the model of RUN as one ONNX file.

    Its input is films [N, 1, size, size], float32 from 0 to 255, its outputs scores and heatmaps;
    its metadata name the classes, the method and the size.

    \b
    Example:
      chestx export runs/mil -o mil.onnx
    """
    with needs_torch():
        from chestx.model.prediction.export import export_onnx

    path = export_onnx(run, out)
    if not quiet:
        say(f"'{path}' is written")
