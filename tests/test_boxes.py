"""Boxes of radiologists: every format, and their place on the dataset's images."""

import gzip
import json
import zipfile
from contextlib import suppress
from math import inf, isfinite, nan
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chestx.dataset.box import Box
from chestx.dataset.boxes.files import RECORDS
from chestx.dataset.boxes.iou import iou
from chestx.dataset.boxes.labels import canonical
from chestx.dataset.boxes.nih_list import bbox_header, bbox_line
from chestx.dataset.boxes.place import BoxFilm, PlacedBox, box_keys, place_boxes
from chestx.dataset.boxes.read import read_boxes
from chestx.dataset.film import Placement
from chestx.errors import ChestxError

SHARED = Path(__file__).parents[2] / "shared/data/nih"
CLASSES = ("Atelectasis", "Infiltration", "Mass", "Pleural_Thickening")

VOC = """<?xml version="1.0"?>
<annotation><folder>films</folder><filename>{image}</filename>
<size><width>3000</width><height>2000</height><depth>1</depth></size>{objects}</annotation>"""
OBJECT = """<object><name>{label}</name><pose>Unspecified</pose><bndbox><xmin>{0}</xmin>
<ymin>{1}</ymin><xmax>{2}</xmax><ymax>{3}</ymax></bndbox></object>"""


def voc(image: str, *objects: tuple[str, str, str, str, str]) -> str:
    found = "".join(OBJECT.format(*edges, label=label) for label, *edges in objects)
    return VOC.format(image=image, objects=found)


def edges(box: Box | PlacedBox) -> tuple[float, float, float, float]:
    return box.x, box.y, box.width, box.height


def test_voc_counts_pixels_from_1_and_includes_the_last(tmp_path: Path) -> None:
    inside = tmp_path / "reader" / "a"
    inside.mkdir(parents=True)
    whole, part = ("Mass", "1", "1", "3000", "2000"), ("Mass", "11", "21", "30", "60.5")
    (inside / "two.xml").write_text(voc("IM1.dcm", whole, part))
    boxes, faults = read_boxes(tmp_path)
    assert faults == []
    assert [edges(box) for box in boxes] == [(0, 0, 3000, 2000), (10, 20, 20, 40.5)]
    assert [(b.image, b.label, b.frame, b.source, b.row) for b in boxes] == [
        ("IM1.dcm", "Mass", (3000, 2000), "reader/a/two.xml", row) for row in (1, 2)
    ]


def test_the_paper_s_own_boxes_are_a_name_a_keyword_and_edges(tmp_path: Path) -> None:
    xml = (
        "<annotation><image>films/IM1.png</image><keyword>Mass</keyword>"
        "<bbox><x>1.5</x><y>2</y><width>30</width><height>40</height></bbox>"
        "<reader>2</reader></annotation>"
    )
    (tmp_path / "box.xml").write_text(xml)
    (tmp_path / "named.xml").write_text(xml.replace("<reader>2", "<reader>Dr Planted"))
    boxes, faults = read_boxes(tmp_path)
    assert faults == []
    assert [(edges(box), box.reader) for box in boxes] == [
        ((1.5, 2, 30, 40), "2"),
        ((1.5, 2, 30, 40), ""),
    ]


COCO = {
    "images": [{"id": 7, "file_name": "p/IM1.png", "width": 100, "height": 50}],
    "categories": [{"id": 3, "name": "Mass"}],
    "annotations": [
        {"id": 1, "image_id": 7, "category_id": 3, "bbox": [1, 2, 3.5, 4]},
        {"id": 2, "image_id": 8, "category_id": 3, "bbox": [1, 2, 3, 4]},
        {"id": 3, "image_id": 7, "category_id": 9, "bbox": [1, 2, 3, 4]},
        {"id": 4, "image_id": 7, "category_id": 3, "bbox": [1, 2, 3]},
        {"id": 5, "image_id": 7, "category_id": 3, "bbox": [1, 2, True, 4]},
        {"id": 6, "image_id": 7, "category_id": 3, "bbox": [1, 2, -3, 4]},
        "annotation",
    ],
}


