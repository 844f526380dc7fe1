"""A round of annotation: the sample, the tools' exports, readers' agreement."""

import csv
import json
import re
import stat
import zipfile
from collections import Counter
from contextlib import suppress
from math import isfinite
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

from chestx.dataset.boxes.agreement import Agreement, compare, merge
from chestx.dataset.boxes.importing import import_boxes
from chestx.dataset.boxes.iou import iou
from chestx.dataset.boxes.place import Blank, PlacedBox
from chestx.dataset.boxes.read import read_boxes, read_drawn
from chestx.dataset.boxes.sample import sample_films
from chestx.errors import ChestxError
from chestx.job.output import Output

HEADER = (
    "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,"
    "OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]\n"
)
SIDE = 64
CLASSES = ("Atelectasis", "Mass", "Pleural_Thickening")


def dataset(folder: Path, films: dict[str, str]) -> Path:
    """Make a dataset of images with their `Finding Labels`."""
    (folder / "images").mkdir(parents=True)
    rows = []
    for image, labels in films.items():
        patient, follow_up = int(image[:8]), int(image[9:12])
        rows.append(f"{image},{labels},{follow_up},{patient},60,F,PA,3000,2000,0.14,0.14\n")
        Image.new("L", (SIDE, SIDE)).save(folder / "images" / image)
    (folder / "Data_Entry_2017.csv").write_text(HEADER + "".join(rows))
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in (".lock", "run.json")
    }


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


