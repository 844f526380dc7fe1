"""`evaluate` on a whole run: its files agree with each other and with the model."""

import base64
import csv
import io
import json
import re
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from small_runs import METHODS, TEST, VAL, image, make_data, run_of, tiny, untrained, write_boxes

from chestx.errors import ChestxError
from chestx.model.data.pixels import as_input, read_png
from chestx.model.evaluation.evaluate import evaluate
from chestx.model.training.learned import FILMS
from chestx.model.training.run import load_run

torch.set_num_threads(1)


@pytest.fixture(scope="module", params=METHODS)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(request.param)
    data = make_data(folder / "dataset")
    boxes = [(image(11), "Mass", 4, 4, 20, 20), (image(12), "Nodule", 10, 0, 20, 30)]
    write_boxes(data, [*boxes, (image(16), "Mass", 0, 8, 10, 32)])
    return run_of(tiny(data, request.param, epochs=2), folder / "run")


def lines(folder: Path) -> dict[str, dict]:
    text = (folder / "predictions.jsonl").read_text()
    return {line["image"]: line for line in map(json.loads, text.splitlines())}


def test_files_of_an_evaluation_agree(run: Path) -> None:
    summary = evaluate(run, split="val", quiet=True)
    out = run / "evaluation-val"
    assert summary.folder == out
    metrics = json.loads((out / "metrics.json").read_text())
    assert (metrics["split"], metrics["n_images"], metrics["n_boxes"]) == ("val", len(VAL), 2)
    assert (out / "metrics.md").read_text() in str(summary)
    found = lines(out)
    assert list(found) == [image(number) for number in VAL]
    with (out / "scores.csv").open() as file:
        for row in csv.DictReader(file):
            scores = found[row.pop("image")]["scores"]
            assert {name: float(score) for name, score in row.items()} == pytest.approx(scores)
    pictures = {path.name for path in (out / "overlays").iterdir()}
    assert pictures == {f"{image(11)[:-4]}_Mass.png", f"{image(12)[:-4]}_Nodule.png"}
    for name in ("roc.png", *(f"overlays/{picture}" for picture in pictures)):
        Image.open(io.BytesIO((out / name).read_bytes())).verify()


def test_a_line_is_what_the_model_says_of_its_image(run: Path) -> None:
    out = evaluate(run, split="val", quiet=True).folder
    config, method = load_run(run)
    for name, line in lines(out).items():
        film = as_input(read_png(Path(config.data) / "images" / name), config.size)
        with torch.inference_mode():
            scores, maps = method.maps(torch.from_numpy(film)[None, None])
        assert list(line["scores"].values()) == pytest.approx(scores[0].tolist(), abs=1e-5)
        assert (line["rows"], line["columns"]) == (40, 40)
        told = {"Mass", "Nodule"} & set(("", "Mass", "Nodule", "MassNodule", "")[int(name[:8]) % 5])
        assert told <= line["findings"].keys() <= line["heatmaps"].keys()
        for label, cells in line["heatmaps"].items():
            heatmap = maps[0, method.classes.index(label)].numpy()
            values = np.frombuffer(base64.b64decode(cells["values"]), np.uint8)
            shown = values.reshape(heatmap.shape) / 255 * (cells["high"] - cells["low"])
            step = (cells["high"] - cells["low"]) / 255
            np.testing.assert_allclose(shown + cells["low"], heatmap, atol=step)
            if label in line["findings"]:
                boxes = method.localize(heatmap, config.size).boxes
                drawn = [[edge * 40 / config.size for edge in box] for box in boxes]
                assert line["findings"][label]["boxes"] == [
                    pytest.approx(b, abs=0.01) for b in drawn
                ]


