"""`chestx train`."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from chestx.commands.group import Resumable
from chestx.commands.needs_torch import needs_torch
from chestx.commands.options import (
    EXISTING_FILE,
    classes_option,
    out_option,
    quiet_option,
    resume_option,
)
from chestx.commands.say import say

if TYPE_CHECKING:
    from chestx.model.training.config import MethodName

_Command = TypeVar("_Command", bound=Callable[..., Any])


def _setting(
    name: str, kind: Any, help: str, default: Any, mil: Any = None
) -> Callable[[_Command], _Command]:
    """Return the option of a field of `TrainConfig`; what is not given is the method's own.

    `default` is that of both methods, or of wcel where that of `mil` differs; it is only shown.
    Fields are not looked up: to import them takes an eighth of the time of `--help`.
    """
    chosen = click.Choice(kind) if isinstance(kind, list) else kind
    shown = default if mil is None else f"{default}; mil: {mil}"
    return click.option(name, type=chosen, default=None, help=f"{help}  [default: {shown}]")


@click.command(cls=Resumable)
@click.option("--method", type=click.Choice(["wcel", "mil"]), help="The paper to follow.")
@click.option(
    "--config",
    "config_file",
    metavar="FILE",
    type=EXISTING_FILE,
    help="Settings, as an earlier run left them in config.toml.",
)
@_setting("--data", str, "The dataset, or NIH's own download.", "dataset")
@_setting(
    "--backbone",
    str,
    "resnet50, densenet121, efficientnet_lite0, any name of timm ...",
    "resnet50",
    "resnetv2_50",
)
@_setting("--weights", str, "imagenet, none, or a file of weights.", "imagenet")
@_setting("--size", int, "Width and height of the network's input.", 1024, 512)
@_setting("--epochs", int, "How often to see all films.", 20)
@_setting("--steps", int, "End after so many steps of the optimizer, in place of epochs.", 0)
@_setting("--batch-size", int, "Films at a time.", 8, 5)
@_setting("--accumulate", int, "Batches to a step of the optimizer.", 10, 1)
@_setting("--optimizer", ["sgd", "adam"], "sgd is with momentum, 0.9.", "sgd", "adam")
@_setting("--lr", float, "Learning rate of the new layers.", 0.01, 0.001)
@_setting("--backbone-lr", float, "Learning rate of the backbone; 0 freezes it.", 0.001)
@_setting("--precision", ["float32", "bf16", "fp16"], "The loss is always in float32.", "float32")
@_setting("--devices", str, "auto, cpu, cuda, or cuda:2 for two.", "auto")
@_setting("--num-nodes", int, "Machines.", 1)
@_setting("--seed", int, "Of order, augmentation and new layers.", 0)
@_setting("--patience", int, "Stop after so many epochs without a better model; 0 never does.", 0)
@_setting(
    "--fold", int, "Hold out this fold, from 1, in place of the dataset's split; 0 does not.", 0
)
@_setting("--folds", int, "How many folds there are.", 5)
@_setting("--boxes-in", int, "Edge of the images in whose pixels boxes count; 0 is their own.", 0)
@classes_option("Classes to learn.  [default: the dataset's]")
@_setting("--augment/--no-augment", bool, "Shift, turn, scale; not in the papers.", "no-augment")
@_setting("--loss", ["wcel", "cel", "hinge", "euclidean"], "wcel only.", "wcel")
@_setting("--pooling", ["lse", "avg", "max"], "wcel only.", "lse")
@_setting("--r", float, "wcel only: of LSE pooling.", 10.0)
@_setting("--map-size", int, "wcel only: of the transition layer, 8, 16 or 32 in the paper.", 32)
@_setting("--patches", int, "mil only: a side, 12, 16 or 20 in the paper.", 16)
@_setting("--lambda-bbox", float, "mil only: weight of a box.", 5.0)
@_setting("--rescale/--no-rescale", bool, "mil only: to [0.98, 1], as the paper.", "rescale")
@_setting("--boxes-fraction", float, "Share of the images with boxes to learn from.", 1.0)
@_setting("--unboxed-fraction", float, "Share of those without.", 1.0)
@out_option("Folder for the run.  [default: runs/METHOD]")
@resume_option
@quiet_option
def train(
    method: "MethodName | None",
    config_file: Path | None,
    out: Path | None,
    resume: bool,
    quiet: bool,
    **settings: Any,
) -> None:
    """Train a model on a dataset, as one of the two papers did.

    wcel is the network of ChestX-ray8, from labels alone; mil that of Li et al. 2018, from labels
    and boxes. Defaults are the papers'. Leaves config.toml, films.csv, checkpoints, history.csv,
    run.json and the events of TensorBoard; interrupted, the same command goes on where it stopped.
    What of the films may spoil the run is said before it begins, also with --quiet.

    \b
    Example:
      chestx train --method mil --backbone densenet121
    """
    with needs_torch():
        from chestx.model.training.config import make_config
        from chestx.model.training.ranks import is_main
        from chestx.model.training.train import train as train_model

    given = {name: value for name, value in settings.items() if value is not None}
    summary = train_model(make_config(method, config_file, given), out, resume=resume, quiet=quiet)
    if not quiet and is_main():
        say(summary)
