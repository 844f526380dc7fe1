"""Train a method on a dataset: a loop that Lightning maintains, and a run that can be killed."""

import logging
import re
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.utilities.exceptions import SIGTERMException

from chestx.errors import ChestxError
from chestx.job.count import count
from chestx.job.ledger import other_options
from chestx.job.output import Output
from chestx.model.methods.method import Method
from chestx.model.methods.registry import make_method
from chestx.model.training.bar import Bar
from chestx.model.training.checkpoints import Checkpoints
from chestx.model.training.clear import clear_run
from chestx.model.training.config import OF_THE_DATASET, TrainConfig, changed_options, config_text
from chestx.model.training.films import FilmModule, Films, check_films
from chestx.model.training.history import History
from chestx.model.training.learned import FILMS, films_csv, other_films
from chestx.model.training.module import TrainingModule
from chestx.model.training.ranks import has_lost_another, is_main
from chestx.model.training.record import RunRecord
from chestx.model.training.run import BEST, CONFIG, LAST, TENSORBOARD, other_model

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
        best = "no AUC" if isnan(self.auc) else f"best mean AUC {self.auc:.3f}"
        return f"{trained}, {best} on validation, in '{self.run}'"


def train(
    config: TrainConfig, run: Path | None = None, *, resume: bool = True, quiet: bool = False
) -> TrainSummary:
    """Train by `config` and leave `run`, by default runs/<method>.

    Interrupted, the same call goes on from the last checkpoint, as if nothing had been; without
    `resume` a model that is there is removed, with all that was made with it. What may spoil the
    run is said on stderr before it begins, `quiet` or not. Raises `ChestxError` before the first
    step for all that can be known by then: damaged or missing images, a class or box that cannot be
    learned, a device that is not there, films or options that are not those of the checkpoint.
    """
    run = run or Path("runs") / config.method
    devices = _devices(config)
    main = is_main()  # the others find the folder as this one left it, and write nothing of it
    output = Output(run)
    with output if main else nullcontext():
        if main:
            _refuse_foreign(output)
        record = RunRecord(output)
        with record.stage("check"):
            films = check_films(config)
            config = _completed(config, films)
            record.describe(config, films)
        if main and resume:
            _refuse_other(output, config, films, record)
        L.seed_everything(config.seed, verbose=False)
        module = TrainingModule(_method(config, films), config)
        module.method.network.backbone.refuse_size(config.size)
        last = _last(run, config, module) if resume else None
        if main:
            _tell(films, quiet=quiet)
        with record.stage("cache"):
            cache = films.open_cache(config.size, run, quiet=quiet or not main)
        if main:
            if not (resume and _is_trained(output)):
                clear_run(output)
                record.forget()
            output.write(CONFIG, config_text(config).encode())
            output.write(FILMS, films_csv(films.split))
            record.write(finished=False)
        data = FilmModule(films, cache, config, module.method.patches)
        checkpoints = Checkpoints(run, patience=config.patience, steps=config.steps)
        with _silence(), record.stage("train"):
            trainer = _trainer(config, run, devices, checkpoints, quiet=quiet or not main)
            _fit(trainer, module, data, last)
        epochs, auc = trainer.current_epoch, checkpoints.best
        if main:
            record.write(finished=True, epochs=epochs, auc=auc)
    return TrainSummary(run, epochs, auc, len(films.train), films.notes)


def _fit(trainer: L.Trainer, module: TrainingModule, data: FilmModule, last: str | None) -> None:
    try:
        trainer.fit(module, datamodule=data, ckpt_path=last, weights_only=True)
    except (SystemExit, SIGTERMException) as error:
        # What Lightning makes of Ctrl-C, which it then ignores, and of SIGTERM.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        raise KeyboardInterrupt from error
    except RuntimeError as error:
        if trainer.world_size > 1 and has_lost_another(error):
            raise ChestxError(
                "another process of this run has ended, see what it said: the same command goes "
                "on from the last checkpoint"
            ) from error
        raise


def _completed(config: TrainConfig, films: Films) -> TrainConfig:
    """Return the configuration with what the dataset says: from it alone the run can be made."""
    size, fit, bits = films.image_format
    return replace(config, classes=films.classes, image_size=size, image_fit=fit, image_bits=bits)