def test_coco_s_boxes_and_its_faults(tmp_path: Path) -> None:
    (tmp_path / "boxes.txt").write_text(json.dumps(COCO))
    boxes, faults = read_boxes(tmp_path / "boxes.txt")
    assert boxes == [Box("p/IM1.png", "Mass", 1, 2, 3.5, 4, (100, 50), "", "boxes.txt", 1)]
    assert [fault.row for fault in faults] == [2, 3, 4, 5, 6, 7]
    assert all(fault.kind == "box" and fault.reason for fault in faults)


PLAIN = "Image Index,Finding Label,x,y,w,h,source\n"
ROWS = "a.png,Mass,1,2,3,4,NIH\n"


@pytest.mark.parametrize("header", [PLAIN, bbox_header(), PLAIN.replace(",", ";")])
def test_a_table_with_nih_s_header_or_a_plain_one(tmp_path: Path, header: str) -> None:
    rows = ROWS.replace(",", ";") if ";" in header else ROWS
    path = tmp_path / "boxes.csv.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + (header + rows).encode()))
    assert read_boxes(path) == ([Box("a.png", "Mass", 1, 2, 3, 4, None, "", path.name, 2)], [])


def test_a_faulty_row_is_listed_and_the_next_is_read(tmp_path: Path) -> None:
    wrong = [
        "nan,2,3,4",
        "1,2,inf,4",
        "1,2,0,4",
        "1,2,3,-4",
        "1,2,,4",
        "1,2,wide,4",
        "1,2",
        "-1e308,2,1e308,4",
    ]
    rows = [f"a.png,Mass,{numbers},NIH\n" for numbers in wrong]
    path = tmp_path / "boxes.csv"
    path.write_text(PLAIN + "".join(rows) + ",Mass,1,2,3,4,\n" + "a.png,,1,2,3,4,\n" + ROWS)
    boxes, faults = read_boxes(path)
    assert [box.row for box in boxes] == [12]
    assert [(fault.row, fault.source) for fault in faults] == [
        (row, "boxes.csv") for row in range(2, 12)
    ]


BOMB = '<!DOCTYPE a [<!ENTITY a0 "ha">{}]><annotation><filename>&a29;</filename>{}</annotation>'
ENTITIES = "".join(f'<!ENTITY a{n} "&a{n - 1};&a{n - 1};">' for n in range(1, 30))
OUTSIDE = '<!DOCTYPE a [<!ENTITY a29 SYSTEM "{}">{}]><annotation><filename>&a29;</filename>{}'


def test_no_broken_or_hostile_file_stops_the_others(tmp_path: Path) -> None:
    """What is refused is listed; nothing is expanded, and nothing outside is read."""
    secret = tmp_path.parent / "secret"
    secret.write_text("planted")
    box = OBJECT.format(1, 1, 5, 5, label="Mass")
    good = voc("IM1.png", ("Mass", "1", "1", "5", "5"))
    files = {
        "bomb.xml": BOMB.format(ENTITIES, box).encode(),
        "outside.xml": (OUTSIDE.format(secret.as_uri(), "", box) + "</annotation>").encode(),
        "cut.xml": good[:-30].encode(),
        "deep.json": b"[" * 100_000,
        "deep.xml": b"<a>" * 100_000,
        "other.json": b'{"images": 1}',
        "digits.json": b'{"images": ' + b"9" * 10_000 + b"}",
        "notes.txt": b"the boxes of Monday",
        "report.xml": b"<eCitation><uId id='1'/></eCitation>",
        "long.xml.gz": gzip.compress(b"<annotation>" + b" " * (65 * 2**20)),
        "cut.csv.gz": gzip.compress(PLAIN.encode() * 99)[:-9],
        "empty.csv": b"",
        "broken.zip": b"PK\x03\x04 and nothing more",
        "film.png": b"\x89PNG\r\n\x1a\n",
        ".hidden.xml": b"<",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ChestxError, match="no boxes in"):
        read_boxes(tmp_path)
    with zipfile.ZipFile(tmp_path / "good.zip", "w") as archive:
        archive.writestr("annotations/IM1.xml", good)
    boxes, faults = read_boxes(tmp_path)
    assert [(box.image, box.source) for box in boxes] == [
        ("IM1.png", "good.zip/annotations/IM1.xml")
    ]
    assert {fault.source for fault in faults} == set(files) - {"film.png", ".hidden.xml"}
    assert "planted" not in repr(faults)