# ---------------------------------------------------------------- the sample


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 patients with two films each: all have Mass, half Effusion too, three Edema."""
    films = {}
    for patient in range(1, 41):
        labels = "Mass|Effusion" if patient % 2 else "Mass"
        films[f"{patient:08}_000.png"] = labels
        films[f"{patient:08}_001.png"] = "Edema|Mass" if patient <= 3 else "No Finding"
    return dataset(tmp_path_factory.mktemp("many") / "dataset", films)


def test_a_class_has_one_film_a_patient_and_patients_serve_one_class(
    many: Path, tmp_path: Path
) -> None:
    summary = sample_films(many, tmp_path / "a", per_class=10, classes=["Mass", "Effusion"])
    tasks = table(tmp_path / "a" / "tasks.csv")
    assert Counter(task["keyword"] for task in tasks) == {"Mass": 10, "Effusion": 10}
    assert len({task["image"][:8] for task in tasks}) == 20
    assert [int(task["number"]) for task in tasks] == list(range(1, 21))
    labels = {
        row["Image Index"]: row["Finding Labels"] for row in table(many / "Data_Entry_2017.csv")
    }
    assert all(task["keyword"] in labels[task["image"]].split("|") for task in tasks)
    assert summary.short == ()


def test_a_class_of_few_patients_is_taken_whole_and_said(many: Path, tmp_path: Path) -> None:
    summary = sample_films(
        many, tmp_path / "a", per_class=30, classes=["Mass", "Effusion", "Edema"]
    )
    assert dict(summary.tasks) == {"Mass": 30, "Effusion": 20, "Edema": 3}
    assert summary.short == ("Effusion", "Edema")
    assert "  Edema: 3, all there are" in str(summary).splitlines()
    images = {task["image"] for task in table(tmp_path / "a" / "tasks.csv")}
    assert images == {path.name for path in (tmp_path / "a" / "images").iterdir()}


def test_the_default_classes_are_the_paper_s_that_the_dataset_has(
    many: Path, tmp_path: Path
) -> None:
    assert list(sample_films(many, tmp_path / "a", per_class=1).tasks) == ["Effusion", "Mass"]


def test_the_same_seed_draws_the_same_files_and_another_does_not(
    many: Path, tmp_path: Path
) -> None:
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        sample_films(many, tmp_path / name, per_class=5, seed=seed)
    sample_films(many, tmp_path / "a", per_class=5)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert table(tmp_path / "a" / "tasks.csv") != table(tmp_path / "c" / "tasks.csv")
    before = files(tmp_path / "a")
    with pytest.raises(ChestxError, match="another round"):
        sample_films(many, tmp_path / "a", per_class=5, seed=1)
    assert files(tmp_path / "a") == before


def test_a_draw_does_not_depend_on_the_order_of_the_table(many: Path, tmp_path: Path) -> None:
    other = tmp_path / "dataset"
    other.mkdir()
    (other / "images").symlink_to(many / "images")
    lines = (many / "Data_Entry_2017.csv").read_text().splitlines(keepends=True)
    (other / "Data_Entry_2017.csv").write_text("".join([lines[0], *reversed(lines[1:])]))
    sample_films(many, tmp_path / "a", per_class=7)
    sample_films(other, tmp_path / "b", per_class=7)
    assert files(tmp_path / "a") == files(tmp_path / "b")


def test_the_tools_get_an_image_and_a_keyword_for_each_task(many: Path, tmp_path: Path) -> None:
    sample_films(many, tmp_path, per_class=4)
    pairs = {(task["image"], task["keyword"]) for task in table(tmp_path / "tasks.csv")}

    config = etree.parse(tmp_path / "label-studio" / "config.xml")
    (labels,), (shown,) = config.findall("RectangleLabels"), config.findall("Image")
    assert labels.get("toName") == shown.get("name")
    assert [label.get("value") for label in labels] == ["Effusion", "Mass"]
    tasks = json.loads((tmp_path / "label-studio" / "tasks.json").read_text())
    variables = {shown.get("value"), *(header.get("value") for header in config.findall("Header"))}
    assert {"$image", "$keyword"} <= variables
    prefix = "/data/local-files/?d="
    assert {(t["data"]["image"], t["data"]["keyword"]) for t in tasks} == {
        (f"{prefix}images/{image}", keyword) for image, keyword in pairs
    }

    found = set()
    for folder in (tmp_path / "cvat").iterdir():
        (label,) = json.loads((folder / "labels.json").read_text())
        assert label == {"name": folder.name, "type": "rectangle", "attributes": []}
        for line in (folder / "images.txt").read_text().splitlines():
            assert (tmp_path / line).is_file()
            found.add((line.removeprefix("images/"), label["name"]))
    assert found == pairs


def test_a_class_that_no_image_has_is_an_error(many: Path, tmp_path: Path) -> None:
    with pytest.raises(ChestxError, match=r"Hernia.*choose from Effusion, Mass, Edema"):
        sample_films(many, tmp_path, classes=["Hernia"])


# ---------------------------------------------------------------- the exports

ONE, TWO, THREE = (f"0000000{n}_000.png" for n in (1, 2, 3))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    films = {ONE: "Mass", TWO: "Mass|Atelectasis", THREE: "Pleural_Thickening"}
    return dataset(tmp_path / "dataset", films)


def rectangle(
    x: float, y: float, width: float, height: float, label: str = "Mass", rotation: float = 0
) -> dict[str, Any]:
    """Return a result of Label Studio; numbers are percents."""
    return {
        "original_width": 1000,
        "original_height": 500,
        "image_rotation": 0,
        "value": {
            "x": x,
            "y": y,
            "width": width,
            "height": height,
            "rotation": rotation,
            "rectanglelabels": [label],
        },
        "id": "t5sp3TyXPo",
        "from_name": "finding",
        "to_name": "film",
        "type": "rectanglelabels",
        "origin": "manual",
    }


def annotation(
    who: object,
    *results: dict[str, Any],
    cancelled: bool = False,
    when: str = "2021-03-09T22:16:08.728378Z",
) -> dict[str, Any]:
    return {
        "id": 1001,
        "completed_by": who,
        "result": list(results),
        "was_cancelled": cancelled,
        "ground_truth": False,
        "created_at": "2021-03-09T22:16:08.728353Z",
        "updated_at": when,
        "lead_time": 4.288,
        "prediction": {},
        "result_count": len(results),
        "task": 1,
    }


def label_studio(
    path: Path,
    tasks: list[tuple[str, list[dict[str, Any]]]],
    prefix: str = "/data/local-files/?d=images/",
    keyword: str = "Mass",
) -> Path:
    exported = [
        {
            "id": number,
            "annotations": annotations,
            "file_upload": "",
            "drafts": [],
            "predictions": [{"result": [rectangle(1, 1, 1, 1)]}],
            "data": {"image": prefix + image, "keyword": keyword, "number": number},
            "meta": {},
            "created_at": "2021-03-09T21:52:49.513742Z",
            "updated_at": "2021-03-09T22:16:08.746926Z",
            "project": 83,
        }
        for number, (image, annotations) in enumerate(tasks, 1)
    ]
    path.write_text(json.dumps(exported))
    return path


CVAT = """<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta>
    <task>
      <id>4</id><name>Mass</name><size>2</size><mode>annotation</mode><overlap>0</overlap>
      <bugtracker></bugtracker><created>2024-07-23 15:56:39.551829+00:00</created>
      <labels><label><name>Mass</name><color>#d787c2</color><type>rectangle</type>
      <attributes></attributes></label></labels>
      <owner><username>planted-owner</username><email>owner@planted.org</email></owner>
      <assignee>{assignee}</assignee>
    </task>
    <dumped>2024-07-23 16:01:20.040561+00:00</dumped>
  </meta>
{images}
</annotations>
"""
BOX = """<image id="0" name="images/{image}" width="64" height="64">
    <box label="Mass" source="manual" occluded="0" z_order="0"
      xtl="{}" ytl="{}" xbr="{}" ybr="{}"{more}>
    </box>
  </image>"""


def cvat(*images: str, who: str = "planted-carl") -> str:
    assignee = f"<username>{who}</username><email>{who}@planted.org</email>" if who else ""
    return CVAT.format(assignee=assignee, images="\n".join(images))


def placed(out: Path) -> list[tuple[str, str, list[float]]]:
    """Return what `build-dataset` reads of the folder, to two digits."""
    boxes, faults = read_boxes(out)
    assert faults == []
    return [
        (box.image, box.reader, [round(v, 2) for v in (box.x, box.y, box.width, box.height)])
        for box in boxes
    ]


@pytest.mark.parametrize(
    "prefix",
    [
        "/data/local-files/?d=images/",
        "/data/upload/3/0a1b2c3d-",
        "https://films.example.org/round/images/",
        "s3://bucket/images/",
    ],
)
def test_label_studio_s_percents_become_pixels(small: Path, tmp_path: Path, prefix: str) -> None:
    export = label_studio(
        tmp_path / "a.json",
        [(ONE, [annotation({"id": 7, "email": "planted@x.org"}, rectangle(25, 50, 50, 25))])],
        prefix,
    )
    summary = import_boxes([export], tmp_path / "boxes", dataset=small)
    assert placed(tmp_path / "boxes") == [(ONE, "1", [16, 32, 32, 16])]
    assert (summary.lesions, summary.films, summary.readers, summary.unmatched) == (1, 1, 1, 0)


def test_a_turned_box_becomes_the_upright_one_around_it(small: Path, tmp_path: Path) -> None:
    """By 90 degrees: Label Studio around the upper left corner, CVAT around the middle.

    In Label Studio's picture of 1000 x 500 a box of 100 x 200 at (500, 100) comes to lie from 300
    to 500 and from 100 to 200.
    """
    turned = annotation(1, rectangle(50, 20, 10, 40, rotation=90))
    export = label_studio(tmp_path / "a.json", [(ONE, [turned])])
    import_boxes([export], tmp_path / "a", dataset=small)
    assert placed(tmp_path / "a")[0][2] == [19.2, 12.8, 12.8, 12.8]

    image = BOX.format(10, 20, 40, 30, image=ONE, more=' rotation="90.0"')
    (tmp_path / "b.xml").write_text(cvat(image))
    import_boxes([tmp_path / "b.xml"], tmp_path / "b", dataset=small)
    assert placed(tmp_path / "b")[0][2] == [20, 10, 10, 30]


def test_what_cannot_be_used_is_listed(small: Path, tmp_path: Path) -> None:
    tasks = [
        (ONE, [annotation(1, rectangle(1, 1, 20, 20)), annotation(2, cancelled=True)]),
        (TWO, [annotation(1, rectangle(1, 1, 20, 20, "Pleural Thickening"))]),
        (THREE, [annotation(1, rectangle(1, 1, 20, 20, "pleural thickening"))]),
        (THREE, [annotation(1, rectangle(1, 1, 20, 20, "Fracture"))]),
        ("00000009_000.png", [annotation(1, rectangle(1, 1, 20, 20))]),
        (ONE, [annotation(1, {"type": "brushlabels", "value": {"rle": [0]}})]),
        (TWO, [annotation(1, {"type": "choices", "value": {"choices": ["good"]}})]),
    ]
    export = label_studio(tmp_path / "a.json", tasks, keyword="")
    summary = import_boxes([export], tmp_path / "boxes", dataset=small)
    assert [box[0] for box in placed(tmp_path / "boxes")] == [ONE, THREE]
    faults = table(tmp_path / "boxes" / "unmatched.csv")
    assert [(fault["row"], fault["reason"].split()[-1]) for fault in faults] == [
        ("1", "skipped"),
        ("2", "present"),
        ("4", "classes"),
        ("5", "name"),
        ("6", "label"),
    ]
    assert summary.unmatched == 5
    assert "5 records could not be used" in str(summary)


def test_every_format_brings_the_same_box(small: Path, tmp_path: Path) -> None:
    """Left 16, top 8, 32 wide, 16 high in an image of 64 x 64."""
    exports = {
        "studio.json": None,
        "cvat.xml": cvat(BOX.format(16, 8, 48, 24, image=ONE, more="")),
        "voc.xml": f"<annotation><filename>{ONE}</filename><size><width>640</width>"
        "<height>640</height></size><object><name>mass</name><bndbox><xmin>161</xmin>"
        "<ymin>81</ymin><xmax>480</xmax><ymax>240</ymax></bndbox></object></annotation>",
        "nih.csv": f"Image Index,Finding Label,Bbox [x,y,w,h],,,\n{ONE},Mass,16,8,32,16\n",
        "coco.json": json.dumps(
            {
                "images": [{"id": 1, "file_name": ONE, "width": 128, "height": 64}],
                "categories": [{"id": 1, "name": "Mass"}],
                "annotations": [
                    {"id": 1, "image_id": 1, "category_id": 1, "bbox": [32, 8, 64, 16]}
                ],
            }
        ),
    }
    label_studio(tmp_path / "studio.json", [(ONE, [annotation(1, rectangle(25, 12.5, 50, 25))])])
    for name, text in exports.items():
        if text is not None:
            (tmp_path / name).write_text(text)
        import_boxes([tmp_path / name], tmp_path / "out" / name, dataset=small, reader="planted")
        assert placed(tmp_path / "out" / name) == [(ONE, "1", [16, 8, 32, 16])], name


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_mutated_export_never_raises_anything_else(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("mutated") / "export"
    task = (ONE, [annotation({"id": 1}, rectangle(10, 10, 20, 20, rotation=30))])
    text = data.draw(
        st.sampled_from(
            [
                label_studio(path, [task]).read_text(),
                cvat(BOX.format(10, 20, 40, 30, image=ONE, more=' rotation="30"')),
            ]
        )
    )
    words = st.sampled_from(["1e999", "null", "[]", "{}", '""', "-", "NaN", "9" * 400, "<", "&a;"])
    tokens = re.findall(r"[\w.\-]+|\W", text)
    for _ in range(data.draw(st.integers(1, 4))):
        tokens[data.draw(st.integers(0, len(tokens) - 1))] = data.draw(words)
    path.write_text("".join(tokens))
    with suppress(ChestxError):
        boxes, readings, _ = read_drawn(path)
        for box in (*boxes, *(box for reading in readings for box in reading.boxes)):
            assert min(box.width, box.height) > 0
            assert all(map(isfinite, (box.x, box.y, box.width, box.height)))


def test_cvat_s_zip_names_the_assignee_of_each_task(small: Path, tmp_path: Path) -> None:
    """A project's export has a list of tasks; the owner need not have drawn anything."""
    tasks = "".join(
        f"<task><id>{n}</id><assignee><username>planted-{who}</username></assignee></task>"
        for n, who in ((4, "bea"), (5, "abe"))
    )
    boxes = [
        BOX.format(n, n, n + 20, n + 20, image=image, more="").replace(
            'id="0"', f'id="{n}" subset="default" task_id="{n}"'
        )
        for n, image in ((4, ONE), (5, TWO))
    ]
    text = cvat(*boxes, who="")
    start, end = text.index("<task>"), text.index("</task>") + len("</task>")
    project = f"<project><id>1</id><tasks>{tasks}</tasks></project>"
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("annotations.xml", text[:start] + project + text[end:])
        archive.writestr("images/film.png", b"\x89PNG\r\n\x1a\n")
    import_boxes([tmp_path / "export.zip"], tmp_path / "boxes", dataset=small)
    assert [(image, reader) for image, reader, _ in placed(tmp_path / "boxes")] == [
        (ONE, "2"),
        (TWO, "1"),
    ]
    assert (tmp_path / "boxes" / "readers.csv").read_text() == (
        "reader,name\n1,planted-abe\n2,planted-bea\n"
    )


