"""A run: the folder that `train` leaves, and what later commands take from it."""

from pathlib import Path

import torch

from chestx.errors import ChestxError
from chestx.model.methods.method import Method
from chestx.model.methods.registry import make_method
from chestx.model.training.config import TrainConfig, make_config

CONFIG = "config.toml"
CHECKPOINTS = "checkpoints"
TENSORBOARD = "tensorboard"
BEST, LAST = f"{CHECKPOINTS}/best.ckpt", f"{CHECKPOINTS}/last.ckpt"
_PREFIX = "method."


def load_run(run: Path) -> tuple[TrainConfig, Method]:
    """Return the configuration of a run and its best model, ready to predict.

    Raises `ChestxError` for a folder that is no finished run.
    """
    config = make_config(None, run / CONFIG, {}) if (run / CONFIG).exists() else None
    path = run / BEST
    if config is None or not path.exists():
        raise ChestxError(f"there is no trained model in '{run}': run chestx train first")
    method = make_method(
        config.method, config.classes, **{**config.method_options(), "weights": "none"}
    )
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)["state_dict"]
        method.load_state_dict(
            {n.removeprefix(_PREFIX): v for n, v in state.items() if n.startswith(_PREFIX)}
        )
    except Exception as error:
        raise other_model(path, config, error) from error
    return config, method.eval()


def other_model(path: Path, config: TrainConfig, error: Exception | None = None) -> ChestxError:
    """Return the error for a checkpoint that is none of the run's model."""
    why = "" if error is None else f" ({type(error).__name__})"
    return ChestxError(
        f"'{path}' does not hold the {config.method} model of '{path.parents[1] / CONFIG}'{why}: "
        "train it again with --no-resume"
    )
