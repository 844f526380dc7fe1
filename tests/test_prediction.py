"""Prediction: scores, findings in the film's own pixels, pictures, and the ONNX file."""

import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnxruntime
import pytest
import torch
from dicom_films import gradient, write_film
from PIL import Image

from chestx.dataset.film import Placement
from chestx.dataset.films.develop import develop
from chestx.dataset.films.fit import Fit
from chestx.errors import ChestxError
from chestx.model.data.image_format import ImageFormat
from chestx.model.data.pixels import as_input, read_png
from chestx.model.evaluation.located import Located, OnFilm, locate
from chestx.model.evaluation.overlay_names import OverlayNames
from chestx.model.methods.method import Method
from chestx.model.methods.registry import make_method
from chestx.model.prediction.export import export_onnx
from chestx.model.prediction.inputs import Source
from chestx.model.prediction.picture import draw
from chestx.model.prediction.predict import predict
from chestx.model.prediction.predicted import Predicted
from chestx.model.prediction.read import Reader, ReadFilm
from chestx.model.training.config import config_text, make_config

CLASSES = ("Cardiomegaly", "Effusion", "Mass", "Nodule")
SIZE = 64
OPTIONS: dict[str, dict[str, Any]] = {"wcel": {"map_size": 8}, "mil": {"patches": 12}}
METHODS = list(OPTIONS)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Runs as `train` leaves them, of networks with weights at random."""
    return {name: _save(tmp_path_factory.mktemp(name), _method(name)) for name in METHODS}


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """Films of several sizes and kinds, the folder's names in their order."""
    folder = tmp_path / "films"
    (folder / "ward").mkdir(parents=True)
    rng = np.random.default_rng(3)
    _save_film(folder / "a.png", rng.integers(0, 256, (90, 50)))
    _save_film(folder / "b.jpg", rng.integers(0, 256, (70, 130)))
    _save_film(folder / "c.png", rng.integers(0, 256, (64, 64)))
    write_film(folder / "ward/d.dcm", gradient(96, 72), PixelSpacing=[0.5, 0.4])
    write_film(folder / "ward/e", gradient(80, 80))
    return folder


def _method(name: str) -> Method:
    torch.manual_seed(5)
    method = make_method(
        name, CLASSES, backbone="efficientnet_lite0", weights="none", **OPTIONS[name]
    )
    for module in method.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 0.9
    with torch.no_grad():  # statistics that fit, or all films would have the same scores
        method.train()(torch.randint(0, 256, (8, 1, SIZE, SIZE), dtype=torch.uint8))
    return method


def _save(run: Path, method: Method) -> Path:
    given = {"backbone": "efficientnet_lite0", "size": SIZE, "devices": "cpu"}
    config = make_config(method.name, None, {**given, "classes": CLASSES, **OPTIONS[method.name]})
    (run / "config.toml").write_text(config_text(config))
    (run / "checkpoints").mkdir()
    state = {f"method.{name}": tensor for name, tensor in method.state_dict().items()}
    torch.save({"state_dict": state}, run / "checkpoints/best.ckpt")
    return run


def _save_film(path: Path, pixels: np.ndarray) -> None:
    Image.fromarray(pixels.astype(np.uint8)).save(path)


def _size_of(path: Path) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


def _lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "predictions.jsonl").read_text().splitlines()]


def _table(out: Path) -> np.ndarray:
    return np.array([list(line["scores"].values()) for line in _lines(out)])


@pytest.mark.parametrize("name", METHODS)
def test_scores_are_those_of_the_method_on_the_input_of_training(
    name: str, runs: dict[str, Path], films: Path, tmp_path: Path
) -> None:
    predict(runs[name], [films], tmp_path / "out", overlays=False, quiet=True)
    lines = _lines(tmp_path / "out")
    assert [line["image"] for line in lines] == ["a.png", "b.jpg", "c.png", "ward/d.dcm", "ward/e"]
    sizes = [(line["rows"], line["columns"]) for line in lines]
    assert sizes == [(90, 50), (70, 130), (64, 64), (96, 72), (80, 80)]
    method = _method(name).eval()
    for line in (lines[0], lines[2]):
        image = torch.from_numpy(as_input(read_png(films / line["image"]), SIZE))[None, None]
        with torch.no_grad():
            wanted = method.scores(method(image))[0].tolist()
        assert list(line["scores"]) == list(CLASSES)
        assert list(line["scores"].values()) == pytest.approx(wanted, abs=1e-5)
    assert np.ptp(_table(tmp_path / "out"), axis=0).max() > 1e-3  # films are told apart