def test_who_drew_must_be_known(small: Path, tmp_path: Path) -> None:
    path = tmp_path / "cvat.xml"
    path.write_text(cvat(BOX.format(1, 1, 9, 9, image=ONE, more=""), who=""))
    with pytest.raises(ChestxError, match="--reader"):
        import_boxes([path], tmp_path / "boxes", dataset=small)
    assert not (tmp_path / "boxes").exists()


def test_half_a_character_in_json_can_be_written(small: Path, tmp_path: Path) -> None:
    tasks = [(ONE, [annotation("\ud800", rectangle(1, 1, 9, 9))]), ("\ud800", [annotation("x")])]
    summary = import_boxes(
        [label_studio(tmp_path / "a.json", tasks)], tmp_path / "boxes", dataset=small
    )
    assert (summary.lesions, summary.unmatched) == (1, 1)


def test_names_stand_in_the_list_of_readers_alone(small: Path, tmp_path: Path) -> None:
    (tmp_path / "c.xml").write_text(cvat(BOX.format(1, 1, 30, 30, image=ONE, more="")))
    studio = label_studio(
        tmp_path / "s.json",
        [(ONE, [annotation({"id": 3, "email": "bo@planted.org"}, rectangle(2, 2, 45, 45))])],
    )
    out = tmp_path / "boxes"
    import_boxes([tmp_path / "c.xml", studio], out, dataset=small)
    for name, content in {**files(out), "run.json": (out / "run.json").read_bytes()}.items():
        assert (b"planted" in content) == (name == "readers.csv"), name
    assert stat.S_IMODE((out / "readers.csv").stat().st_mode) == 0o600
    assert stat.S_IMODE(out.stat().st_mode) == 0o700