def test_another_split_leaves_the_first_alone_and_the_same_one_takes_its_place(run: Path) -> None:
    for overlays in (1, 0):
        evaluate(run, overlays=overlays, quiet=True)
        assert len([*(run / "evaluation/overlays").iterdir()]) == overlays
    evaluate(run, split="val", quiet=True)
    assert list(lines(run / "evaluation")) == [image(number) for number in TEST]
    assert list(lines(run / "evaluation-val")) == [image(number) for number in VAL]
    for split, number in (("test", len(TEST)), ("all", 18)):
        summary = evaluate(run, run / "both", split=split, quiet=True)
        assert (summary.folder, summary.metrics.n_images) == (run / "both", number)
    assert "18 images of all (the model has learned from films among them) judged" in str(summary)


def test_an_evaluation_names_its_checkpoint_and_one_that_failed_does_not_look_whole(
    tmp_path: Path,
) -> None:
    run = untrained(tiny(make_data(tmp_path / "data"), classes=("Mass",)), tmp_path / "run")
    out = evaluate(run, quiet=True).folder
    checkpoint = run / "checkpoints/best.ckpt"
    said = json.loads((out / "run.json").read_text())
    assert (said["command"], said["finished"], said["split"]) == ("evaluate", True, "test")
    assert said["checkpoint_sha256"] == sha256(checkpoint.read_bytes()).hexdigest()
    state = torch.load(checkpoint)
    state["state_dict"]["method.network.prediction.bias"].fill_(torch.nan)
    torch.save(state, checkpoint)
    with pytest.raises(ChestxError, match="no number for 2 of 2 films"):
        evaluate(run, quiet=True)
    assert [path.name for path in out.iterdir() if path.name[0] != "."] == ["run.json"]
    assert not json.loads((out / "run.json").read_text())["finished"]
    with pytest.raises(ChestxError, match="not made by chestx evaluate"):
        evaluate(run, run, quiet=True)


@pytest.mark.parametrize("lists", [True, False])
def test_other_data_are_judged_as_they_say_themselves(tmp_path: Path, lists: bool) -> None:
    """Neither the run's fold nor the frame of its boxes is theirs."""
    own, other = (make_data(tmp_path / name) for name in ("own", "other"))
    config = tiny(own, classes=("Mass", "Nodule"), fold=1, folds=2, boxes_in=400)
    run = untrained(config, tmp_path / "run")
    known = (run / FILMS).read_text()
    others = "".join(f"999999{n:02d}_000.png,train\n" for n in range(20))  # most are other films
    (run / FILMS).write_text(known + others)
    write_boxes(other, [(image(16), "Mass", 20, 20, 20, 20)])
    if not lists:
        for path in other.glob("*_list.txt"):
            path.unlink()
    summary = evaluate(run, data=other, quiet=True)
    judged = TEST if lists else range(18)
    named = r"evaluation-other-[0-9a-f]{6}" if lists else r"evaluation-other-[0-9a-f]{6}-all"
    assert re.fullmatch(named, summary.folder.name)
    assert list(lines(summary.folder)) == [image(number) for number in judged]
    assert summary.metrics.split == ("test" if lists else "all")
    assert summary.metrics.n_boxes == 1
    assert ("of all (the dataset has no lists; " in str(summary)) is not lists
    learned = "images have names of films that the model has learned from"
    assert (learned in str(summary)) is not lists  # the fold's test set holds the other one
    with pytest.raises(ChestxError, match="not inside of the image"):
        evaluate(run, data=other, boxes_in=30, quiet=True)
    if not lists:
        with pytest.raises(ChestxError, match="no lists"):
            evaluate(run, data=other, split="test", quiet=True)
    (run / FILMS).write_text(known)
    fold = evaluate(run, data=own, quiet=True)
    assert fold.folder == run / "evaluation"
    assert fold.metrics.n_images == 9
    assert "9 images of test (fold 1 of 2" in str(fold)
    gone = image(TEST[0])
    (own / "images" / gone).unlink()
    table = own / "Data_Entry_2017.csv"
    rows = table.read_text().splitlines(keepends=True)
    table.write_text("".join(row for row in rows if not row.startswith(gone)))
    assert evaluate(run, data=own, quiet=True).folder == run / "evaluation"


