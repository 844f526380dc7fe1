"""A run of training: it can be killed, made again from its file, and refuses what cannot work."""

import csv
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict, fields, replace
from importlib import metadata
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from small_runs import METHODS, TEST, TRAIN, VAL, image, make_data, run_of, tiny, write_boxes
from torch.nn.functional import dropout

from chestx import __version__
from chestx.commands.train import train as train_command
from chestx.dataset.nih.folder import open_dataset
from chestx.errors import ChestxError
from chestx.job.output import RUN
from chestx.model.data import cache as cache_module
from chestx.model.evaluation.evaluate import evaluate
from chestx.model.methods.registry import make_method
from chestx.model.methods.wcel import WCEL
from chestx.model.prediction.predict import predict
from chestx.model.training import checkpoints as checkpoints_module
from chestx.model.training import module as module_module
from chestx.model.training import train as train_module
from chestx.model.training.config import (
    MethodName,
    TrainConfig,
    config_text,
    defaults_of,
    make_config,
)
from chestx.model.training.generators import generator_states, restore_generators
from chestx.model.training.learned import FILMS, stored_split
from chestx.model.training.module import mean_auc, widest
from chestx.model.training.ranks import is_main
from chestx.model.training.run import BEST, CONFIG, LAST, load_run
from chestx.model.training.train import train

