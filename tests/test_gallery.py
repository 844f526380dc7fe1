"""The gallery's data and pages, as files: what is in them, that they are private and repeatable."""

import json
import re
import stat
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from gallery_workspace import NASTY, write_dataset, write_reports, write_workspace
from hospital import CLASSES, write_hospital

from chestx.cli import main
from chestx.errors import ChestxError
from chestx.gallery.chunks import script
from chestx.gallery.html import ASSETS, POLICY
from chestx.gallery.make import make_gallery
from chestx.labeler import Labeler
from chestx.labeler.batch.mine import mine_labels

RECEIVED = re.compile(r'chestx\.receive\("([\w-]+)",(".*")\);\n')


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_workspace(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def received(file: Path) -> Any:
    """Return what a script hands over; it is one call and nothing else, in ASCII."""
    text = file.read_bytes().decode("ascii")
    found = RECEIVED.fullmatch(text)
    assert found, text[:80]
    assert found[1] == file.stem
    assert not set("<>&") & set(text)
    return json.loads(json.loads(found[2]))


def made(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("run.json", ".lock")
    }


def test_mentions_lie_where_the_labeler_found_them(workspace: Path) -> None:
    make_gallery()
    ids = received(Path("gallery/data/index-0.js"))["ids"]
    studies = received(Path("gallery/data/studies-0.js"))
    labeler = Labeler()
    label_set = labeler.label_set
    for id, (text, mentions, _) in zip(ids[:-1], studies[:-1], strict=True):
        found = labeler(text).mentions
        assert [m[:5] for m in mentions] == [
            [m.start, m.end, m.label, m.concept, m.status] for m in found
        ], id
        assert all(len(m) == 10 for m in mentions)  # the text has their words
        counted = [label_set.status(m.status, m.certainty, m.rule) for m in found]
        assert [m[9] or m[4] for m in mentions if m[2]] == [
            state for state, m in zip(counted, found, strict=True) if m.label
        ]
    assert [text for text, _, _ in studies[-4:-1]] == list(NASTY)


def test_index_has_the_labels_truth_boxes_and_scores(workspace: Path) -> None:
    make_gallery()
    about = received(Path("gallery/data/about.js"))
    index = received(Path("gallery/data/index-0.js"))
    count = len(index["ids"])
    assert (about["studies"], about["reports"], about["runs"]) == (count, count - 1, ["mil"])
    assert about["classes"] == list(CLASSES)
    states = np.frombuffer(b64decode(index["states"]), np.uint8).reshape(len(CLASSES), count)
    code = {"": 1, "0": 2, "-1": 3, "1": 4}
    for table, column in (("labels", states & 7), ("truth", states >> 3 & 7)):
        rows = Path(table, "labels.csv").read_text("utf-8").splitlines()[1:]
        cells = np.array([[code[c] for c in row.split(",")[-14:]] for row in rows])
        assert (column.T[: len(cells)] == cells).all()
        if table == "truth":
            assert (column.T[len(cells) :] == 0).all()
    boxes = Path("dataset/BBox_List_2017.csv").read_text().splitlines()[1:]
    boxed = {(line.split(",")[0], line.split(",")[1]) for line in boxes}
    assert {
        (image, name)
        for at, images in enumerate(index["images"])
        for image in images
        for name in CLASSES
        if states[CLASSES.index(name), at] >> 6 and (image, name) in boxed
    } == boxed
    levels = np.frombuffer(b64decode(index["levels"][0]), np.uint8).reshape(len(CLASSES), count)
    lines = Path("runs/mil/evaluation/predictions.jsonl").read_text().splitlines()
    scores = {film["image"]: film["scores"] for film in map(json.loads, lines)}
    wanted = [
        [max(scores[image][name] for image in images) for images in index["images"]]
        for name in CLASSES
    ]
    assert np.abs((levels - 1.0) / 254 - wanted).max() <= 0.5 / 254 + 1e-9
    assert {"": 0, "train": 1, "test": 3}.keys() >= {about["splits"][s] for s in index["splits"]}


def test_same_bytes_and_what_was_there_before_goes(workspace: Path) -> None:
    first = make_gallery(Path("one"))
    assert first.texts == first.reports
    make_gallery(Path("two"), labels=Path("labels"))
    make_gallery(Path("one"))
    assert made(Path("one")) == made(Path("two"))
    (Path("two") / "data" / "studies-9.js").write_text("of an earlier run")
    make_gallery(Path("two"))
    assert made(Path("one")) == made(Path("two"))


def test_verdicts_stay_as_long_as_reports_and_labels_do(workspace: Path) -> None:
    """The dataset, its films without a report, and the classes of a run may come later."""

    def gallery_id() -> str:
        make_gallery()
        return str(received(Path("gallery/data/about.js"))["gallery"])

    first = gallery_id()
    line = {"image": "x.png", "rows": 9, "columns": 9, "scores": {"Another": 0.5}}
    Path("runs/mil/evaluation/predictions.jsonl").write_text(json.dumps(line))
    assert gallery_id() == first
    Path("dataset").rename("away")
    Path("runs").rename("runs_away")
    assert gallery_id() == first
    labels = Path("labels/labels.csv")
    rows = labels.read_text("utf-8").splitlines(keepends=True)
    last = rows[1].rstrip().rpartition(",")
    labels.write_text(
        "".join([rows[0], f"{last[0]},{'0' if last[2] else '1'}\n", *rows[2:]]), "utf-8"
    )
    assert gallery_id() != first


def test_only_the_owner_can_read_it(workspace: Path) -> None:
    make_gallery()
    for path in [Path("gallery"), *Path("gallery").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    with pytest.raises(ChestxError, match="not made by chestx gallery"):
        make_gallery(Path("reports"))


def test_pages_ask_for_nothing_outside(workspace: Path) -> None:
    make_gallery()
    for page in Path("gallery").glob("*.html"):
        text = page.read_text("utf-8")
        assert f'content="{POLICY}"' in text
        assert not re.search(r"https?:|<style|style=|\son\w+=|javascript:", text)
        for link in re.findall(r'(?:src|href)="([^"#]*)', text):
            assert link == "data:," or (page.parent / link).exists(), link
    for asset in ASSETS.iterdir():
        text = asset.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|innerHTML|outerHTML|insertAdjacent|eval\(|Function\(", text)


def test_whatever_a_report_says_ends_no_script() -> None:
    said = "</script><!--\u2028\u2029'\"\\ \U0001fac1 &amp; __proto__"
    text = script("name", {"__proto__": said, said: [said]})
    found = RECEIVED.fullmatch(text.decode("ascii"))
    assert found
    assert json.loads(json.loads(found[2])) == {"__proto__": said, said: [said]}
    assert not set(b"<>&") & set(text)


def test_ids_restrict_it(workspace: Path) -> None:
    ids = Path("labels/labels.csv").read_text("utf-8").splitlines()
    wanted = [line.split(",")[0] for line in (ids[4], ids[2], ids[3])]
    Path("sample.txt").write_text("\n".join(wanted))
    done = CliRunner().invoke(main, ["gallery", "--ids", "sample.txt"], catch_exceptions=False)
    assert done.output == "3 studies with 3 films: open 'gallery/index.html'\n"
    assert received(Path("gallery/data/index-0.js"))["ids"] == wanted
    Path("sample.txt").write_text("nobody")
    assert CliRunner().invoke(main, ["gallery", "--ids", "sample.txt"]).exit_code == 1


def test_labels_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_reports(tmp_path, {"a": "No effusion. Cardiomegaly.", "b": "Clear lungs."})
    mine_labels(["reports"], workers=1, quiet=True)
    summary = make_gallery()
    assert (summary.studies, summary.texts, summary.films) == (2, 2, 0)
    Path("reports/reports.jsonl").rename("reports.jsonl")
    done = CliRunner().invoke(main, ["gallery", "-q"])
    assert "2 reports without text" in done.output
    (text, mentions, films), _ = received(Path("gallery/data/studies-0.js"))
    assert (text, films, [m[-1] for m in mentions]) == (None, [], ["effusion", "Cardiomegaly"])


def test_films_alone_as_in_the_download_of_nih(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    images = [f"{1 + n // 2:08d}_{n % 2:03d}.png" for n in range(4)]
    write_dataset(tmp_path, images)
    Path("dataset/images_001").mkdir()
    Path("dataset/images").rename("dataset/images_001/images")
    summary = make_gallery(Path("a gallery/of mine"))
    assert (summary.studies, summary.reports) == (4, 0)
    data = summary.page.parent / "data"
    assert received(data / "index-0.js")["ids"] == images
    (_, _, ((image, folder, aspect, *_, boxes),)), *_ = received(data / "studies-0.js")
    (link,) = received(data / "about.js")["folders"]
    assert (summary.page.parent / link / image).is_file()
    assert (folder, aspect, len(boxes)) == (0, round(2000 / 2400, 4), 1)


def test_a_hospital_from_films_to_gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_hospital(tmp_path)
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    assert runner.invoke(main, ["build-dataset", "--quiet"]).exit_code == 0
    done = runner.invoke(main, ["gallery"], catch_exceptions=False)
    assert done.output.startswith("12 studies with 12 films")
    assert "Geheim" not in "".join(map(str, made(Path("gallery")).values()))


def test_boxes_count_in_the_images_that_training_was_told(workspace: Path) -> None:
    Path("runs/mil/config.toml").write_text("boxes_in = 1024\n")
    make_gallery()
    assert received(Path("gallery/data/about.js"))["frame"] == 1024


def test_a_run_of_other_data_is_left_out(workspace: Path) -> None:
    """Images of the one hospital have the names of images of the other."""
    config = Path("runs/mil/config.toml")
    for named, runs in (
        ("dataset", ["mil"]),
        (str(Path("dataset").resolve()), ["mil"]),
        ("nih", []),
    ):
        config.write_text(f"data = '{named}'\n")
        left_out = make_gallery().left_out
        assert received(Path("gallery/data/about.js"))["runs"] == runs
        assert left_out == 1 - len(runs)
    done = CliRunner().invoke(main, ["gallery", "-q"])
    assert "1 run of other data left out" in done.output


def test_a_workspace_is_shown_from_elsewhere(
    workspace: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its truth is that beside its labels, and its runs name the dataset from there."""
    Path("runs/mil/config.toml").write_text("data = 'dataset'\n")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    places: dict[str, Any] = {
        "labels": workspace / "labels",
        "data": workspace / "dataset",
        "runs": [workspace / "runs/mil"],
    }
    make_gallery(**places)
    about = received(Path("gallery/data/about.js"))
    assert (about["truth"], about["runs"]) == (True, ["mil"])
    (workspace / "truth").rename(elsewhere / "truth")
    make_gallery(**places)
    assert not received(Path("gallery/data/about.js"))["truth"]


@pytest.mark.parametrize(
    "options",
    ["null", "[]", '{"reports": [1]}', '{"reports": 7}', '{"format": {}}', '{"label_set": []}'],
)
def test_damaged_notes_of_mining_are_told(workspace: Path, options: str) -> None:
    Path("labels/run.json").write_text(f'{{"options": {options}}}')
    with pytest.raises(ChestxError, match="run chestx mine-labels again"):
        make_gallery()


@pytest.mark.parametrize(
    "broken",
    [
        "{",
        '{"image": "00000001_000.png"}',
        "[]",
        '{"image": [], "scores": {}}',
        '{"image": "00000001_000.png", "scores": null}',
        '{"image": "00000001_000.png", "scores": {"Mass": 1e999}, "rows": 1, "columns": 1}',
        '{"image": "00000001_000.png", "scores": {}, "rows": 1e999, "columns": 1}',
        '{"image": "00000001_000.png", "scores": {}, "findings": [], "rows": 1, "columns": 1}',
    ],
)
def test_damaged_predictions_are_told(workspace: Path, broken: str) -> None:
    Path("runs/mil/evaluation/predictions.jsonl").write_text(broken + "\n")
    with pytest.raises(ChestxError, match="run chestx evaluate again"):
        make_gallery()


def test_nothing_to_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["gallery"])
    assert done.exit_code == 1
    assert done.output.startswith("Error: there is nothing to show: run chestx mine-labels")


def test_errors_of_labels_lead_to_their_reports(workspace: Path) -> None:
    gold = ["id,Effusion,Pneumothorax", *(f"ACC{n:05d},1,0" for n in range(8))]
    Path("gold.csv").write_text("\n".join(gold))
    runner = CliRunner()
    assert runner.invoke(main, ["evaluate-labels", "--gold", "gold.csv"]).exit_code == 0
    make_gallery()
    page = Path("gallery/labels.html").read_text("utf-8")
    assert 'href="index.html#id=ACC0000' in page
    assert "<caption>Labels of 8 reports against the gold standard</caption>" in page
    assert "scores of other labels" not in page
    table = Path("labels/labels.csv")
    table.write_text(table.read_text("utf-8").replace(",1", ",0", 1), "utf-8")
    make_gallery()
    assert "scores of other labels" in Path("gallery/labels.html").read_text("utf-8")
