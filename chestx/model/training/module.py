"""A method as Lightning trains it: steps, validation, learning rates."""

import math
from typing import Any

import lightning as L
import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from torch import Tensor
from torch.optim.lr_scheduler import StepLR

from chestx.errors import ChestxError
from chestx.model.batch import Batch
from chestx.model.methods.method import Method
from chestx.model.training.config import TrainConfig

AUC = "val_auc"
_EPOCH_LOSS = "epoch_loss"
_LOOK_EVERY = 16
"""Batches between two looks at whether the loss is a number."""


class EpochLoss:
    """The sum of an epoch's losses, kept on the device that they are on: no step waits for it."""

    def __init__(self, total: Tensor | None = None) -> None:
        self.total = torch.zeros((), dtype=torch.float64) if total is None else total

    def add(self, part: Tensor) -> None:
        """Add a batch's part of the loss of its optimizer step."""
        self.total = self.total.to(part.device, widest(part.device)) + part

    @property
    def is_finite(self) -> bool:
        """Whether all that was added is a number."""
        return bool(torch.isfinite(self.total))


def widest(device: torch.device) -> torch.dtype:
    """Return the type in which sums are kept on a device: Apple's GPUs have no float64."""
    return torch.float32 if device.type == "mps" else torch.float64


class TrainingModule(L.LightningModule):
    """Steps and validation; what is logged as `val_auc` is the mean over the classes that have one.

    Where several processes train, it is the main one's, whose model is saved. An AUC of scores that
    are no numbers is 0.
    """

    def __init__(self, method: Method, config: TrainConfig) -> None:
        super().__init__()
        self.method = method
        self.config = config
        self.epoch_loss = EpochLoss()
        self._seen: list[tuple[Tensor, Tensor]] = []

    def on_train_epoch_start(self) -> None:
        """Begin a sum of losses."""
        self.epoch_loss = EpochLoss()

    def training_step(self, batch: Batch, at: int) -> Tensor:
        """Return the loss; end the run where it is no number."""
        part = self.method.loss(self.method(batch.image), batch)
        self.epoch_loss.add(part.detach())
        if at % _LOOK_EVERY == 0:
            self.refuse_undefined()
        # Lightning divides by the batches of a step, and takes the mean over processes.
        loss = part * (self.config.accumulate * self.trainer.world_size)
        self.log("loss", loss, batch_size=len(batch.image))
        return loss

    def refuse_undefined(self) -> None:
        """Raise `ChestxError` where a loss of this epoch was no number.

        A look makes a GPU wait, so that it is taken now and then, and before anything is saved.
        """
        if not self.epoch_loss.is_finite:
            raise ChestxError(
                f"the loss is no number in epoch {self.current_epoch}, before step "
                f"{self.global_step + 1}: lower lr, or use precision float32; the last checkpoint "
                "is kept"
            )

    def mean_loss(self) -> float:
        """Return the mean loss of the epoch's optimizer steps so far, of all processes."""
        turns = self.trainer.fit_loop.epoch_loop.batch_progress.current.ready
        return float(self._total_loss()) / math.ceil(turns / self.config.accumulate)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Keep the sum of the losses, for a run that goes on within the epoch."""
        checkpoint[_EPOCH_LOSS] = self._total_loss().cpu()

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take the sum; one process has it for all."""
        if self.trainer.is_global_zero:
            self.epoch_loss = EpochLoss(checkpoint[_EPOCH_LOSS])

    def _total_loss(self) -> Tensor:
        """Return the sum over all processes; to add up changes the tensor that it is given."""
        own = self.epoch_loss.total.clone()
        total: Tensor = self.trainer.strategy.reduce(own, reduce_op="sum")
        return total

    def on_validation_epoch_start(self) -> None:
        """Forget what an interrupted validation collected; judge no model that is no number."""
        self._seen.clear()
        self.refuse_undefined()

    def validation_step(self, batch: Batch, _: int) -> None:
        """Collect the ranks of the films."""
        ranks = self.method.rank(self.method(batch.image))
        self._seen.append((ranks.cpu(), batch.targets.cpu()))

    def on_validation_epoch_end(self) -> None:
        """Judge what was collected."""
        ranks, targets = (torch.cat(parts).numpy() for parts in zip(*self._seen, strict=True))
        self._seen.clear()
        auc = self.trainer.strategy.broadcast(mean_auc(targets, ranks))
        self.log(AUC, auc, batch_size=1)

    def configure_optimizers(self) -> Any:
        """Return the optimizer and its schedule: the learning rate falls by epochs."""
        config = self.config
        rates = {"backbone": config.backbone_lr, "head": config.lr}
        groups = [
            {"params": list(parameters), "lr": rates[name], "name": name}
            for name, parameters in self.method.parameter_groups()
            if rates[name] > 0
        ]
        optimizer: torch.optim.Optimizer
        if config.optimizer == "sgd":
            decay = config.weight_decay
            optimizer = torch.optim.SGD(groups, momentum=0.9, weight_decay=decay)
        else:
            optimizer = torch.optim.Adam(groups, weight_decay=config.weight_decay)
        schedule = StepLR(optimizer, config.lr_every, config.lr_factor)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule}}


def mean_auc(targets: np.ndarray, scores: np.ndarray) -> float:
    """Return the mean over the classes with positives and negatives; NaN where there is none."""
    if not np.isfinite(scores).all():
        return 0.0
    told = [c for c in range(targets.shape[1]) if 0 < targets[:, c].sum() < len(targets)]
    return float(np.mean([roc_auc_score(targets[:, c], scores[:, c]) for c in told] or [np.nan]))