torch.set_num_threads(1)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A dataset that tests spoil as they like."""
    return make_data(tmp_path / "dataset")


def relabel(folder: Path, numbers: range, label: str) -> None:
    path = folder / "Data_Entry_2017.csv"
    rows = list(csv.reader(path.read_text().splitlines()))
    names = {image(number) for number in numbers}
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([[r[0], label, *r[2:]] if r[0] in names else r for r in rows])


def checkpoint(run: Path, name: str = LAST) -> dict:
    return torch.load(run / name, weights_only=True)


def assert_equal(one: object, other: object) -> None:
    """Compare what checkpoints hold, tensors by their bits."""
    assert type(one) is type(other)
    if isinstance(one, torch.Tensor):
        assert torch.equal(one, other)
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            assert_equal(one[key], other[key])
    elif isinstance(one, list | tuple):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            assert_equal(a, b)
    else:
        assert one == other or (one != one and other != other)


def assert_same_run(one: Path, other: Path) -> None:
    for name in (LAST, BEST):
        assert_equal(checkpoint(one, name), checkpoint(other, name))
    assert (one / "history.csv").read_bytes() == (other / "history.csv").read_bytes()


def history(run: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((run / "history.csv").read_text().splitlines()))


class Stopped(Exception):
    """The end of a process, for its rest."""


def stop_at(
    monkeypatch: pytest.MonkeyPatch, batch: int, kind: type[BaseException] = Stopped
) -> None:
    """Let training die in the batch with this number, counted from the first."""
    step, seen = module_module.TrainingModule.training_step, []

    def dying(self, *args):
        seen.append(None)
        if len(seen) > batch:
            raise kind
        return step(self, *args)

    monkeypatch.setattr(module_module.TrainingModule, "training_step", dying)


# A run that is interrupted


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("batch", [10, 13])  # of five batches an epoch
def test_resumed_equals_uninterrupted(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, batch: int
) -> None:
    config = tiny(data, method)
    forward = WCEL.forward
    # Something that draws from the global generator, as dropout in a backbone would.
    monkeypatch.setattr(
        WCEL, "forward", lambda self, x: forward(self, dropout(x.float(), 0.1, self.training))
    )
    whole = run_of(config, tmp_path / "whole")
    with monkeypatch.context() as patch:
        stop_at(patch, batch)
        with pytest.raises(Stopped):
            run_of(config, tmp_path / "parts")
    assert len(history(tmp_path / "parts")) == 2
    torch.manual_seed(99), np.random.seed(99), random.seed(99)
    parts = run_of(config, tmp_path / "parts")
    assert_same_run(whole, parts)
    assert [row["epoch"] for row in history(parts)] == ["0", "1", "2", "3"]
    assert [row["step"] for row in history(parts)] == ["3", "6", "9", "12"]
    assert [float(row["lr"]) for row in history(parts)] == [0.001, 0.0005, 0.00025, 0.000125]
    before = (parts / LAST).read_bytes()
    run_of(config, parts)  # a finished run stays as it is
    assert (parts / LAST).read_bytes() == before
    assert_same_run(whole, parts)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("batch", [12, 13, 14])  # two or four of the third epoch's are saved
def test_a_run_goes_on_within_an_epoch(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, batch: int
) -> None:
    config = tiny(data, method)
    whole, parts = run_of(config, tmp_path / "whole"), tmp_path / "parts"
    with monkeypatch.context() as patch:
        patch.setattr(checkpoints_module, "SAVE_SECONDS", 0.0)
        stop_at(patch, batch)
        with pytest.raises(Stopped):
            run_of(config, parts)
    assert checkpoint(parts)["global_step"] == 6 + (batch - 10) // 2
    rows = films_of(monkeypatch)
    assert_same_run(whole, run_of(config, parts))
    assert len(rows) == 20 - (batch - batch % 2)  # what was done is not done again


def test_a_process_that_is_told_to_end_saves_its_place(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tiny(data)
    whole, parts = run_of(config, tmp_path / "whole"), tmp_path / "parts"
    with monkeypatch.context() as patch:
        step, seen = module_module.TrainingModule.training_step, []

        def told(self, *args):
            seen.append(None)
            if len(seen) == 12:
                os.kill(os.getpid(), signal.SIGTERM)
            return step(self, *args)

        patch.setattr(module_module.TrainingModule, "training_step", told)
        with pytest.raises(KeyboardInterrupt):
            run_of(config, parts)
    assert checkpoint(parts)["global_step"] == 7
    assert_same_run(whole, run_of(config, parts))


def films_of(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """Return a list that gets the films of each batch."""
    step, rows = module_module.TrainingModule.training_step, []

    def noted(self, batch, at):
        rows.append(batch.rows.tolist())
        return step(self, batch, at)

    monkeypatch.setattr(module_module.TrainingModule, "training_step", noted)
    return rows


def test_workers_change_nothing(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tiny(data, epochs=3)
    whole = run_of(config, tmp_path / "whole")
    with_workers = replace(config, loader_workers=1)
    with monkeypatch.context() as patch:
        stop_at(patch, 7)
        with pytest.raises(Stopped):
            run_of(with_workers, tmp_path / "parts")
    assert_same_run(whole, run_of(with_workers, tmp_path / "parts"))


def test_an_interrupted_run_can_be_interrupted_again(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tiny(data, epochs=2)
    with monkeypatch.context() as patch:
        stop_at(patch, 6, KeyboardInterrupt)
        with pytest.raises(KeyboardInterrupt):
            run_of(config, tmp_path / "run")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert_same_run(run_of(config, tmp_path / "run"), run_of(config, tmp_path / "whole"))


def test_a_killed_process_is_resumed(data: Path, tmp_path: Path) -> None:
    config = tiny(data, "mil")
    whole, parts = run_of(config, tmp_path / "whole"), tmp_path / "parts"
    file = tmp_path / "config.toml"
    file.write_text(config_text(config))
    code = (
        "import sys, torch; torch.set_num_threads(1)\n"
        "from pathlib import Path\n"
        "from chestx.model.training.config import make_config\n"
        "from chestx.model.training.train import train\n"
        "train(make_config(None, Path(sys.argv[1]), {}), Path(sys.argv[2]), quiet=True)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(file), str(parts)])
    try:
        while process.poll() is None and not (parts / LAST).exists():
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert 1 <= len(history(parts)) < config.epochs
    assert_same_run(whole, run_of(config, parts))


def test_every_epoch_has_its_own_order(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = films_of(monkeypatch)
    run_of(tiny(data, epochs=2), tmp_path / "run")
    first, second = [*chain(*rows[:5])], [*chain(*rows[5:])]
    assert first != second
    assert sorted(first) == sorted(second) == list(TRAIN)


def test_generators_are_restored() -> None:
    def draw() -> list[float]:
        return [random.gauss(), np.random.standard_normal(), float(torch.randn(()))]

    draw()
    states = generator_states()
    drawn = draw()
    draw()
    restore_generators(states)
    assert draw() == drawn


# Configuration

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
POSITIVE = st.floats(1e-12, 1e30)
CHANGES = {
    "data": TEXT,
    "classes": st.lists(TEXT).map(tuple),
    "backbone": TEXT,
    "weights": TEXT,
    "optimizer": st.sampled_from(["sgd", "adam"]),
    "precision": st.sampled_from(["float32", "bf16", "fp16"]),
    "devices": TEXT,
    "loss": TEXT,
    "pooling": TEXT,
    "boxes_fraction": st.floats(0, 1),
    "unboxed_fraction": st.floats(0, 1),
    "seed": st.integers(0, 2**32 - 1),
    "image_size": st.integers(0, 10**4),
    "image_fit": st.sampled_from(["squash", "pad"]),
    "image_bits": st.sampled_from([8, 16]),
    "method": st.sampled_from(METHODS),
}
KINDS = {bool: st.booleans(), int: st.integers(2, 10**9), float: POSITIVE}


@settings(deadline=None)
@given(st.data())
def test_a_config_file_says_everything(tmp_path_factory, data: st.DataObject) -> None:
    plain = defaults_of("mil")
    kinds = {field.name: KINDS.get(type(getattr(plain, field.name))) for field in fields(plain)}
    config = TrainConfig(**{name: data.draw(kind) for name, kind in (kinds | CHANGES).items()})
    file = tmp_path_factory.getbasetemp() / "round-trip.toml"
    file.write_bytes(config_text(config).encode())
    assert make_config(None, file, {}) == config


def test_a_run_is_made_again_from_its_file(data: Path, tmp_path: Path) -> None:
    one = run_of(tiny(data, epochs=1), tmp_path / "one")
    other = run_of(make_config(None, one / CONFIG, {}), tmp_path / "other")
    assert (one / CONFIG).read_bytes() == (other / CONFIG).read_bytes()
    assert_same_run(one, other)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("epoch = 3", "'epoch'"),
        ('epochs = "3"', "epochs = '3'"),
        ("epochs = true", "epochs = True"),
        ("epochs = 0", "epochs = 0"),
        ("lr = nan", "lr = nan"),
        ("lr = -1", "lr = -1.0"),
        ("seed = 4294967296", "seed"),
        ("boxes_fraction = 1.5", "boxes_fraction"),
        ('classes = "Mass"', "classes"),
        ('optimizer = "adamw"', "sgd, adam"),
        ("epochs = ", "no TOML"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, told: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(f'method = "mil"\n{line}\n')
    refused(told, lambda: make_config(None, file, {}))


def test_an_integer_will_do_for_a_float(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('method = "wcel"\nlr = 1\nepochs = 7')
    config = make_config(None, tmp_path / "mine.toml", {"epochs": 9})
    assert (config.lr, config.epochs, config.size) == (1.0, 9, 1024)


def test_a_file_of_the_other_method_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "wcel.toml"
    file.write_text(config_text(defaults_of("wcel")))
    assert make_config("wcel", file, {}) == defaults_of("wcel")
    refused("is of the method wcel", lambda: make_config("mil", file, {}))


@pytest.mark.parametrize(
    ("method", "option"),
    [("mil", {"loss": "hinge"}), ("mil", {"map_size": 8}), ("wcel", {"rescale": False})],
)
def test_an_option_of_the_other_method_is_refused(method: str, option: dict) -> None:
    refused(f"does nothing in {method}", lambda: make_config(method, None, option))


# What is refused


def refused(told: str, action) -> None:
    with pytest.raises(ChestxError) as caught:
        action()
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.fixture
def no_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """What can be known before is told before the first step."""

    def fit(*_: object, **__: object) -> None:
        pytest.fail("training has begun")

    monkeypatch.setattr(train_module.L.Trainer, "fit", fit)


def remove(data: Path) -> None:
    (data / "images" / image(1)).unlink()


def cut(data: Path) -> None:
    path = data / "images" / image(1)
    os.truncate(path, path.stat().st_size - 9)


def garble(data: Path) -> None:
    path = data / "images" / image(1)
    content = bytearray(path.read_bytes())
    content[60:90] = bytes(30)
    path.write_bytes(content)


def push_box_out(data: Path) -> None:
    write_boxes(data, [(image(1), "Mass", 30, 4, 20, 20)])


@pytest.mark.usefixtures("no_step")
@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (remove, "1 of 18 images is missing"),
        (cut, "1 of 18 images is damaged"),
        (garble, "1 image cannot be used"),
        (push_box_out, "1 of 1 box is empty or not inside"),
        (shutil.rmtree, "dataset"),
        (lambda data: relabel(data, range(10), "No Finding"), "1 of 2 boxes is of a class that"),
        (lambda data: (data / "val_list.txt").write_text(""), "0 to validate"),
    ],
)
def test_bad_data_are_told_before_training(data: Path, tmp_path: Path, spoil, told: str) -> None:
    spoil(data)
    refused(told, lambda: run_of(tiny(data), tmp_path / "run"))
    assert not (tmp_path / "run" / CONFIG).exists()


@pytest.mark.usefixtures("no_step")
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"devices": "gpu"}, "there is no device 'gpu'"),
        ({"devices": "cpu:0"}, "there is no device 'cpu:0'"),
        ({"devices": "auto:2"}, "there is no device 'auto:2'"),
        ({"devices": "cuda:999"}, "use --devices"),
        ({"backbone": "resnet5"}, "resnet5"),
        ({"weights": "nowhere.pt"}, "nowhere.pt"),
        ({"classes": ("Cough",)}, "Cough"),
        ({"unboxed_fraction": 0.0}, "leaves 1 images to train on"),
        ({"fold": 9}, "no fold 9"),
        ({"backbone": "vit_tiny_patch16_224"}, "images of 224 x 224 alone: use --size 224"),
        ({"backbone": "alexnet", "size": 8}, "does not take images of 8 x 8"),
    ],
)
def test_options_that_cannot_work(data: Path, tmp_path: Path, changes, told: str) -> None:
    refused(told, lambda: run_of(tiny(data, **changes), tmp_path / "run"))
    assert not (tmp_path / ".cache").exists()


@pytest.mark.usefixtures("no_step")
def test_what_cannot_work_takes_no_model_away(data: Path, tmp_path: Path) -> None:
    (tmp_path / "run" / "checkpoints").mkdir(parents=True)
    (tmp_path / "run" / CONFIG).write_text("")
    (tmp_path / "run" / LAST).write_text("a week")
    changed = tiny(data, backbone="alexnet", size=8)
    refused("8 x 8", lambda: run_of(changed, tmp_path / "run", resume=False))
    assert (tmp_path / "run" / LAST).read_text() == "a week"


@pytest.mark.usefixtures("no_step")
@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_no_gpu(data: Path, tmp_path: Path) -> None:
    refused("1 GPU and PyTorch finds 0", lambda: run_of(tiny(data, devices="cuda"), tmp_path / "r"))


@pytest.mark.usefixtures("no_step")
def test_no_space_for_the_cache(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(cache_module.shutil, "disk_usage", lambda _: usage)
    refused("no space for the cache", lambda: run_of(tiny(data), tmp_path / "run"))


@pytest.mark.usefixtures("no_step")
@pytest.mark.parametrize("resume", [True, False])
def test_a_foreign_folder_is_left_alone(data: Path, resume: bool) -> None:
    before = sorted(data.rglob("*.*"))
    refused("use another -o", lambda: run_of(tiny(data), data, resume=resume))
    assert [path for path in sorted(data.rglob("*.*")) if path.name != ".lock"] == before


def test_other_options_need_another_folder(data: Path, tmp_path: Path) -> None:
    run = run_of(tiny(data, epochs=2), tmp_path / "run")
    other = tiny(data, epochs=1)
    refused(
        "was made with other options (epochs): use --no-resume or another -o",
        lambda: run_of(other, run),
    )
    assert len(history(run)) == 2
    run_of(other, run, resume=False)
    assert_same_run(run, run_of(other, tmp_path / "fresh"))


def test_a_run_that_has_saved_nothing_takes_other_options(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        stop_at(patch, 2)
        with pytest.raises(Stopped):
            run_of(tiny(data, lr=0.1), tmp_path / "run")
    assert (tmp_path / "run" / CONFIG).exists()
    mended = tiny(data, epochs=1)
    assert_same_run(run_of(mended, tmp_path / "run"), run_of(mended, tmp_path / "fresh"))
    assert len(list((tmp_path / "run" / "tensorboard").glob("events.*"))) == 1


def touch(data: Path) -> None:
    os.utime(data / "images" / image(12), (1, 1))


def swap_lists(data: Path) -> None:
    train, test = data / "train_list.txt", data / "test_list.txt"
    names = train.read_text(), test.read_text()
    test.write_text(names[0]), train.write_text(names[1])


def move_box(data: Path) -> None:
    write_boxes(data, [(image(1), "Mass", 5, 4, 20, 20), (image(12), "Nodule", 10, 0, 20, 30)])


def doubt(data: Path) -> None:
    (data / "uncertain_labels.csv").write_text(f"Image,Labels\n{image(0)},Mass\n")


@pytest.mark.parametrize(
    "change", [touch, swap_lists, move_box, doubt, lambda data: relabel(data, range(5, 6), "Mass")]
)
def test_a_run_goes_on_with_the_films_that_it_was_made_from(
    data: Path, tmp_path: Path, change
) -> None:
    run = run_of(tiny(data, epochs=1), tmp_path / "run")
    change(data)
    refused(
        "was made from other films, labels or boxes: use --no-resume or another -o",
        lambda: run_of(tiny(data, epochs=1), run),
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_run_is_judged_on_films_that_it_has_not_learned_from(
    data: Path, tmp_path: Path, method: str
) -> None:
    run = run_of(tiny(data, method, epochs=1), tmp_path / "run")
    sets = [list(map(image, numbers)) for numbers in (TRAIN, VAL, TEST)]
    swap_lists(data)
    dataset = open_dataset(data)
    assert [*stored_split(run, dataset)[:3]] == sets
    (run / FILMS).write_text("image,set\na,b\n")
    refused("train it again with --no-resume", lambda: stored_split(run, dataset))


def test_a_model_goes_with_all_that_was_made_with_it(data: Path, tmp_path: Path) -> None:
    config = tiny(data, epochs=1)
    run = run_of(config, tmp_path / "run")
    evaluate(run, overlays=1, quiet=True)
    predict(run, [data / "images" / image(1)], quiet=True)
    (run / "model.onnx").write_bytes(b"a network")
    shutil.copytree(run / "evaluation", run / "evaluation-val")
    mine = [run / "notes.md", run / "predictions" / "mine.png"]
    for path in mine:
        path.write_text("mine")
    with_judgement = run_of(config, run)
    assert (with_judgement / "evaluation" / "metrics.json").exists()
    run_of(config, run, resume=False)
    fresh = run_of(config, tmp_path / "fresh")
    left = {path.relative_to(run) for path in run.rglob("*") if path.is_file()}
    made = {path.relative_to(fresh) for path in fresh.rglob("*") if path.is_file()}
    events = {path for path in left | made if "tensorboard" in path.parts}
    assert left - events - made == {path.relative_to(run) for path in mine}


@pytest.mark.parametrize("size", [0, 5000])
def test_a_damaged_checkpoint_is_told(data: Path, tmp_path: Path, size: int) -> None:
    config = tiny(data, epochs=1)
    run = run_of(config, tmp_path / "run")
    os.truncate(run / LAST, size)
    refused("use --no-resume to begin again", lambda: run_of(config, run))
    assert_same_run(run_of(config, run, resume=False), run_of(config, tmp_path / "fresh"))


class Begun(Exception):
    """The first step."""


@pytest.mark.parametrize("quiet", [False, True])
def test_what_may_spoil_a_run_is_told_before_it(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd, quiet: bool
) -> None:
    """The only nodules that are learned from are uncertain, and so is all that is boxed."""
    relabel(data, range(3, 10), "Mass")
    (data / "uncertain_labels.csv").write_text(
        f"Image Index,Uncertain Labels\n{image(1)},Nodule\n{image(2)},Mass\n"
    )

    def fit(*_: object, **__: object) -> None:
        raise Begun

    monkeypatch.setattr(train_module.L.Trainer, "fit", fit)
    with pytest.raises(Begun):
        train(tiny(data, "mil"), tmp_path / "run", quiet=quiet)
    told = capfd.readouterr().err
    assert "Nodule: has no positive image in the training set" in told
    assert "no image that is learned from has a box: " in told
    assert "(of all images of the sets 2 have one)" in told
    (data / "val_list.txt").unlink()
    with pytest.raises(Begun):
        train(tiny(data), tmp_path / "other", quiet=quiet)
    assert ("drawn for validation" in capfd.readouterr().err) is not quiet


def test_uncertain_films_choose_no_model(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (data / "uncertain_labels.csv").write_text(
        f"Image Index,Uncertain Labels\n{image(10)},Nodule\n{image(2)},Edema\n"
    )
    judged = []
    monkeypatch.setattr(module_module, "mean_auc", lambda t, _: judged.append(len(t)) or 0.5)
    run_of(tiny(data, epochs=1), tmp_path / "run")
    assert judged == [len(VAL) - 1]  # Edema is no class here


def test_a_loss_that_is_no_number_ends_the_run(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, whole = tiny(data, epochs=2), tmp_path / "whole"
    with monkeypatch.context() as patch:
        loss, seen = WCEL.loss, []

        def broken(self, output, batch):
            seen.append(None)
            return loss(self, output, batch) * (float("nan") if len(seen) == 7 else 1)

        patch.setattr(WCEL, "loss", broken)
        refused("no number in epoch 1, before step 7", lambda: run_of(config, tmp_path / "run"))
    assert_same_run(run_of(config, whole), run_of(config, tmp_path / "run"))


def test_a_run_is_loaded_with_its_own_method(data: Path, tmp_path: Path) -> None:
    wcel, mil = (run_of(tiny(data, name, epochs=1), tmp_path / name) for name in METHODS)
    for run, name in ((wcel, "wcel"), (mil, "mil")):
        config, method = load_run(run)
        assert (config.method, method.name, method.training) == (name, name, False)
        assert method.classes == config.classes == ("Mass", "Nodule")
        state = checkpoint(run, BEST)["state_dict"]
        assert_equal({f"method.{n}": v for n, v in method.state_dict().items()}, dict(state))
    shutil.copy(mil / LAST, wcel / LAST)
    refused("does not hold the wcel model", lambda: run_of(tiny(data, epochs=1), wcel))
    shutil.copy(mil / BEST, wcel / BEST)
    refused("does not hold the wcel model", lambda: load_run(wcel))
    (mil / BEST).write_bytes(b"nothing")
    refused("does not hold the mil model", lambda: load_run(mil))
    refused("no trained model", lambda: load_run(tmp_path))


# What a step is


def test_a_frozen_backbone_stays_as_it_was(data: Path, tmp_path: Path) -> None:
    config = tiny(
        data, "mil", backbone="efficientnet_lite0", weights="imagenet", backbone_lr=0.0, epochs=1
    )
    saved = checkpoint(run_of(config, tmp_path / "run"))
    backbone = train_module.make_method("mil", ("Mass", "Nodule"), **config.method_options())
    for name, value in backbone.network.backbone.state_dict().items():
        assert torch.equal(saved["state_dict"][f"method.network.backbone.{name}"], value)
    (group,) = saved["optimizer_states"][0]["param_groups"]
    head = [n for n in saved["state_dict"] if ".backbone." not in n]
    buffers = ("running_mean", "running_var", "num_batches_tracked")
    assert group["name"] == "head"
    assert len(group["params"]) == len([n for n in head if not n.endswith(buffers)])


def trained(run: Path) -> torch.Tensor:
    state = checkpoint(run)["state_dict"]
    return torch.cat([v.flatten() for n, v in state.items() if ".backbone." not in n])


LOSSES = [("wcel", {"loss": "wcel"}), ("wcel", {"loss": "cel"}), ("mil", {})]
SGD = {"backbone_lr": 0.0, "epochs": 2, "optimizer": "sgd", "lr": 0.01, "augment": False}


@pytest.mark.parametrize(("method", "options"), LOSSES)
def test_accumulated_batches_are_one_large_batch(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, method: str, options: dict
) -> None:
    monkeypatch.setattr(train_module, "make_method", without_batch_norm)
    options = options | SGD
    small = run_of(tiny(data, method, **options, batch_size=2, accumulate=3), tmp_path / "small")
    large = run_of(tiny(data, method, **options, batch_size=6, accumulate=1), tmp_path / "large")
    torch.testing.assert_close(trained(small), trained(large), rtol=1e-5, atol=1e-6)
    assert [row["step"] for row in history(small)] == ["2", "4"]  # of six films and of four
    for row, other in zip(history(small), history(large), strict=True):
        assert float(row["loss"]) == pytest.approx(float(other["loss"]))
    other = run_of(tiny(data, method, **options, batch_size=2, accumulate=1), tmp_path / "other")
    assert not torch.allclose(trained(other), trained(large), rtol=1e-5, atol=1e-6)


def without_batch_norm(*args, **options):
    """Make a method in which no film knows of the others in its batch."""
    method = make_method(*args, **options)
    if method.name == "mil":
        method.network.recognition[1] = torch.nn.Identity()
    return method


def commands(
    environments: list[dict[str, str]], file: Path, run: Path, patch: str = ""
) -> list[subprocess.CompletedProcess[str]]:
    """Give the same command at once in each of the environments."""
    script = run.with_suffix(".py")
    script.write_text(
        "import sys, torch; torch.set_num_threads(1)\n"
        "from chestx.cli import main\n"
        f"{patch}\n"
        "if __name__ == '__main__':\n"
        "    main()\n"
    )
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    words = [sys.executable, script, "train", "--config", file, "-o", run]
    started = [
        subprocess.Popen(
            words, env=here | own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for own in environments
    ]
    said = [process.communicate(timeout=240) for process in started]
    return [
        subprocess.CompletedProcess(words, process.returncode, *both)
        for process, both in zip(started, said, strict=True)
    ]


@pytest.mark.parametrize("loss", ["wcel", "cel"])
def test_two_processes_do_what_one_does(data: Path, tmp_path: Path, loss: str) -> None:
    (data / "train_list.txt").write_text("\n".join(map(image, range(8))))
    options = SGD | {"loss": loss, "accumulate": 1}
    one = run_of(tiny(data, **options, batch_size=4), tmp_path / "one")
    two, file = tmp_path / "two", tmp_path / "two.toml"
    file.write_text(config_text(tiny(data, **options, batch_size=2, devices="cpu:2")))
    (done,) = commands([{}], file, two)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("best mean AUC") == 1
    torch.testing.assert_close(trained(two), trained(one), rtol=1e-4, atol=1e-6)
    for row, other in zip(history(one), history(two), strict=True):
        assert [float(v) for v in row.values()] == pytest.approx([float(v) for v in other.values()])


def test_two_nodes_make_one_run(data: Path, tmp_path: Path) -> None:
    """Both begin at once, in one folder; the second waits for what the first makes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    file, run = tmp_path / "nodes.toml", tmp_path / "run"
    file.write_text(config_text(tiny(data, epochs=1, devices="cpu:1", num_nodes=2)))
    nodes = [
        {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "NODE_RANK": str(rank)}
        for rank in range(2)
    ]
    first, second = commands(nodes, file, run)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "best mean AUC" in first.stdout
    assert second.stdout == ""
    assert len(history(run)) == 1