@pytest.mark.parametrize("fit", ["squash", "pad"])
@pytest.mark.parametrize("bits", [8, 16])
def test_a_film_gives_the_input_that_its_image_gave_in_training(
    films: Path, tmp_path: Path, fit: Fit, bits: Literal[8, 16]
) -> None:
    reader = Reader(SIZE, ImageFormat(150, fit, bits), whole=True)
    for name in ("ward/d.dcm", "ward/e", "a.png"):
        image = tmp_path / "image.png"
        image.write_bytes(develop(films / name, size=150, fit=fit, bits=bits)[0])
        read = reader(films / name)
        assert isinstance(read, ReadFilm)
        assert (read.input == as_input(read_png(image), SIZE)).all()
        if bits == 8:
            again = reader(image)
            assert isinstance(again, ReadFilm)
            assert (again.input == read.input).all()


@pytest.mark.parametrize("name", METHODS)
def test_batch_and_workers_leave_scores_and_findings_as_they_are(
    name: str, runs: dict[str, Path], films: Path, tmp_path: Path
) -> None:
    for batch_size, workers in ((1, 1), (3, 2), (8, 1)):
        predict(
            runs[name],
            [films],
            tmp_path / f"out{batch_size}",
            overlays=False,
            batch_size=batch_size,
            workers=workers,
            quiet=True,
        )
    one, three, eight = (_table(tmp_path / f"out{size}") for size in (1, 3, 8))
    assert np.abs(three - one).max() <= 1e-5
    assert np.abs(eight - one).max() <= 1e-5
    findings = [[x["findings"] for x in _lines(tmp_path / f"out{size}")] for size in (1, 8)]
    assert findings[0] == findings[1]


def test_boxes_of_a_film_that_is_not_square_are_in_its_own_pixels() -> None:
    heatmap = np.zeros((8, 8), np.float32)
    heatmap[2:4, 5:8] = 1  # rows 2 and 3, columns 5 to 7
    found = locate(_method("wcel"), heatmap)
    assert found.on(400, 80) == [(50, 100, 30, 100)]
    assert found.region is None
    assert found.as_json(squashed(400, 80)) == {"boxes": [[50, 100, 30, 100]]}


def squashed(rows: int, columns: int, side: int = 512) -> OnFilm:
    return OnFilm(rows, columns, side, Placement(side / columns, side / rows))


