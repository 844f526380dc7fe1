"""`history.csv`: a line for each epoch, without times, so that equal runs have equal files."""

from pathlib import Path
from typing import Any

import lightning as L

from chestx.job.output import Output
from chestx.model.training.module import AUC, TrainingModule

HISTORY = "history.csv"
HEADER = "epoch,step,loss,val_auc,lr\n"


class History(L.Callback):
    """Writes a line for each epoch that has been judged.

    The lines are part of the checkpoint: a resumed run has those that lie behind it, whatever the
    file says. `lr` is the head's in that epoch.
    """

    def __init__(self, run: Path) -> None:
        self._output = Output(run)
        self._lines: list[str] = []
        self._rate = 0.0

    def state_dict(self) -> dict[str, Any]:
        """Return the lines."""
        return {"lines": self._lines}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take the lines of a checkpoint."""
        self._lines = list(state_dict["lines"])

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Write the lines of the epochs that the checkpoint has behind it."""
        self._write(trainer)
        self.on_train_epoch_start(trainer, pl_module)  # not called for an epoch that goes on

    def on_train_epoch_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Note the learning rate: at the epoch's end it is that of the next."""
        self._rate = trainer.optimizers[0].param_groups[-1]["lr"]

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Write the epoch's line."""
        assert isinstance(pl_module, TrainingModule)
        auc = float(trainer.callback_metrics[AUC])
        numbers = (pl_module.mean_loss(), auc, self._rate)
        shown = ",".join(repr(number) for number in numbers)
        self._lines.append(f"{trainer.current_epoch},{trainer.global_step},{shown}\n")
        self._write(trainer)

    def _write(self, trainer: L.Trainer) -> None:
        if trainer.is_global_zero:
            self._output.write(HISTORY, (HEADER + "".join(self._lines)).encode())