def test_imports_add_up_and_repeat_to_the_byte(small: Path, tmp_path: Path) -> None:
    """Reader 2 comes later; reader 1 then moves a box and keeps another."""
    first = label_studio(
        tmp_path / "1.json",
        [
            (ONE, [annotation("zoe", rectangle(0, 0, 50, 50))]),
            (TWO, [annotation("zoe", rectangle(0, 0, 50, 50), rectangle(60, 60, 20, 20))]),
        ],
    )
    second = label_studio(
        tmp_path / "2.json", [(TWO, [annotation("abe", rectangle(0, 0, 50, 40))])]
    )
    moved = label_studio(
        tmp_path / "3.json", [(ONE, [annotation("zoe", rectangle(50, 50, 50, 50))])]
    )
    out = tmp_path / "boxes"
    import_boxes([first], out, dataset=small)
    assert len(placed(out)) == 3
    summary = import_boxes([second], out, dataset=small)
    assert placed(out) == [
        (ONE, "1", [0, 0, 32, 32]),
        (TWO, "1 2", [0, 0, 32, 28.8]),
        (TWO, "1", [38.4, 38.4, 12.8, 12.8]),
    ]
    assert summary.agreement == (Agreement("Mass", (1, 2), 1, 1, pytest.approx(0.8), 1, 0),)
    assert str(summary).splitlines()[2:5] == [
        "label  reader 1  reader 2  films  matched  mean iou  only reader 1  only reader 2",
        "-----  --------  --------  -----  -------  --------  -------------  -------------",
        "Mass          1         2      1        1     0.800              1              0",
    ]
    (alone,) = table(out / "unpaired.csv")
    assert (alone["image"], alone["reader"], alone["iou"]) == (TWO, "1", "0.000")

    before = files(out)
    import_boxes([second], out, dataset=small)
    assert files(out) == before
    import_boxes([moved], out, dataset=small)
    assert placed(out)[0] == (ONE, "1", [32, 32, 32, 32])
    assert len(placed(out)) == 3

    names = ("00000001_000_Mass_1.xml", "00000002_000_Mass_1.xml", "00000002_000_Mass_2.xml")
    assert {name for name in files(out) if name.endswith(".xml")} == set(names)
    voc = etree.parse(out / names[2])
    assert voc.findtext("filename") == TWO
    assert [voc.findtext(f"size/{side}") for side in ("width", "height")] == [str(SIDE)] * 2
    assert voc.findtext("object/name") == "Mass"
    assert voc.findtext("object/bndbox/xmin") == "39.4"


