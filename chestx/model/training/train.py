"""Train a method on a dataset: a loop that Lightning maintains, and a run that can be killed."""

import logging
import shutil
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, ModelCheckpoint, TQDMProgressBar
from lightning.pytorch.loggers import TensorBoardLogger

from chestx.errors import ChestxError
from chestx.job.count import count
from chestx.job.ledger import other_options
from chestx.job.output import Output
from chestx.model.methods.method import Method
from chestx.model.methods.registry import make_method
from chestx.model.training.config import TrainConfig, config_text
from chestx.model.training.films import FilmModule, Films, open_films
from chestx.model.training.history import HISTORY, History
from chestx.model.training.module import AUC, TrainingModule
from chestx.model.training.run import BEST, CHECKPOINTS, CONFIG, LAST

_PRECISIONS = {"float32": "32-true", "bf16": "bf16-mixed", "fp16": "16-mixed"}


@dataclass(frozen=True, slots=True)
class TrainSummary:
    """What a run has come to."""

    run: Path
    epochs: int
    auc: float
    images: int
    notes: tuple[str, ...]

    def __str__(self) -> str:
        trained = f"{count(self.epochs, 'epoch')} on {count(self.images, 'image')}"
        best = f"{trained}, best mean AUC on validation {self.auc:.3f}, in '{self.run}'"
        return "\n".join([*self.notes, best])


def train(
    config: TrainConfig, run: Path | None = None, *, resume: bool = True, quiet: bool = False
) -> TrainSummary:
    """Train by `config` and leave `run`, by default runs/<method>.

    Interrupted, the same call goes on after the last whole epoch, as if nothing had been. Raises
    `ChestxError` before the first step for all that can be known by then: damaged or missing
    images, a class or box that cannot be learned, a device that is not there.
    """
    run = run or Path("runs") / config.method
    devices = _devices(config)
    films = open_films(config, run, quiet=quiet)
    config = replace(config, classes=films.classes)
    with Output(run) as output:
        last = _last(output, config, resume=resume)
        output.write(CONFIG, config_text(config).encode())
        L.seed_everything(config.seed, verbose=False)
        module = TrainingModule(_method(config, films), config)
        trainer = _trainer(config, run, devices, quiet=quiet)
        data = FilmModule(films, config, module.method.patches)
        with warnings.catch_warnings(action="ignore"):  # of workers, sizes and versions
            trainer.fit(module, datamodule=data, ckpt_path=last, weights_only=True)
        if trainer.interrupted:
            raise KeyboardInterrupt
        best = _checkpoint(trainer).best_model_score
    notes = tuple(note for note in (films.split.told, *films.checked.notes) if note)
    auc = float("nan") if best is None else float(best)
    return TrainSummary(run, trainer.current_epoch, auc, len(films.split.train), notes)


def _method(config: TrainConfig, films: Films) -> Method:
    options = config.method_options()
    if config.method == "mil":
        rows = films.dataset.rows(films.split.train)
        options["prior"] = films.dataset.targets(films.classes)[rows].mean(axis=0).tolist()
    method = make_method(config.method, films.classes, **options)
    if config.backbone_lr == 0:
        method.freeze_backbone()
    if config.channels_last:
        method = method.to(memory_format=torch.channels_last)
    return method


def _last(output: Output, config: TrainConfig, *, resume: bool) -> str | None:
    """Return the checkpoint to go on from; refuse a run that was made with other options."""
    path = output / CONFIG
    if not resume:
        if path.exists():
            shutil.rmtree(output / CHECKPOINTS, ignore_errors=True)
            (output / HISTORY).unlink(missing_ok=True)
        return None
    if not path.exists():
        return None
    if path.read_bytes() != config_text(config).encode():
        raise other_options(output.folder)
    return str(output / LAST) if (output / LAST).exists() else None


def _devices(config: TrainConfig) -> dict[str, Any]:
    """Return Lightning's devices for "auto", "cpu", "cpu:2", "cuda" or "cuda:2"."""
    kind, _, number = config.devices.partition(":")
    if kind not in ("auto", "cpu", "cuda") or (number and not number.isdigit()):
        raise ChestxError(
            f"there is no device '{config.devices}': give auto, cpu, cuda, or cuda:2 for two"
        )
    there = torch.cuda.device_count()
    if kind == "cuda" and int(number or 1) > there:
        raise ChestxError(f"'{config.devices}' asks for more GPUs than the {there} there are")
    several = int(number) if number else ("auto" if kind == "cuda" else 1)
    return {"accelerator": kind, "devices": "auto" if kind == "auto" else several}


def _trainer(config: TrainConfig, run: Path, devices: dict[str, Any], *, quiet: bool) -> L.Trainer:
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    callbacks: list[Callback] = [
        History(run),
        ModelCheckpoint(
            dirpath=run / CHECKPOINTS,
            filename=Path(BEST).stem,
            monitor=AUC,
            mode="max",
            save_last=True,
            enable_version_counter=False,
        ),
    ]
    if config.patience:
        callbacks.append(EarlyStopping(AUC, mode="max", patience=config.patience))
    if not quiet:
        callbacks.append(TQDMProgressBar())
    return L.Trainer(
        **devices,
        num_nodes=config.num_nodes,
        precision=_PRECISIONS[config.precision],  # type: ignore[arg-type]
        max_epochs=config.epochs,
        max_steps=config.steps or -1,
        accumulate_grad_batches=config.accumulate,
        callbacks=callbacks,
        logger=TensorBoardLogger(run, name="", version="tensorboard"),
        enable_progress_bar=not quiet,
        enable_model_summary=False,
        use_distributed_sampler=False,
        num_sanity_val_steps=0,
        deterministic="warn",
        log_every_n_steps=10,
    )


def _checkpoint(trainer: L.Trainer) -> ModelCheckpoint:
    found = trainer.checkpoint_callback
    assert isinstance(found, ModelCheckpoint)
    return found
