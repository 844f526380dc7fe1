"""`last.ckpt` and `best.ckpt`, written whole: after each epoch, and the last within epochs too."""

import math
import os
import shutil
import time
from pathlib import Path
from typing import Any

import lightning as L
from lightning.pytorch.callbacks import Checkpoint

from chestx.job.output import UNFINISHED, Output
from chestx.model.training.generators import generator_states, restore_generators
from chestx.model.training.module import AUC, TrainingModule
from chestx.model.training.run import BEST, CHECKPOINTS, LAST

SAVE_SECONDS = 600.0
"""At most so much work is lost."""


class Checkpoints(Checkpoint):
    """Saves each epoch as the last, and the one of the highest mean AUC as the best.

    Within an epoch the last is saved every `SAVE_SECONDS`, and when the process is told to end
    (SIGTERM, as by a cluster that needs the place), always after a whole optimizer step.

    Without an AUC each epoch is the best so far. Training ends when `patience` epochs (0: never)
    have brought nothing better, or after `steps` optimizer steps (0: never). All of this, and the
    states of the random generators, are in the checkpoint, so that a resumed run goes on as it
    would have. Lightning's own callback does less: it writes the last one only where it is also
    the best, and a run that has stopped early trains one more epoch each time it is resumed.
    """

    def __init__(self, run: Path, *, patience: int, steps: int) -> None:
        super().__init__()
        self._output = Output(run)
        self.patience, self.steps = patience, steps
        self.best, self.waited = math.nan, 0
        self._saved = 0.0
        self._generators: dict[str, Any] | None = None

    def state_dict(self) -> dict[str, Any]:
        """Return the best AUC, the epochs since then, and the generators."""
        return {"best": self.best, "waited": self.waited, "generators": generator_states()}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take the state of a checkpoint; the generators are set when training begins."""
        self.best, self.waited = state_dict["best"], state_dict["waited"]
        self._generators = state_dict["generators"]

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Go on where the checkpoint stopped; not at all, if it had ended."""
        self._saved = time.monotonic()
        if self._generators is not None:
            restore_generators(self._generators)
        self._end_in_time(trainer)

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Any, at: int
    ) -> None:
        """End after the last step; Lightning's own limit would leave the validation out."""
        if self.steps and trainer.global_step >= self.steps:
            trainer.should_stop = True
        elif self._is_due(trainer, at + 1):
            self._save(trainer, best=False)

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Save the epoch."""
        auc = float(trainer.callback_metrics[AUC])
        better = math.isnan(self.best) or auc > self.best
        if better:
            self.best, self.waited = auc, 0
        elif not math.isnan(auc):
            self.waited += 1
        self._save(trainer, best=better)
        self._end_in_time(trainer)

    def _is_due(self, trainer: L.Trainer, turns: int) -> bool:
        """Tell, for all processes alike, whether to save after so many turns of the epoch.

        Not between the parts of a step, whose gradients are in no checkpoint, and not at the
        epoch's end, which is saved anyway.
        """
        if turns % trainer.accumulate_grad_batches or turns == trainer.num_training_batches:
            return False
        late = time.monotonic() - self._saved >= SAVE_SECONDS
        due = late or trainer.received_sigterm
        return trainer.strategy.reduce_boolean_decision(due, all=False)

    def _end_in_time(self, trainer: L.Trainer) -> None:
        impatient = self.patience and self.waited >= self.patience
        if impatient or (self.steps and trainer.global_step >= self.steps):
            trainer.should_stop = True

    def _save(self, trainer: L.Trainer, *, best: bool) -> None:
        """Write the best first: a last one that knows of it must not be there without it."""
        assert isinstance(trainer.lightning_module, TrainingModule)
        trainer.lightning_module.refuse_undefined()
        self._saved = time.monotonic()
        if trainer.is_global_zero:
            self._output.make_subfolder(CHECKPOINTS)
        with self._output.told_plainly():
            last = self._output / LAST
            unfinished = _unfinished(last)
            trainer.save_checkpoint(unfinished)
            if not trainer.is_global_zero:
                return
            if best:
                copy = _unfinished(self._output / BEST)
                shutil.copyfile(unfinished, copy)
                _replace(copy, self._output / BEST)
            _replace(unfinished, last)


def _unfinished(path: Path) -> Path:
    return path.with_name(f".{path.name}{UNFINISHED}")


def _replace(unfinished: Path, path: Path) -> None:
    """Rename, once the bytes are on the disk."""
    with unfinished.open("rb+") as file:
        os.fsync(file.fileno())
    unfinished.replace(path)