def test_the_order_of_the_exports_does_not_matter(small: Path, tmp_path: Path) -> None:
    exports = [
        label_studio(
            tmp_path / f"{who}.json",
            [(TWO, [annotation(who, rectangle(at, at, 50, 50), rectangle(60, 5, 20, 20))])],
        )
        for at, who in enumerate("cab")
    ]
    for name, paths in (("a", exports), ("b", exports[::-1])):
        import_boxes(paths, tmp_path / name, dataset=small)
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert [reader for _, reader, _ in placed(tmp_path / "a")] == ["1 2 3", "1 2 3"]


@pytest.mark.parametrize("after", [False, True])
def test_a_box_that_another_made_is_neither_removed_nor_mixed_in(
    small: Path, tmp_path: Path, after: bool
) -> None:
    """Be it there before the first import or be it added later."""
    boxes = [rectangle(1, 1, 9, 9), rectangle(50, 50, 9, 9)]
    export = label_studio(tmp_path / "a.json", [(ONE, [annotation(1, *boxes)])])
    fewer = label_studio(tmp_path / "b.json", [(ONE, [annotation(1, *boxes[1:])])])
    out = tmp_path / "boxes"
    if after:
        import_boxes([export], out, dataset=small)
    out.mkdir(exist_ok=True)
    (out / "by_hand.xml").write_text("<annotation/>")
    before = files(out)
    with pytest.raises(ChestxError, match=r"did not make: move|not made by chestx boxes import"):
        import_boxes([fewer], out, dataset=small)
    assert files(out) == before
    (out / "by_hand.xml").unlink()
    import_boxes([fewer], out, dataset=small)
    assert [name for name in files(out) if name.endswith(".xml")] == ["00000001_000_Mass_1.xml"]


