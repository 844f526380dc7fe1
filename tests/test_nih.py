"""NIH's layout: what chestx writes is what NIH wrote, and both can be opened."""

import csv
import gzip
import io
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chestx.dataset
from chestx.dataset.entry import Entry
from chestx.dataset.nih.columns import CLASSES, ENTRY_HEADER
from chestx.dataset.nih.entries import data_entry_text
from chestx.dataset.nih.findings import classes_of, split_findings
from chestx.dataset.nih.folder import open_dataset
from chestx.dataset.nih.tables import read_entries
from chestx.errors import ChestxError

SHARED = Path(__file__).parents[2] / "shared" / "data" / "nih"
needs_nih = pytest.mark.skipif(not SHARED.exists(), reason="NIH's files are not on this machine")

OLD_TABLE = """\
Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,\
OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],
00000001_000.png,Pleural_Thickening|Mass,0,1,058Y,M,PA,2682,2749,0.143,0.143,
00000001_001.png,No Finding,1,1,059Y,M,PA,2894,2729,0.143,0.143,
00000002_000.png,Hernia,0,2,018M,F,AP,2500,2048,0.171,0.171,
00000003_000.png,Mass,0,3,411Y,F,AP,2500,2048,0.171,0.171,
"""
NEW_TABLE = "\n".join(
    line.rstrip(",").replace("058Y", "58").replace("059Y", "59").replace("018M", "1")
    for line in OLD_TABLE.replace("411Y", "").splitlines()
)
BOXES = """\
Image Index,Finding Label,Bbox [x,y,w,h],,,
00000001_000.png,Mass,1.5,2,30,40
00000003_000.png,Infiltrate,5,6,7,8
"""

known = st.floats(min_value=1e-3, max_value=1e3)
entries = st.lists(
    st.builds(
        Entry,
        image=st.integers(0, 10**8 - 1).map("{:08d}_000.png".format),
        finding_labels=st.lists(
            st.sampled_from(['Mass, "left"', "Nodule", "NA", "Pleural_Thickening"]),
            min_size=1,
            unique=True,
        ).map("|".join),
        follow_up=st.integers(0, 999),
        patient=st.integers(0, 10**8 - 1),
        age=st.none() | st.integers(0, 90),
        sex=st.sampled_from(["M", "F", ""]),
        view=st.sampled_from(["PA", "AP", ""]),
        width=st.integers(1, 20_000),
        height=st.integers(1, 20_000),
        spacing=st.none() | st.tuples(known, known),
    ),
    min_size=1,
    unique_by=lambda entry: entry.image,
)