METHODS = {
    name: getattr(zipfile, f"ZIP_{name}") for name in ("STORED", "DEFLATED", "BZIP2", "LZMA")
}


@settings(max_examples=150, deadline=None)
@given(method=st.sampled_from(sorted(METHODS)), data=st.data())
def test_a_damaged_zip_is_listed(
    tmp_path_factory: pytest.TempPathFactory, method: str, data: st.DataObject
) -> None:
    """Every byte of its names, sizes and members may be another one."""
    path = tmp_path_factory.mktemp("damaged") / "boxes.zip"
    with zipfile.ZipFile(path, "w", METHODS[method]) as archive:
        archive.writestr("ä.xml", voc("IM1.png", ("Mass", "1", "1", "5", "5")))
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    with suppress(ChestxError):
        read_boxes(path)


def test_a_damaged_member_leaves_the_others(tmp_path: Path) -> None:
    good = voc("IM1.png", ("Mass", "1", "1", "5", "5"))
    with zipfile.ZipFile(tmp_path / "boxes.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.xml", good)
        archive.writestr("b.xml", good.replace("IM1", "IM2"))
    content = bytearray((tmp_path / "boxes.zip").read_bytes())
    at = content.index(b"a.xml") + len(b"a.xml") + 4  # LZMA's properties
    content[at] = 0xFF
    (tmp_path / "boxes.zip").write_bytes(content)
    boxes, faults = read_boxes(tmp_path)
    assert [box.image for box in boxes] == ["IM2.png"]
    assert [(fault.source, fault.reason) for fault in faults] == [
        ("boxes.zip/a.xml", "damaged or encrypted")
    ]


def test_a_flipped_byte_of_a_name_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "boxes.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ä.xml", "<annotation/>")
    for name in (b"\xff\xff", b"\0\0"):
        damaged = path.read_bytes().replace("ä.xml".encode(), name + b".xml")
        (tmp_path / "damaged.zip").write_bytes(damaged)
        with pytest.raises(ChestxError, match="damaged or encrypted"):
            read_boxes(tmp_path / "damaged.zip")


def test_only_the_records_of_a_round_are_no_boxes(tmp_path: Path) -> None:
    """Beside them what is no box is an error, and so is a folder without either."""
    with pytest.raises(ChestxError, match="no boxes in"):
        read_boxes(tmp_path)
    for name in sorted(RECORDS):
        (tmp_path / name).touch()
    assert read_boxes(tmp_path) == ([], [])
    with pytest.raises(ChestxError, match="no boxes in"):
        read_boxes(tmp_path / "drawn.csv")
    (tmp_path / "notes.txt").write_text("the boxes of Monday")
    with pytest.raises(ChestxError, match="no boxes in"):
        read_boxes(tmp_path)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_mutated_file_never_raises_anything_else(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    sources = [voc("IM1.png", ("Mass", "1", "1", "5", "5")), json.dumps(COCO), PLAIN + ROWS]
    content = bytearray(data.draw(st.sampled_from(sources)).encode())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    path = tmp_path_factory.mktemp("mutated") / "boxes"
    path.write_bytes(content)
    try:
        boxes, _ = read_boxes(path)
    except ChestxError:
        return
    for box in boxes:
        assert box.width > 0
        assert box.height > 0
        assert all(map(isfinite, edges(box)))


def test_a_missing_path_says_so(tmp_path: Path) -> None:
    with pytest.raises(ChestxError, match="there are no boxes at"):
        read_boxes(tmp_path / "boxes")


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("Infiltrate", "Infiltration"),
        ("infiltration", "Infiltration"),
        ("pleural thickening", "Pleural_Thickening"),
        ("PLEURAL__THICKENING", "Pleural_Thickening"),
        ("Pneumonia", None),
        ("", None),
    ],
)
def test_spellings_of_classes(label: str, name: str | None) -> None:
    assert canonical(label, CLASSES) == name


def test_a_class_that_is_called_infiltrate_is_itself() -> None:
    assert canonical("Infiltrate", ("Infiltrate", "Infiltration")) == "Infiltrate"


# A film of 3000 x 2000 in an image of 1024 x 1024, as the paper squashes it and padded.
SQUASH = Placement(1024 / 3000, 1024 / 2000)
PAD = Placement(1024 / 3000, 1024 / 3000, 0, (1024 - 2000 * 1024 / 3000) / 2)


