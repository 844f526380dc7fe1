"""`evaluate` on a whole run: its files agree with each other and with the model."""

import base64
import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from small_runs import METHODS, TEST, VAL, image, make_data, run_of, tiny, untrained, write_boxes

from chestx.errors import ChestxError
from chestx.model.data.pixels import as_input, read_png
from chestx.model.evaluation.evaluate import evaluate
from chestx.model.training.run import load_run

torch.set_num_threads(1)


@pytest.fixture(scope="module", params=METHODS)
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(request.param)
    data = make_data(folder / "dataset")
    boxes = [(image(11), "Mass", 4, 4, 20, 20), (image(12), "Nodule", 10, 0, 20, 30)]
    write_boxes(data, [*boxes, (image(16), "Mass", 0, 8, 10, 32)])
    return run_of(tiny(data, request.param, epochs=2), folder / "run")


def lines(run: Path) -> dict[str, dict]:
    text = (run / "evaluation/predictions.jsonl").read_text()
    return {line["image"]: line for line in map(json.loads, text.splitlines())}


def test_files_of_an_evaluation_agree(run: Path) -> None:
    summary = evaluate(run, split="val", quiet=True)
    metrics = json.loads((run / "evaluation/metrics.json").read_text())
    assert (metrics["split"], metrics["n_images"], metrics["n_boxes"]) == ("val", len(VAL), 2)
    assert (run / "evaluation/metrics.md").read_text() in str(summary)
    found = lines(run)
    assert list(found) == [image(number) for number in VAL]
    with (run / "evaluation/scores.csv").open() as file:
        for row in csv.DictReader(file):
            scores = found[row.pop("image")]["scores"]
            assert {name: float(score) for name, score in row.items()} == pytest.approx(scores)
    pictures = {path.name for path in (run / "evaluation/overlays").iterdir()}
    assert pictures == {f"{image(11)[:-4]}_Mass.png", f"{image(12)[:-4]}_Nodule.png"}
    for name in ("roc.png", *(f"overlays/{picture}" for picture in pictures)):
        Image.open(io.BytesIO((run / "evaluation" / name).read_bytes())).verify()


def test_a_line_is_what_the_model_says_of_its_image(run: Path) -> None:
    evaluate(run, split="val", quiet=True)
    config, method = load_run(run)
    for name, line in lines(run).items():
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


def test_another_split_takes_the_place_of_the_first(run: Path) -> None:
    evaluate(run, split="test", overlays=0, quiet=True)
    assert list(lines(run)) == [image(number) for number in TEST]
    assert not [*(run / "evaluation/overlays").iterdir()]


@pytest.mark.parametrize("method", METHODS)
def test_classes_may_have_any_name(tmp_path: Path, method: str) -> None:
    data = make_data(tmp_path / "dataset")
    name = "Mass/Nodule: 3 cm"
    for file in data.glob("*.csv"):
        file.write_text(file.read_text().replace("Nodule", name))
    run = untrained(tiny(data, method, classes=("Mass", name)), tmp_path / "run")
    evaluate(run, split="val", quiet=True)
    (picture,) = (run / "evaluation/overlays").iterdir()
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
        metrics = json.loads((run / "evaluation/metrics.json").read_text())
        assert metrics["n_boxes"] == 2
        found.append([row["Mass"] for row in metrics["localization"]["iou"].values()])
    assert found[0] == found[1]
    assert found[0][-1]["afp"] > 1  # more boxes found than those on the film with a Mass


def test_a_folder_that_is_no_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(ChestxError, match="no trained model"):
        evaluate(tmp_path)