@given(entries)
def test_what_is_written_is_read_again(written: list[Entry]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "Data_Entry_2017.csv"
        path.write_text(data_entry_text(written), "utf-8", newline="")
        table = read_entries(path)
    read = [
        Entry(
            image=row.image,
            finding_labels=row.finding_labels,
            follow_up=row.follow_up,
            patient=row.patient,
            age=None if pd.isna(row.age) else row.age,
            sex=row.sex,
            view=row.view,
            width=row.width,
            height=row.height,
            spacing=None if pd.isna(row.spacing_x) else (row.spacing_x, row.spacing_y),
        )
        for row in table.itertuples(index=False)
    ]
    assert read == written


@needs_nih
def test_the_table_is_nihs_to_the_byte() -> None:
    text = (SHARED / "Data_Entry_2017.csv").read_bytes().decode()
    header, *rows = csv.reader(io.StringIO(text))
    assert tuple(header) == ENTRY_HEADER
    entries = [
        Entry(
            image, labels, int(follow_up), int(patient), int(age), sex, view, int(width),
            int(height), (float(x), float(y)),
        )
        for image, labels, follow_up, patient, age, sex, view, width, height, x, y in rows
    ]  # fmt: skip
    assert data_entry_text(entries) == text


def make(folder: Path, table: str = NEW_TABLE, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Data_Entry_2017.csv").write_text(table)
    for name, text in files.items():
        (folder / f"{name}.txt").write_text(text)
    return folder


def lines(*names: str) -> str:
    return "\n".join(names)


LISTS = {
    "train_val_list": lines("00000001_001.png", "00000001_000.png", "00000002_000.png"),
    "train_list": lines("00000001_000.png", "00000001_001.png"),
    "val_list": lines("00000002_000.png", ""),
    "test_list": lines("00000003_000.png", "00099999_000.png"),
}


@pytest.mark.parametrize("table", [OLD_TABLE, NEW_TABLE], ids=["2017", "2020"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_both_spellings_open_alike(tmp_path: Path, table: str, packed: bool) -> None:
    make(tmp_path, table, **LISTS)
    (tmp_path / "BBox_List_2017.csv").write_text(BOXES)
    if packed:
        for path in list(tmp_path.iterdir()):
            (tmp_path / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()
    dataset = open_dataset(str(tmp_path))
    assert len(dataset) == 4
    assert dataset.entries["age"].astype(object).tolist()[:3] == [58, 59, 1]
    assert dataset.entries["age"].isna().tolist() == [False, False, False, True]
    assert dataset.entries["width"].tolist() == [2682, 2894, 2500, 2500]
    assert dataset.classes == ("Mass", "Pleural_Thickening", "Hernia")
    assert dataset.targets().tolist() == [[1, 1, 0], [0, 0, 0], [0, 0, 1], [1, 0, 0]]
    assert dataset.boxes["label"].tolist() == ["Mass", "Infiltration"]
    assert dataset.boxes.loc[0, ["x", "y", "width", "height"]].tolist() == [1.5, 2, 30, 40]
    assert dataset.splits == ("train_val", "train", "val", "test")
    assert dataset.split("train_val") == LISTS["train_val_list"].split()
    assert dataset.split("test") == ["00000003_000.png"]
    assert dataset.rows(dataset.split("train_val")).tolist() == [1, 0, 2]


def test_a_label_is_a_whole_word_between_bars(tmp_path: Path) -> None:
    table = NEW_TABLE.replace("Pleural_Thickening|Mass", "Mass_Effect|Pleural")
    dataset = open_dataset(make(tmp_path, table))
    assert dataset.classes == ("Mass", "Hernia", "Mass_Effect", "Pleural")
    assert dataset.targets(["Mass"]).tolist() == [[0], [0], [0], [1]]
    assert dataset.targets(["Pleural", "Mass", "Edema"]).tolist()[0] == [1, 0, 0]
    with pytest.raises(ChestxError, match="Oedema"):
        dataset.targets(["Oedema"])


@given(st.lists(st.lists(st.sampled_from([*CLASSES, "Zebra", "Ant"]), unique=True)))
def test_classes_keep_nihs_order(rows: list[list[str]]) -> None:
    cells = ["|".join(row) or "No Finding" for row in rows]
    assert [sorted(split_findings(cell)) for cell in cells] == [sorted(row) for row in rows]
    classes = classes_of(cells)
    order = [*CLASSES, "Ant", "Zebra"]
    assert list(classes) == sorted({name for row in rows for name in row}, key=order.index)


def test_images_lie_in_twelve_folders_or_in_one(tmp_path: Path) -> None:
    folder = make(tmp_path)
    for part, name in {"images_001": "00000001_000", "images_012": "00000002_000"}.items():
        (folder / part / "images").mkdir(parents=True)
        (folder / part / "images" / f"{name}.png").touch()
    (folder / "images").mkdir()
    (folder / "images" / "00000003_000.png").touch()
    dataset = open_dataset(folder)
    assert dataset.path_of("00000002_000.png") == folder / "images_012/images/00000002_000.png"
    assert dataset.path_of("00000003_000.png") == folder / "images/00000003_000.png"
    assert dataset.missing() == ["00000001_001.png"]
    with pytest.raises(ChestxError, match=r"missing\(\)"):
        dataset.path_of("00000001_001.png")


def test_a_patient_in_two_lists_is_refused_but_not_named(tmp_path: Path) -> None:
    lists = LISTS | {"test_list": lines("00000003_000.png", "00000001_001.png")}
    with pytest.raises(ChestxError, match=r"train_val_list.txt and test_list.txt .* 1 patient:"):
        open_dataset(make(tmp_path, **lists))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("report_id,Normal\n1,1\n", "other columns"),
        ("", "cannot be read"),
        (NEW_TABLE.replace("2682", "wide"), "cannot be read"),
        (NEW_TABLE.replace(",2682,", ",,"), "empty cells"),
        (NEW_TABLE.replace("00000003_000.png", "00000002_000.png"), "twice"),
        ("\x00\xff\x00", "cannot be read|other columns"),
    ],
)
def test_another_table_is_told_in_one_line(tmp_path: Path, table: str, words: str) -> None:
    with pytest.raises(ChestxError, match=words) as told:
        open_dataset(make(tmp_path, table))
    assert "\n" not in str(told.value)
    assert "wide" not in str(told.value)


def test_a_folder_that_is_none_is_told_how_to_mend_it(tmp_path: Path) -> None:
    with pytest.raises(ChestxError, match="chestx build-dataset"):
        open_dataset(tmp_path / "nowhere")
    with pytest.raises(ChestxError, match=r"has no Data_Entry_2017.csv"):
        open_dataset(tmp_path)
    make(tmp_path)
    with pytest.raises(ChestxError, match=r"has no test_list.txt"):
        open_dataset(tmp_path).split("test")
    with pytest.raises(ChestxError, match="train_val, train, val, test"):
        open_dataset(tmp_path).split("validation")
    (tmp_path / "Data_Entry_2017_v2020.csv").write_text(NEW_TABLE)
    with pytest.raises(ChestxError, match="several tables"):
        open_dataset(tmp_path)


@needs_nih
def test_nihs_own_files_open(tmp_path: Path) -> None:
    shutil.copy(SHARED / "Data_Entry_2017.csv", tmp_path)
    shutil.copy(SHARED / "BBox_List_2017.csv.gz", tmp_path)
    for name in ("train_val_list.txt.gz", "test_list.txt.gz"):
        shutil.copy(SHARED / f"official_{name}", tmp_path / name)
    (tmp_path / "images").symlink_to(SHARED / "images")
    dataset = open_dataset(tmp_path)
    assert len(dataset) == 400
    assert not dataset.missing()
    assert dataset.boxes["label"].value_counts().to_dict() == {
        "Atelectasis": 180, "Effusion": 153, "Cardiomegaly": 146, "Infiltration": 123,
        "Pneumonia": 120, "Pneumothorax": 98, "Mass": 85, "Nodule": 79,
    }  # fmt: skip
    assert len(dataset.split("train_val")) + len(dataset.split("test")) == 400
    assert dataset.targets().sum() == sum(
        len(split_findings(labels)) for labels in dataset.entries["finding_labels"]
    )


def test_the_door_is_lazy() -> None:
    assert chestx.dataset.open_dataset is open_dataset
    with pytest.raises(AttributeError):
        _ = chestx.dataset.no_such_thing