@pytest.mark.parametrize("name", ["notes.txt", "run.json"])
def test_a_folder_of_another_is_left_as_it_is(small: Path, tmp_path: Path, name: str) -> None:
    """The dataset itself is one: names of readers would be handed on with it."""
    export = label_studio(tmp_path / "a.json", [(ONE, [annotation(1, rectangle(1, 1, 9, 9))])])
    (small / "README.md").write_text("the card")
    (small / ".lock").touch()
    (small / name).write_text('{"command": "build-dataset"}')
    small.chmod(0o755)
    before = {path.name: path.read_bytes() for path in small.iterdir() if path.is_file()}
    with pytest.raises(ChestxError, match="not made by chestx boxes import"):
        import_boxes([export], small, dataset=small)
    with pytest.raises(ChestxError, match="not made by chestx boxes sample"):
        sample_films(small, small, per_class=1)
    assert {path.name: path.read_bytes() for path in small.iterdir() if path.is_file()} == before
    assert stat.S_IMODE(small.stat().st_mode) == 0o755


@pytest.mark.parametrize("stop", ["drawn.csv", "tasks.csv", ".xml", "agreement.csv", ".png"])
def test_what_was_interrupted_goes_on(
    small: Path, tmp_path: Path, stop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever file the disk refuses: the next run knows the folder as its own."""
    export = label_studio(tmp_path / "a.json", [(ONE, [annotation(1, rectangle(1, 1, 9, 9))])])
    writing = Output.writing

    def refusing(output: Output, name: str, **options: Any) -> Any:
        if name.endswith(stop):
            raise ChestxError("no space left")
        return writing(output, name, **options)

    def both(a: Path, b: Path) -> None:
        import_boxes([export], a, dataset=small)
        sample_films(small, b, per_class=1)

    stopped = 0
    for run in (
        lambda: import_boxes([export], tmp_path / "a", dataset=small),
        lambda: sample_films(small, tmp_path / "b", per_class=1),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(Output, "writing", refusing)
            try:
                run()
            except ChestxError:
                stopped += 1
    assert stopped == 1 + (stop == ".xml")
    both(tmp_path / "a", tmp_path / "b")
    both(tmp_path / "c", tmp_path / "d")
    assert files(tmp_path / "a") == files(tmp_path / "c")
    assert files(tmp_path / "b") == files(tmp_path / "d")


def test_a_film_without_a_box_was_read_and_counts(small: Path, tmp_path: Path) -> None:
    """Abe draws on two films, zoe sees the first in Label Studio and the second in CVAT."""
    box, none = rectangle(0, 0, 50, 50), annotation("zoe")
    drawn = label_studio(
        tmp_path / "abe.json", [(image, [annotation("abe", box)]) for image in (ONE, TWO)]
    )
    seen = label_studio(tmp_path / "zoe.json", [(ONE, [none])])
    empty = f'<image id="0" name="{TWO}" width="64" height="64"></image>'
    (tmp_path / "zoe.xml").write_text(cvat(empty, who="zoe"))
    out = tmp_path / "boxes"
    summary = import_boxes([drawn, seen, tmp_path / "zoe.xml"], out, dataset=small)
    assert summary.agreement == (Agreement("Mass", (1, 2), 2, 0, None, 2, 0),)
    assert (summary.lesions, summary.readers, summary.unmatched) == (2, 2, 0)
    assert [(one["image"], one["iou"]) for one in table(out / "unpaired.csv")] == [
        (ONE, "0.000"),
        (TWO, "0.000"),
    ]
    before = files(out)
    import_boxes([tmp_path / "zoe.xml", seen], out, dataset=small)
    assert files(out) == before


def test_a_box_that_is_withdrawn_goes_away(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "boxes"
    box = rectangle(0, 0, 50, 50)
    for name, results in (("drawn", [box]), ("moved", []), ("again", [box]), ("other", [])):
        shape = {"type": "polygonlabels"} if name == "other" else None
        found = annotation("abe", *results, *([shape] if shape else []))
        import_boxes([label_studio(tmp_path / name, [(ONE, [found])])], out, dataset=small)
        # A shape that cannot be read is not the same as none.
        assert len(placed(out)) == (name != "moved"), name
        edges = [row["x"] for row in table(out / "drawn.csv")]
        assert edges == (["0.0"] if name != "moved" else [""]), name


@pytest.mark.parametrize("newer_first", [False, True])
def test_of_two_readings_of_one_reader_the_newer_stands(
    small: Path, tmp_path: Path, newer_first: bool
) -> None:
    """By Label Studio's clock, whatever the order of the files; without one by that order."""
    times = ("2021-03-09T22:16:08.5Z", "2021-03-09T22:16:08Z")
    times = times if newer_first else times[::-1]
    exports = [
        label_studio(
            tmp_path / f"{at}.json",
            [(ONE, [annotation("abe", rectangle(at, at, 20, 20), when=when)])],
        )
        for at, when in zip((0, 50), times, strict=True)
    ]
    import_boxes(exports, tmp_path / "a", dataset=small)
    assert [box[2][0] for box in placed(tmp_path / "a")] == [0 if newer_first else 32]

    images = [BOX.format(at, at, at + 9, at + 9, image=ONE, more="") for at in (0, 32)]
    for at, image in enumerate(images):
        (tmp_path / f"{at}.xml").write_text(cvat(image))
    paths = [tmp_path / "0.xml", tmp_path / "1.xml"][:: -1 if newer_first else 1]
    import_boxes(paths, tmp_path / "b", dataset=small)
    assert [box[2][0] for box in placed(tmp_path / "b")] == [0 if newer_first else 32]


def test_per_box_files_of_one_reader_add_up(small: Path, tmp_path: Path) -> None:
    """Each has a box of a reading, so that none takes the place of another."""
    paths = []
    for at in (1, 30):
        path = tmp_path / f"{at}.xml"
        path.write_text(
            f"<a><filename>{ONE}</filename><name>Mass</name><x>{at}</x><y>1</y>"
            "<width>9</width><height>9</height></a>"
        )
        paths.append(path)
    summary = import_boxes(paths, tmp_path / "boxes", dataset=small, reader="abe")
    assert summary.lesions == 2


def test_an_import_without_a_usable_box_says_so(small: Path, tmp_path: Path) -> None:
    """Its records are no boxes, and no error for whoever reads the folder."""
    export = label_studio(tmp_path / "a.json", [("x.png", [annotation(1, rectangle(1, 1, 9, 9))])])
    out = tmp_path / "boxes"
    with pytest.raises(ChestxError, match=r"not one box .*no film of the dataset.*unmatched\.csv"):
        import_boxes([export], out, dataset=small)
    assert len(table(out / "unmatched.csv")) == 1
    assert read_boxes(out) == ([], [])
    good = label_studio(tmp_path / "b.json", [(ONE, [annotation(1, rectangle(1, 1, 9, 9))])])
    import_boxes([good], out, dataset=small)
    assert import_boxes([export], out, dataset=small).lesions == 1


def test_json_min_is_known_by_name(small: Path, tmp_path: Path) -> None:
    rows = [{"id": 1, "image": ONE, "finding": [{"x": 1}], "annotator": 1, "annotation_id": 2}]
    (tmp_path / "min.json").write_text(json.dumps(rows))
    with pytest.raises(ChestxError, match=r"JSON-MIN: export as JSON\)"):
        import_boxes([tmp_path / "min.json"], tmp_path / "boxes", dataset=small)


def test_its_own_output_is_no_export(small: Path, tmp_path: Path) -> None:
    """Its boxes are several readers' already, and their numbers would be taken for names."""
    export = label_studio(tmp_path / "a.json", [(ONE, [annotation(1, rectangle(1, 1, 9, 9))])])
    out = tmp_path / "boxes"
    import_boxes([export], out, dataset=small)
    with pytest.raises(ChestxError, match="into itself"):
        import_boxes([export, out], out, dataset=small)


def test_boxes_of_another_dataset_are_not_mixed_in(small: Path, tmp_path: Path) -> None:
    export = label_studio(tmp_path / "a.json", [(ONE, [annotation(1, rectangle(1, 1, 9, 9))])])
    import_boxes([export], tmp_path / "boxes", dataset=small)
    before = files(tmp_path / "boxes")
    other = dataset(tmp_path / "other", {ONE: "Mass"})
    Image.new("L", (128, 128)).save(other / "images" / ONE)
    with pytest.raises(ChestxError, match="other images"):
        import_boxes([export], tmp_path / "boxes", dataset=other)
    assert files(tmp_path / "boxes") == before


# ---------------------------------------------------------------- agreement


def drawn(reader: int, *edges: float, image: str = ONE, label: str = "Mass") -> PlacedBox:
    return PlacedBox(image, label, *edges, reader=str(reader))


def test_three_readers_make_one_lesion_of_the_mean_of_their_edges() -> None:
    boxes = [drawn(1, 0, 0, 30, 30), drawn(2, 3, 0, 30, 30), drawn(3, 0, 6, 30, 36)]
    merged, unpaired = merge(boxes, CLASSES)
    assert merged == [PlacedBox(ONE, "Mass", 1, 2, 30, 32, "1 2 3")]
    assert unpaired == []
    assert [(one.readers, one.matched) for one in compare(boxes, CLASSES)] == [
        ((1, 2), 1),
        ((1, 3), 1),
        ((2, 3), 0),  # 648 of 1,332 cells, but near enough to the mean of 1 and 2
    ]


def test_pairs_are_one_to_one_and_the_nearest_first() -> None:
    """Reader 2's one box lies nearer to the second of reader 1's."""
    boxes = [drawn(1, 0, 0, 20, 20), drawn(1, 4, 0, 20, 20), drawn(2, 5, 0, 20, 20)]
    merged, unpaired = merge(boxes, CLASSES)
    assert [(box.reader, box.x) for box in merged] == [("1", 0), ("1 2", 4.5)]
    assert [(one.box, round(one.iou, 3)) for one in unpaired] == [(boxes[0], 0.6)]
    (agreement,) = compare(boxes, CLASSES)
    assert (agreement.matched, agreement.only_first, agreement.only_second) == (1, 1, 0)
    assert agreement.mean_iou == pytest.approx(19 / 21)


def test_the_boxes_of_one_reader_are_never_merged() -> None:
    boxes = [drawn(1, 0, 0, 20, 20), drawn(1, 1, 0, 20, 20)]
    assert merge(boxes, CLASSES) == (boxes, [])
    assert compare(boxes, CLASSES) == []


def test_a_film_that_one_reader_read_says_nothing_of_agreement() -> None:
    boxes = [drawn(1, 0, 0, 20, 20), drawn(2, 0, 0, 20, 20, image=TWO)]
    assert compare(boxes, CLASSES) == []
    assert merge(boxes, CLASSES)[1] == []
    blanks = [Blank(TWO, "Mass", "1"), Blank(ONE, "Atelectasis", "2"), Blank(THREE, "Mass", "2")]
    assert compare(boxes, CLASSES, blanks=blanks) == [Agreement("Mass", (1, 2), 1, 0, None, 0, 1)]
    merged, unpaired = merge(boxes, CLASSES, blanks=blanks)
    assert (merged, [one.box for one in unpaired]) == (boxes, boxes[1:])


EDGES = st.tuples(*[st.integers(0, 30)] * 2, *[st.integers(1, 30)] * 2)
DRAWN = st.lists(st.tuples(st.integers(1, 3), EDGES), max_size=8)


@given(DRAWN, st.floats(0.1, 1), st.randoms(use_true_random=False))
def test_merging_keeps_every_box_once(
    found: list[tuple[int, tuple[int, ...]]], threshold: float, random: Any
) -> None:
    boxes = [drawn(reader, *edges) for reader, edges in found]
    merged, unpaired = merge(boxes, CLASSES, threshold)
    members = Counter(reader for box in merged for reader in box.reader.split())
    assert members == Counter(box.reader for box in boxes)
    assert all(len(set(box.reader.split())) == len(box.reader.split()) for box in merged)
    single = [box for box in merged if " " not in box.reader]
    assert all(one.box in single for one in unpaired)
    shuffled = random.sample(boxes, len(boxes))
    assert merge(shuffled, CLASSES, threshold) == (merged, unpaired)


@given(DRAWN, st.floats(0.1, 1))
def test_agreement_counts_every_box_of_both_readers(
    found: list[tuple[int, tuple[int, ...]]], threshold: float
) -> None:
    boxes = [drawn(reader, *edges) for reader, edges in found]
    count = Counter(box.reader for box in boxes)
    for one in compare(boxes, CLASSES, threshold):
        first, second = map(str, one.readers)
        assert one.matched + one.only_first == count[first]
        assert one.matched + one.only_second == count[second]
        assert one.mean_iou is None or threshold - 1e-9 <= one.mean_iou <= 1
        above = any(
            iou((a.x, a.y, a.width, a.height), (b.x, b.y, b.width, b.height)) >= threshold
            for a in boxes
            for b in boxes
            if (a.reader, b.reader) == (first, second)
        )
        assert (one.matched > 0) == above