@pytest.mark.parametrize(("rows", "columns"), [(300, 100), (97, 641), (64, 64)])
def test_boxes_on_a_padded_image_are_in_the_pixels_of_the_film(rows: int, columns: int) -> None:
    rng = np.random.default_rng(0)
    film = np.zeros((rows, columns), np.uint8)
    y, x = rng.integers(0, rows // 2), rng.integers(0, columns // 2)
    film[y : y + rows // 3, x : x + columns // 3] = 255
    image, placement = ImageFormat(1000, "pad").of_film(film, SIZE)
    down, across = np.nonzero(image > 127)
    edges = [across.min(), down.min(), np.ptp(across) + 1, np.ptp(down) + 1]
    place = OnFilm(rows, columns, 1000, placement)
    box = place.box(tuple(edge / 1000 for edge in edges))
    assert box == pytest.approx([x, y, columns // 3, rows // 3], abs=1)
    assert place.box((0, 0, 1, 1)) == [0, 0, columns, rows]
    assert place.box((0, 0, 0.1, 0.1)) == (None if rows != columns else [0, 0, 6.4, 6.4])


def test_a_region_is_tiled_by_its_runs() -> None:
    heatmap = np.full((12, 12), 0.1, np.float32)
    heatmap[1, 2:5] = heatmap[2, 4] = heatmap[9, 0] = heatmap[9, 11] = 0.9
    found = locate(_method("mil"), heatmap)
    assert found.as_json(squashed(1200, 240)) == {
        "boxes": [[40, 100, 60, 200], [0, 900, 20, 100], [220, 900, 20, 100]],
        "region": [
            [40, 100, 60, 100],
            [80, 200, 20, 100],
            [0, 900, 20, 100],
            [220, 900, 20, 100],
        ],
    }
    everything = locate(_method("mil"), np.ones((12, 12), np.float32))
    assert everything.boxes == [(0, 0, 1, 1)]
    nothing = locate(_method("mil"), np.zeros((12, 12), np.float32))
    assert nothing.as_json(squashed(500, 250)) == {"boxes": [], "region": []}


def test_coordinates_of_any_region_cover_it_and_nothing_else() -> None:
    region = np.random.default_rng(0).random((12, 12)) < 0.5
    painted = np.zeros((240, 120), int)
    for x, y, w, h in Located([], region).as_json(squashed(240, 120))["region"]:
        painted[round(y) : round(y + h), round(x) : round(x + w)] += 1
    assert (painted == np.kron(region, np.ones((20, 10), int))).all()


@pytest.mark.parametrize("name", METHODS)
def test_findings_are_of_the_classes_at_or_above_the_threshold(
    name: str, runs: dict[str, Path], films: Path, tmp_path: Path
) -> None:
    predict(runs[name], [films], tmp_path / "all", threshold=0, overlays=False, quiet=True)
    threshold = float(np.median(_table(tmp_path / "all")))
    options: dict[str, Any] = {"threshold": threshold, "overlays": False, "quiet": True}
    predict(runs[name], [films], tmp_path / "some", **options)
    told = 0
    for every, some in zip(_lines(tmp_path / "all"), _lines(tmp_path / "some"), strict=True):
        assert list(every["findings"]) == list(CLASSES)
        above = {c: f for c, f in every["findings"].items() if some["scores"][c] >= threshold}
        assert some["findings"] == above
        told += len(above)
    assert 0 < told < len(CLASSES) * len(_lines(tmp_path / "all"))


def test_overlays_are_a_picture_a_film_and_stale_ones_go(
    runs: dict[str, Path], films: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    predict(runs["wcel"], [films], out, threshold=0, quiet=True)
    first = _lines(out)
    assert [line["overlay"] for line in first] == [
        f"overlays/{name}.png" for name in ("a", "b.jpg", "c", "ward_d.dcm", "ward_e")
    ]
    assert sorted(p.name for p in (out / "overlays").iterdir()) == sorted(
        Path(line["overlay"]).name for line in first
    )
    three = _size_of(out / first[0]["overlay"])
    predict(runs["wcel"], [films / "a.png"], out, threshold=1, quiet=True)
    (line,) = _lines(out)
    assert line["image"] == str(films / "a.png")
    assert line["findings"] == {}
    assert [p.name for p in (out / "overlays").iterdir()] == ["a.png"]
    width, height = _size_of(out / line["overlay"])
    assert (width, 3 * height) == three


def test_the_picture_has_a_scale_where_the_spacing_is_known(films: Path) -> None:
    read = Reader(SIZE, ImageFormat(), whole=True)(films / "ward/d.dcm")
    assert isinstance(read, ReadFilm)
    assert read.spacing == (0.4, 0.5)
    heatmap = np.eye(12, dtype=np.float32)
    source = Source("d.dcm", "d.dcm", films)
    square = read._replace(spacing=(0.5, 0.5))
    drawn = [
        draw(Predicted(source, film, [("Mass", 0.2, heatmap)], {}, (0.0, 1.0)))
        for film in (read, square, square._replace(spacing=None))
    ]
    wide, square_size, plain = (Image.open(io.BytesIO(png)).size for png in drawn)
    assert wide[0] < square_size[0] == plain[0]  # in the body's own proportions
    assert drawn[1] != drawn[2]  # the scale


def test_files_that_are_no_films_are_listed_and_stop_nothing(
    runs: dict[str, Path], films: Path, tmp_path: Path
) -> None:
    (films / "a-note.txt").write_text("Müster, Möritz\n")
    (films / "ward/torn.png").write_bytes((films / "a.png").read_bytes()[:200])
    (films / "gone.dcm").symlink_to(films / "nowhere")
    out = tmp_path / "out"
    for workers in (1, 2):
        options: dict[str, Any] = {"overlays": False, "workers": workers, "quiet": True}
        summary = predict(runs["wcel"], [films], out, **options)
        assert (summary.images, summary.rejected, len(_lines(out))) == (5, 3, 5)
        header, *rows = (out / "rejected.csv").read_text().splitlines()
        assert header == "id,source,reason"
        assert {Path(row.split(",")[1]).name for row in rows} == {
            "a-note.txt",
            "torn.png",
            "gone.dcm",
        }
        assert "ster" not in "".join(rows)
    assert "For research only" in str(summary)
    assert "3 files rejected" in str(summary)


def test_the_folder_is_private_and_that_of_the_run(runs: dict[str, Path], films: Path) -> None:
    summary = predict(runs["mil"], [films / "a.png"], quiet=True)
    assert summary.out == runs["mil"] / "predictions"
    for path in (summary.out, *summary.out.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert "a.png" not in (summary.out / "run.json").read_text()


def test_films_of_several_folders_keep_their_paths(
    runs: dict[str, Path], films: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    _save_film(other / "a.png", np.eye(70))
    named = [films / "a.png", other, films / "a.png"]
    predict(runs["wcel"], named, tmp_path / "out", quiet=True)
    lines = _lines(tmp_path / "out")
    assert [line["image"] for line in lines] == [str(films / "a.png"), str(other / "a.png")]
    assert [line["overlay"] for line in lines] == ["overlays/a.png", "overlays/a-2.png"]


def test_names_of_pictures_are_short_and_differ() -> None:
    names = OverlayNames()
    given = ["a/b.png", "a_b.png", "A/B.png", "ü" * 300, "ü" * 301, "x.dcm", "..\\y.png"]
    made = [names.of(name) for name in given]
    assert made[:3] == ["overlays/a_b.png", "overlays/a_b-2.png", "overlays/A_B-3.png"]
    assert len({name.casefold() for name in made}) == len(given)
    assert all(len(name.encode()) < 200 and name.count("/") == 1 for name in made)


def test_what_the_user_got_wrong_is_told(
    runs: dict[str, Path], films: Path, tmp_path: Path
) -> None:
    run, film = runs["wcel"], films / "a.png"
    (films / "note").write_text("no film")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ChestxError, match="no trained model"):
        predict(tmp_path, [film], quiet=True)
    with pytest.raises(ChestxError, match=r"there is no '.*nowhere'"):
        predict(run, [tmp_path / "nowhere"], tmp_path / "out", quiet=True)
    with pytest.raises(ChestxError, match="no files"):
        predict(run, [tmp_path / "empty"], tmp_path / "out", quiet=True)
    with pytest.raises(ChestxError, match="threshold from 0 to 1"):
        predict(run, [film], tmp_path / "out", threshold=50, quiet=True)
    with pytest.raises(ChestxError, match="not made by chestx predict"):
        predict(run, [film], films, quiet=True)
    assert not (tmp_path / "out").exists()
    with pytest.raises(ChestxError, match=r"none of 1 file could be used .*rejected\.csv"):
        predict(run, [films / "note"], tmp_path / "out", quiet=True)
    assert (tmp_path / "out/rejected.csv").read_text().count("\n") == 2
    assert predict(run, [film], tmp_path / "out", quiet=True).images == 1
    with pytest.raises(ChestxError, match="none of 1 file"):
        predict(run, [films / "note"], tmp_path / "out", quiet=True)
    assert len(_lines(tmp_path / "out")) == 1


def test_a_model_without_numbers_is_told(films: Path, tmp_path: Path) -> None:
    method = _method("mil")
    next(method.parameters()).data.fill_(torch.nan)
    (tmp_path / "run").mkdir()
    run = _save(tmp_path / "run", method)
    with pytest.raises(ChestxError, match="no numbers"):
        predict(run, [films / "a.png"], quiet=True)


@pytest.mark.parametrize("name", METHODS)
def test_onnx_gives_the_same_scores_and_heatmaps(
    name: str, runs: dict[str, Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = export_onnx(runs[name], tmp_path / "models/m.onnx")
    assert capfd.readouterr() == ("", "")
    assert [p.name for p in path.parent.iterdir()] == ["m.onnx"]
    session = onnxruntime.InferenceSession(path)
    facts = session.get_modelmeta().custom_metadata_map
    assert json.loads(facts["classes"]) == list(CLASSES)
    assert (facts["method"], facts["size"]) == (name, str(SIZE))
    method = _method(name).eval()
    for films in (1, 3):
        images = np.random.default_rng(films).integers(0, 256, (films, 1, SIZE, SIZE), np.uint8)
        scores, heatmaps = session.run(None, {"images": images.astype(np.float32)})
        with torch.no_grad():
            wanted, maps = method.maps(torch.from_numpy(images))
        assert scores.shape == (films, len(CLASSES))
        assert np.abs(scores - wanted.numpy()).max() < 1e-4
        scale = max(1.0, float(maps.abs().max()))
        assert np.abs(heatmaps - maps.numpy()).max() < 1e-4 * scale


def test_onnx_of_no_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(ChestxError, match="no trained model"):
        export_onnx(tmp_path)