def test_boxes_count_in_the_frame_that_is_said(tmp_path: Path) -> None:
    """The same place of the film, in its own 40 pixels and in 400."""
    data = make_data(tmp_path / "data")
    found = []
    for edge in (1, 10):
        write_boxes(data, [(image(16), "Mass", 5 * edge, 10 * edge, 20 * edge, 25 * edge)])
        config = tiny(data, classes=("Mass",), boxes_in=400)
        run = untrained(config, tmp_path / f"run{edge}")
        metrics = evaluate(run, boxes_in=0 if edge == 1 else None, quiet=True).metrics
        found.append((metrics.localization, metrics.grid_ceiling))
    assert found[0] == found[1]


def test_only_what_is_judged_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that was told to use the CPU stays there."""
    data = make_data(tmp_path / "data")
    run = untrained(tiny(data, "mil", classes=("Mass",)), tmp_path / "run")
    (data / "images" / image(0)).unlink()
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert evaluate(run, quiet=True).metrics.n_images == len(TEST)
    (films,) = (tmp_path / ".cache").glob("*/films.u8")
    assert films.stat().st_size == len(TEST) * 64**2
    with pytest.raises(ChestxError, match="1 of 10 images is missing"):
        evaluate(run, split="train", quiet=True)


@pytest.mark.parametrize("method", METHODS)
def test_classes_may_have_any_name(tmp_path: Path, method: str) -> None:
    data = make_data(tmp_path / "dataset")
    name = "Mass/Nodule: 3 cm"
    for file in data.glob("*.csv"):
        file.write_text(file.read_text().replace("Nodule", name))
    run = untrained(tiny(data, method, classes=("Mass", name)), tmp_path / "run")
    evaluate(run, split="val", quiet=True)
    (picture,) = (run / "evaluation-val/overlays").iterdir()
    assert picture.name.startswith(f"{image(12)[:-4]}_Mass_Nodule")


def test_a_choice_of_classes_changes_nothing_of_their_own(tmp_path: Path) -> None:
    """AFP is over the boxes of all classes, on the images that have one of any class."""
    data = make_data(tmp_path / "dataset")
    write_boxes(data, [(image(11), "Mass", 4, 4, 9, 9), (image(12), "Nodule", 10, 0, 20, 30)])
    runs = [
        untrained(tiny(data, classes=("Mass", "Nodule")[:number]), tmp_path / f"run{number}")
        for number in (2, 1)
    ]
    whole, part = (torch.load(run / "checkpoints/best.ckpt") for run in runs)
    cut = {
        name: tensor[: len(part["state_dict"][name])] if tensor.ndim else tensor
        for name, tensor in whole["state_dict"].items()
    }
    torch.save({"state_dict": cut}, runs[1] / "checkpoints/best.ckpt")
    found = []
    for run in runs:
        evaluate(run, split="val", quiet=True)
        metrics = json.loads((run / "evaluation-val/metrics.json").read_text())
        assert metrics["n_boxes"] == 2
        found.append([row["Mass"] for row in metrics["localization"]["iou"].values()])
    assert found[0] == found[1]
    assert found[0][-1]["afp"] > 1  # more boxes found than those on the film with a Mass


def test_a_folder_that_is_no_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(ChestxError, match="no trained model"):
        evaluate(tmp_path)


def test_own_data_are_told_by_their_films_wherever_they_lie(tmp_path: Path) -> None:
    data = make_data(tmp_path / "dataset")
    run = untrained(tiny(data, classes=("Mass", "Nodule")), tmp_path / "run")
    moved = data.rename(tmp_path / "moved")
    (moved / "test_list.txt").unlink()
    summary = evaluate(run, data=moved, quiet=True)
    assert summary.folder.name == "evaluation"
    assert list(lines(summary.folder)) == [image(number) for number in TEST]
