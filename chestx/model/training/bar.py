"""How far training is, on stderr."""

from typing import Any

import lightning as L

from chestx.job.progress import Progress


class Bar(L.Callback):
    """Counts films of the main process; Lightning's bar would write to stdout."""

    def __init__(self) -> None:
        self._progress: Progress | None = None

    def on_train_start(self, trainer: L.Trainer, pl_module: L.LightningModule) -> None:
        """Begin to count."""
        self._progress = Progress("train", "films", quiet=not trainer.is_global_zero)

    def on_train_batch_end(
        self, trainer: L.Trainer, pl_module: L.LightningModule, outputs: Any, batch: Any, at: int
    ) -> None:
        """Count the batch."""
        if self._progress is not None:
            self._progress.add(len(batch.image) * trainer.world_size)

    def teardown(self, trainer: L.Trainer, pl_module: L.LightningModule, stage: str) -> None:
        """Leave the terminal as it was."""
        if self._progress is not None:
            self._progress.__exit__(None, None, None)
