"""A method as Lightning trains it: steps, validation, learning rates."""

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


class TrainingModule(L.LightningModule):
    """Steps and validation; what is logged as `val_auc` is the mean over the classes that have one.

    Where several processes train, it is the main one's, whose model is saved. An AUC of scores that
    are no numbers is 0.
    """

    def __init__(self, method: Method, config: TrainConfig) -> None:
        super().__init__()
        self.method = method
        self.config = config
        self._seen: list[tuple[Tensor, Tensor]] = []

    def on_train_epoch_start(self) -> None:
        """Let the order be that of the epoch: Lightning tells it to samplers of films alone."""
        loader: Any = self.trainer.train_dataloader
        loader.batch_sampler.set_epoch(self.current_epoch)

    def training_step(self, batch: Batch, _: int) -> Tensor:
        """Return the loss; end the run where it is no number."""
        loss = self.method.loss(self.method(batch.image), batch)
        if not torch.isfinite(loss):
            raise ChestxError(
                f"the loss is no number in epoch {self.current_epoch}, step {self.global_step}: "
                "lower lr, or use precision float32; the last checkpoint is kept"
            )
        self.log(
            "loss",
            loss,
            on_step=True,
            on_epoch=True,
            batch_size=len(batch.image),
            sync_dist=self.trainer.world_size > 1,
        )
        return loss

    def on_validation_epoch_start(self) -> None:
        """Forget what an interrupted validation collected."""
        self._seen.clear()

    def validation_step(self, batch: Batch, _: int) -> None:
        """Collect the scores."""
        scores = self.method.scores(self.method(batch.image)).float()
        self._seen.append((scores.cpu(), batch.targets.cpu()))

    def on_validation_epoch_end(self) -> None:
        """Judge what was collected."""
        scores, targets = (torch.cat(parts).numpy() for parts in zip(*self._seen, strict=True))
        self._seen.clear()
        auc = self.trainer.strategy.broadcast(mean_auc(targets, scores))
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