def test_an_error_in_one_process_is_told_in_words(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "two.toml"
    file.write_text(config_text(tiny(data, epochs=1, accumulate=1, devices="cpu:2")))
    patch = (
        "from chestx.errors import ChestxError\n"
        "from chestx.model.training.module import TrainingModule\n"
        "step = TrainingModule.training_step\n"
        "def failing(self, batch, at):\n"
        "    if self.global_rank == 1 and at == 1:\n"
        "        raise ChestxError('the film is torn')\n"
        "    return step(self, batch, at)\n"
        "TrainingModule.training_step = failing\n"
    )
    (done,) = commands([{}], file, tmp_path / "run", patch)
    assert done.returncode == 1
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert "Error: the film is torn" in errors
    assert "unexpected" not in done.stderr
    assert any("another process of this run has ended" in error for error in errors)


@pytest.mark.parametrize("method", METHODS)
def test_bfloat16(data: Path, tmp_path: Path, method: str) -> None:
    config = tiny(data, method, precision="bf16", epochs=1, channels_last=True)
    run = run_of(config, tmp_path / "run")
    assert float(history(run)[0]["loss"]) > 0
    assert {v.dtype for n, v in checkpoint(run)["state_dict"].items() if n.endswith("weight")} == {
        torch.float32
    }


def test_sums_are_of_a_type_that_the_device_has() -> None:
    assert widest(torch.device("mps")) == torch.float32
    assert widest(torch.device("cuda")) == widest(torch.device("cpu")) == torch.float64


# When it ends


def told_aucs(monkeypatch: pytest.MonkeyPatch, *aucs: float) -> None:
    left = iter(aucs)
    monkeypatch.setattr(module_module, "mean_auc", lambda *_: next(left))


def test_patience_ends_and_the_best_is_kept(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tiny(data, epochs=9, patience=2)
    told_aucs(monkeypatch, 0.6, 0.7, 0.7, 0.5, 0.9)
    summary = train(config, tmp_path / "run", quiet=True)
    assert (summary.auc, len(history(tmp_path / "run"))) == (pytest.approx(0.7), 4)
    assert checkpoint(tmp_path / "run", BEST)["epoch"] == 1
    before = (tmp_path / "run" / LAST).read_bytes()
    again = train(config, tmp_path / "run", quiet=True)
    assert (again.auc, again.epochs) == (summary.auc, summary.epochs)
    assert (tmp_path / "run" / LAST).read_bytes() == before


def test_a_run_that_cannot_be_judged_keeps_its_last(data: Path, tmp_path: Path) -> None:
    relabel(data, range(10, 16), "No Finding")
    write_boxes(data, [(image(1), "Mass", 4, 4, 20, 20)])
    summary = train(tiny(data, epochs=3, patience=1), tmp_path / "run", quiet=True)
    assert np.isnan(summary.auc)
    assert [row["val_auc"] for row in history(tmp_path / "run")] == ["nan"] * 3
    assert (tmp_path / "run" / BEST).read_bytes() == (tmp_path / "run" / LAST).read_bytes()
    load_run(tmp_path / "run")


@pytest.mark.parametrize(("steps", "lines"), [(4, ["3", "4"]), (7, ["3", "6", "7"])])
def test_steps_end_a_run(data: Path, tmp_path: Path, steps: int, lines: list[str]) -> None:
    config = tiny(data, steps=steps, epochs=1)
    run = run_of(config, tmp_path / "run")
    assert [row["step"] for row in history(run)] == lines
    before = (run / LAST).read_bytes()
    run_of(config, run)
    assert (run / LAST).read_bytes() == before


def test_the_mean_is_over_the_classes_that_have_an_auc() -> None:
    targets = np.array([[1, 0, 1], [0, 0, 1], [1, 0, 0]])
    scores = np.array([[0.9, 0.1, 0.2], [0.5, 0.2, 0.4], [0.4, 0.3, 0.3]])
    assert mean_auc(targets, scores) == pytest.approx((0.5 + 0.5) / 2)
    assert np.isnan(mean_auc(targets[:, 1:2], scores[:, 1:2]))
    assert mean_auc(targets, scores * np.nan) == 0


# What is left and told


def test_a_quiet_run_says_nothing(
    data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run = run_of(tiny(data, epochs=1), tmp_path / "runs" / "mine")
    assert capfd.readouterr() == ("", "")
    assert list((run / "tensorboard").glob("events.out.tfevents.*"))
    assert sorted(path.name for path in run.iterdir() if not path.name.startswith(".")) == [
        "checkpoints", "config.toml", "films.csv", "history.csv", "run.json", "tensorboard",
    ]  # fmt: skip
    assert sorted(path.name for path in (run / "checkpoints").iterdir()) == [
        "best.ckpt", "last.ckpt",
    ]  # fmt: skip


def test_a_run_says_what_it_was_made_from(data: Path, tmp_path: Path) -> None:
    config = tiny(data, epochs=1)
    run = run_of(config, tmp_path / "run")
    said = json.loads((run / RUN).read_bytes())
    assert (said["version"], said["command"], said["finished"]) == (__version__, "train", True)
    assert said["options"] == json.loads(json.dumps(asdict(load_run(run)[0])))
    counts = {"train": 10, "val": 6, "test": 2, "learned_from": 10, "chosen_by": 6}
    assert (said["images"], said["boxes"], said["epochs"]) == (counts, 2, 1)
    assert said["libraries"]["torch"] == metadata.version("torch")
    assert list(said["seconds"]) == ["check", "cache", "train"]
    assert run_of(config, run)  # a second call adds its time
    again = json.loads((run / RUN).read_bytes())
    assert all(again["seconds"][name] > said["seconds"][name] for name in ("check", "train"))


@pytest.mark.parametrize(
    ("environment", "main"),
    [
        ({}, True),
        ({"LOCAL_RANK": "0", "RANK": "0"}, True),
        ({"LOCAL_RANK": "0", "RANK": "2"}, False),  # torchrun's second node
        ({"NODE_RANK": "1"}, False),  # Lightning's
        ({"LOCAL_RANK": "1"}, False),
        ({"SLURM_PROCID": "3"}, False),
    ],
)
def test_one_of_several_processes_is_the_main_one(monkeypatch, environment, main: bool) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert is_main() is main


def test_nothing_goes_to_stdout(
    data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    train(tiny(data, epochs=1), tmp_path / "run")
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("method", METHODS)
def test_help_shows_the_defaults_of_each_method(method: MethodName) -> None:
    defaults = defaults_of(method)
    settings = {field.name for field in fields(defaults)} - {"classes"}
    shown = {}
    for option in train_command.params:
        words = getattr(option, "help", "")
        found = re.search(r"\[default: ([^;\]]*)(?:; mil: (.*))?\]$", words)
        of_the_other = " only:" in words and not words.startswith(method)
        if found and option.name in settings and not of_the_other:
            shown[option.name] = (found[2] if method == "mil" else None) or found[1]
    told = {"augment": "no-augment", "rescale": "rescale"}
    assert len(shown) > 20
    assert shown == {name: told.get(name) or str(getattr(defaults, name)) for name in shown}
