"""`history.csv`: a line for each epoch, without times, so that equal runs have equal files."""

from pathlib import Path
from typing import Any

import lightning as L

from chestx.model.training.module import AUC

HISTORY = "history.csv"
HEADER = "epoch,step,loss,val_auc,lr\n"


class History(L.Callback):
    """Appends a line when an epoch has been judged; of a resumed run it cuts what came after."""

    def __init__(self, run: Path) -> None:
        self.path = run / HISTORY

    def on_fit_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Keep the lines of the epochs that the checkpoint has behind it."""
        if not trainer.is_global_zero:
            return
        lines = (
            self.path.read_text("utf-8").splitlines(keepends=True)[1:]
            if self._goes_on(trainer)
            else []
        )
        kept = [line for line in lines if int(line.partition(",")[0]) < trainer.current_epoch]
        self.path.write_text(HEADER + "".join(kept), "utf-8")

    def on_train_epoch_end(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Write the epoch's line."""
        if not trainer.is_global_zero:
            return
        metrics: dict[str, Any] = trainer.callback_metrics
        rate = trainer.optimizers[0].param_groups[-1]["lr"]
        numbers = (float(metrics["loss_epoch"]), float(metrics[AUC]), rate)
        shown = ",".join(repr(number) for number in numbers)
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{trainer.current_epoch},{trainer.global_step},{shown}\n")

    def _goes_on(self, trainer: L.Trainer) -> bool:
        return self.path.exists() and trainer.current_epoch > 0