def film(
    image: str = "00000001_000.png",
    uid: str = "1.2.840.1",
    source: str = "a/IM1.dcm",
    placement: Placement = SQUASH,
) -> BoxFilm:
    keys = box_keys(image, uid, source)
    return BoxFilm(image, 3000, 2000, placement, (1024, 1024), frozenset(CLASSES[1:]), keys)


def place(*boxes: Box, films: tuple[BoxFilm, ...] = ()) -> tuple[list[PlacedBox], list[str]]:
    known = {found.image: found for found in films or (film(),)}
    placed, faults = place_boxes(boxes, known, CLASSES)
    return placed, [fault.reason for fault in faults]


@pytest.mark.parametrize(
    "name",
    ["1.2.840.1", "1.2.840.1.dcm", "a/IM1.dcm", "/mnt/x/a/IM1.dcm", "IM1.dcm", "IM1.png", "IM1"],
)
def test_a_box_in_the_film_s_pixels_is_scaled_per_axis(name: str) -> None:
    placed, faults = place(Box(name, "Mass", 300, 200, 600, 1000))
    assert faults == []
    assert edges(placed[0]) == pytest.approx((102.4, 102.4, 204.8, 512))
    assert placed[0].image == "00000001_000.png"


@pytest.mark.parametrize("name", ["00000001_000.png", "images/00000001_000.png", "00000001_000"])
def test_a_box_in_the_dataset_s_pixels_stays_to_the_last_digit(name: str) -> None:
    placed, _ = place(Box(name, "Infiltrate", 225.084745762712, 547.01, 86.7796610169491, 79.18))
    assert placed == [
        PlacedBox(
            "00000001_000.png", "Infiltration", 225.084745762712, 547.01, 86.7796610169491, 79.18
        )
    ]


@pytest.mark.parametrize("name", ["IM1.dcm", "00000001_000.png"])
def test_a_frame_is_the_picture_in_which_the_box_was_drawn(name: str) -> None:
    """A box over the right half of the picture is over the right half of the film, or image."""
    placed, _ = place(Box(name, "Mass", 50, 0, 50, 80, frame=(100, 80)))
    assert edges(placed[0]) == pytest.approx((512, 0, 512, 1024))


def test_a_box_beyond_the_image_that_it_names_is_told_to_be_in_larger_pixels() -> None:
    """A frame would have said so; the film's own edge is another matter."""
    beyond, framed, unnamed = (
        Box("00000001_000.png", "Mass", 1030, 1, 50, 50),
        Box("00000001_000.png", "Mass", 2050, 1, 50, 50, frame=(2048, 2048)),
        Box("IM1.dcm", "Mass", 3000, 1, 50, 50),
    )
    _, faults = place(beyond, framed, unnamed)
    assert ["larger pixels" in reason for reason in faults] == [True, False, False]


def test_a_padded_film_has_its_boxes_clipped_to_the_film() -> None:
    in_film = Box("IM1.dcm", "Mass", 1500, -50, 9000, 9000)
    in_image = Box("00000001_000.png", "Mass", 512, 0, 1024, 1024)
    placed, faults = place(in_film, in_image, films=(film(placement=PAD),))
    assert faults == ["an exact copy of another box"]
    assert edges(placed[0]) == pytest.approx((512, PAD.offset_y, 512, 1024 - 2 * PAD.offset_y))


def test_a_box_that_cannot_be_placed_is_listed_with_the_reason() -> None:
    boxes = {
        "no film": Box("IM2.dcm", "Mass", 1, 1, 50, 50, None, "", "x.xml", 3),
        "classes": Box("IM1.dcm", "Fracture", 1, 1, 50, 50),
        "report does not say": Box("IM1.dcm", "Atelectasis", 1, 1, 50, 50),
        "outside": Box("IM1.dcm", "Mass", 3000, 1, 50, 50),
        "less than one pixel": Box("IM1.dcm", "Mass", 2999, 1, 50, 50),
    }
    placed, faults = place_boxes(list(boxes.values()), {"": film()}, CLASSES)
    assert placed == []
    for (words, box), fault in zip(boxes.items(), faults, strict=True):
        assert words in fault.reason
        assert (fault.id, fault.source, fault.row) == (box.image, box.source, box.row)