def _method(config: TrainConfig, films: Films) -> Method:
    options = config.method_options()
    if config.method == "mil":
        rows = films.dataset.rows(films.train)
        options["prior"] = films.dataset.targets(films.classes)[rows].mean(axis=0).tolist()
    method = make_method(config.method, films.classes, **options)
    if config.backbone_lr == 0:
        method.freeze_backbone()
    if config.channels_last:
        method = method.to(memory_format=torch.channels_last)
    if config.compile:
        method.network.compile()
    return method


def _refuse_foreign(output: Output) -> None:
    """Refuse a folder that holds files and is no run."""
    others = [path for path in output.folder.iterdir() if not path.name.startswith(".")]
    if others and not (output / CONFIG).exists():
        raise ChestxError(
            f"'{output.folder}' holds files that were not made by chestx train: use another -o"
        )


def _refuse_other(output: Output, config: TrainConfig, films: Films, record: RunRecord) -> None:
    """Refuse to go on with a model that was made with other options or from other films."""
    if not _is_trained(output):
        return
    record.refuse_other_version()
    which = changed_options(output / CONFIG, config)
    if any(name not in OF_THE_DATASET for name in which):
        raise other_options(output.folder, which)
    if which:
        raise other_films(output.folder)
    split = output / FILMS
    if not split.exists() or split.read_bytes() != films_csv(films.split):
        raise other_films(output.folder)
    record.refuse_other()


def _is_trained(output: Output) -> bool:
    """Tell whether there is work to lose; a run that has saved nothing yet may begin anew."""
    return any((output / name).exists() for name in (LAST, BEST))


def _tell(films: Films, *, quiet: bool) -> None:
    """Say on stderr what should be known before hours are spent.

    `quiet` keeps back how the split was drawn, not what may spoil the run.
    """
    for note in (*([films.split.told] if films.split.told and not quiet else ()), *films.notes):
        print(f"note: {note}", file=sys.stderr, flush=True)


def _last(run: Path, config: TrainConfig, module: TrainingModule) -> str | None:
    """Return the checkpoint to go on from, if there is one."""
    path = run / LAST
    if not path.exists():
        return None
    try:
        state = torch.load(path, map_location="meta", weights_only=True)["state_dict"]
    except Exception as error:  # of which PyTorch has many for a damaged file
        raise ChestxError(
            f"'{path}' cannot be read ({type(error).__name__}): use --no-resume to begin again"
        ) from error
    own = module.state_dict()
    if {n: t.shape for n, t in state.items()} != {n: t.shape for n, t in own.items()}:
        raise other_model(path, config)
    return str(path)


def _devices(config: TrainConfig) -> dict[str, Any]:
    """Return Lightning's devices for "auto", "cpu", "cpu:2", "cuda" or "cuda:2"."""
    found = re.fullmatch(r"(auto|cpu|cuda)(?:(?<!auto):([1-9]\d{0,3}))?", config.devices)
    if found is None:
        raise ChestxError(
            f"there is no device '{config.devices}': give auto, cpu, cuda, or cuda:2 for two"
        )
    kind, number = found[1], int(found[2] or 0)
    there = torch.cuda.device_count()
    if kind == "cuda" and max(number, 1) > there:
        raise ChestxError(
            f"'{config.devices}' asks for {count(max(number, 1), 'GPU')} and PyTorch finds {there}:"
            " use --devices auto or cpu, or install a PyTorch for this GPU"
        )
    several: int | str = number or ("auto" if kind in ("auto", "cuda") else 1)
    return {"accelerator": kind, "devices": several}


@contextmanager
def _silence() -> Iterator[None]:
    """Keep Lightning's hints and its warnings of workers, sizes and versions from the user."""
    loggers = [logging.getLogger(name) for name in ("lightning.pytorch", "lightning.fabric")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _trainer(
    config: TrainConfig,
    run: Path,
    devices: dict[str, Any],
    checkpoints: Checkpoints,
    *,
    quiet: bool,
) -> L.Trainer:
    callbacks: list[L.Callback] = [History(run), checkpoints]
    if not quiet:
        callbacks.append(Bar())
    return L.Trainer(
        **devices,
        num_nodes=config.num_nodes,
        precision=_PRECISIONS[config.precision],  # type: ignore[arg-type]
        max_epochs=-1 if config.steps else config.epochs,
        accumulate_grad_batches=config.accumulate,
        callbacks=callbacks,
        logger=TensorBoardLogger(run, name="", version=TENSORBOARD),
        enable_progress_bar=False,
        enable_model_summary=False,
        use_distributed_sampler=False,
        num_sanity_val_steps=0,
        log_every_n_steps=10,
    )