def test_of_two_films_with_one_file_name_neither_is_guessed() -> None:
    films = (film(), film("00000002_000.png", "1.2.840.2", "b/IM1.dcm"))
    one, other = (Box(f"{folder}/IM1.dcm", "Mass", 1, 1, 50, 50) for folder in "ab")
    placed, faults = place(Box("IM1.dcm", "Mass", 1, 1, 50, 50), other, one, films=films)
    assert [box.image for box in placed] == ["00000001_000.png", "00000002_000.png"]
    assert faults == ["2 films have this name: give their paths or SOP Instance UIDs"]


SIDES = st.floats(-4000, 4000)
SIZES = st.floats(1e-3, 8000)


@settings(deadline=None)
@given(st.permutations([*CLASSES[1:], "Mass"]), st.lists(st.tuples(SIDES, SIDES, SIZES, SIZES)))
def test_every_box_is_placed_within_the_film_or_listed(
    labels: list[str], found: list[tuple[float, float, float, float]]
) -> None:
    boxes = [Box("IM1", labels[n % 4], *numbers) for n, numbers in enumerate(found)]
    placed, faults = place(*boxes, films=(film(placement=PAD),))
    assert len(placed) + len(faults) == len(boxes)
    for box in placed:
        assert box.x >= 0
        assert box.y >= PAD.offset_y
        assert box.x + box.width <= 1024 + 1e-9
        assert box.y + box.height <= 1024 - PAD.offset_y + 1e-9
        assert min(box.width, box.height) >= 1
    again, _ = place(*reversed(boxes), films=(film(placement=PAD),))
    assert again == placed


NUMBERS = st.floats(0, 1e6, exclude_min=True)


@settings(deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), min_size=1))
def test_what_nih_s_list_is_written_with_is_what_it_is_read_with(
    tmp_path_factory: pytest.TempPathFactory, found: list[tuple[float, float, float, float]]
) -> None:
    written = [PlacedBox("00000001_000.png", "Mass", *numbers) for numbers in found]
    path = tmp_path_factory.mktemp("list") / "BBox_List_2017.csv"
    path.write_text(bbox_header() + "".join(map(bbox_line, written)))
    boxes, faults = read_boxes(path)
    assert faults == []
    assert [edges(box) for box in boxes] == found


@pytest.mark.skipif(not SHARED.is_dir(), reason="the data of NIH are not there")
def test_nih_s_list_is_read_whole_and_written_byte_for_byte() -> None:
    path = SHARED / "BBox_List_2017.csv.gz"
    boxes, faults = read_boxes(path)
    assert (len(boxes), faults) == (984, [])
    lines = [bbox_line(PlacedBox(box.image, box.label, *edges(box))) for box in boxes]
    published = gzip.decompress(path.read_bytes()).decode().replace("\r\n", "\n")
    assert bbox_header() + "".join(lines) == published
    assert len(read_boxes(SHARED / "boxes.csv")[0]) == 25


POINTS = st.integers(-20, 20)
SPANS = st.integers(1, 20)
BOXES = st.tuples(POINTS, POINTS, SPANS, SPANS)


@given(BOXES, BOXES)
def test_iou_counts_the_cells_that_two_boxes_share(
    a: tuple[int, int, int, int], b: tuple[int, int, int, int]
) -> None:
    def cells(box: tuple[int, int, int, int]) -> set[tuple[int, int]]:
        x, y, width, height = box
        return {(i, j) for i in range(x, x + width) for j in range(y, y + height)}

    expected = len(cells(a) & cells(b)) / len(cells(a) | cells(b))
    assert iou(a, b) == pytest.approx(expected)
    assert iou(a, b) == iou(b, a)


def test_an_infinite_or_missing_number_is_no_box(tmp_path: Path) -> None:
    for value in (nan, inf, -inf):
        coco = {
            **COCO,
            "annotations": [{"image_id": 7, "category_id": 3, "bbox": [value, 1, 2, 3]}],
        }
        (tmp_path / "boxes.json").write_text(json.dumps(coco))
        boxes, faults = read_boxes(tmp_path / "boxes.json")
        assert boxes == []
        assert len(faults) == 1
