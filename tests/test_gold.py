"""Gold labels: the headings of OpenI against the published list, and CSVs as people write them."""

import csv
from pathlib import Path

import pytest

from chestx.errors import ChestxError
from chestx.labeler.evaluation.class_names import class_key
from chestx.labeler.evaluation.comparison import compare, read_ids
from chestx.labeler.evaluation.gold import Gold, openi_gold, read_gold
from chestx.labeler.evaluation.published import published
from chestx.labeler.evaluation.state_table import canonical_id, read_table
from chestx.labeler.readers.openi import Mesh

OPENI = Path(__file__).parents[2] / "shared" / "data" / "openi"
needs_openi = pytest.mark.skipif(
    not OPENI.exists(), reason="the OpenI reports are not in ../shared/data"
)


@pytest.fixture(scope="module")
def archive() -> Path:
    return OPENI / "NLMCXR_reports.tgz"


@needs_openi
def test_openi_gold_is_the_published_list(archive: Path) -> None:
    gold = read_gold(archive)
    with (OPENI / "gold-14.csv").open(newline="") as file:
        published_rows = {row.pop("filename"): row for row in csv.DictReader(file)}
    assert gold.left_out == 104
    assert set(gold.table.ids) == set(published_rows)
    keys = {class_key(name): name for name in next(iter(published_rows.values()))}
    assert set(keys) - set(map(class_key, gold.table.classes)) == {"hernia"}
    for report, states in zip(gold.table.ids, gold.table.states, strict=True):
        for name, state in zip(gold.table.classes, states, strict=True):
            assert published_rows[report][keys[class_key(name)]] == str(state)


@needs_openi
def test_paper_gold_explains_the_recalls_of_table_18(archive: Path) -> None:
    gold = read_gold(archive, variant="paper").table
    table = gold.rows(read_ids(OPENI / "testset-771.txt"))
    (paper,) = (column for column in published(with_normal=False) if column.id == "771-paper")
    support = dict(zip(table.classes, (table.states == 1).sum(axis=0).tolist(), strict=True))
    support.pop("Normal")
    assert support["Hernia"] == 5
    found = 0
    for name, positives in support.items():
        score = paper.score(name)
        assert score is not None
        hits = round(score[1] / 100 * positives)
        assert round(100 * hits / positives, 1) == score[1], name
        found += hits
    total = paper.score("Total")
    assert total is not None
    assert round(100 * found / sum(support.values()), 1) == total[1]


@needs_openi
def test_eight_and_normal_protocol_has_2210_reports(archive: Path) -> None:
    gold = read_gold(archive)
    compared = compare(gold.table, gold, with_normal=True)
    assert len(compared.ids) == 2210
    assert [class_key(name) for name in compared.classes[-1:]] == ["normal"]
    assert len(compared.classes) == 9


def test_headings_count_by_their_first_part_and_only_with_a_film() -> None:
    reports = [
        Mesh("1", ("Pulmonary Edema/mild", "Pericardial Effusion"), True),
        Mesh("2", ("Lung/hyperdistention/Mass", "Hydropneumothorax"), True),
        Mesh("3", ("normal",), False),
    ]
    gold = openi_gold(reports)
    assert gold.left_out == 1
    assert gold.table.ids == ("1", "2")
    first, second = gold.table.states
    assert {c for c, s in zip(gold.table.classes, first, strict=True) if s} == {"Edema", "Effusion"}
    assert not second.any()


def test_states_are_read_as_people_write_them(tmp_path: Path) -> None:
    path = tmp_path / "gold.csv"
    path.write_text(
        "\ufeffFilename,Pleural Effusion,infiltrate,comment\n"
        'a.xml,1.0,TRUE,"said, twice"\nb.txt,0,-1.0,\n s3 ,,false,x\n\n',
        "utf-8",
    )
    table = read_table(path, "the gold")
    assert table.ids == ("a", "b", "3")
    assert table.states.tolist() == [[1, 1], [0, -1], [-2, 0]]
    assert list(map(class_key, table.classes)) == ["effusion", "infiltration"]
    assert table.unreadable == ("comment",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("name,Edema\na,1\n", "no id column"),
        ("", "no id column"),
        ("id,Edema\na,1\na,0\n", "1 rows that repeat"),
        ("id,Effusion,Pleural Effusion\na,1,1\n", "two columns for the class"),
        ("id,Edema\na,1,1\n", "longer or shorter"),
        ("id,Edema,Edema\na,1,1\n", "same name"),
        ("id,Edema\n\x00\xff", "cannot be read"),
    ],
)
def test_unusable_csv_says_how_to_mend_it(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "gold.csv"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(ChestxError, match=message):
        read_table(path, "the gold")


def test_missing_gold_is_an_error(tmp_path: Path) -> None:
    for name in ("no.csv", "no.tgz"):
        with pytest.raises(ChestxError, match="does not exist"):
            read_gold(tmp_path / name)
    (tmp_path / "broken.tgz").write_bytes(b"no archive")
    with pytest.raises(ChestxError, match="damaged or hold other files"):
        read_gold(tmp_path / "broken.tgz")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ChestxError, match="no OpenI report"):
        read_gold(tmp_path / "empty")


def test_equal_doubles_are_one_report(tmp_path: Path) -> None:
    path = tmp_path / "gold.csv"
    path.write_text("study_id,Edema\ns7,1\n7,1\n8,0\n")
    assert read_table(path, "the gold").ids == ("7", "8")


def test_columns_of_one_side_are_reported_and_bad_cells_refused(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("report_id,Finding Labels,Normal,Edema,Mass\na,Edema,0,1,\n")
    (tmp_path / "g.csv").write_text("id,Edema,Fracture,No Finding,Mass\na,1,0,0,x\n")
    labels = read_table(tmp_path / "l.csv", "the labels file")
    with pytest.raises(ChestxError, match="other than 1, 0, -1 and empty in the column Mass"):
        compare(labels, read_gold(tmp_path / "g.csv"))
    (tmp_path / "g.csv").write_text("id,Edema,Fracture,No Finding\na,1,0,0\n")
    compared = compare(labels, read_gold(tmp_path / "g.csv"))
    assert compared.classes == ("Edema",)
    assert compared.only_in_gold == ("Fracture", "No Finding")
    assert compared.only_in_labels == ("Mass",)
    with pytest.raises(ChestxError, match="Fracture must be a column"):
        compare(labels, read_gold(tmp_path / "g.csv"), classes=["Edema", "Fracture"])
    with pytest.raises(ChestxError, match="needs a column Normal"):
        compare(labels, read_gold(tmp_path / "g.csv"), with_normal=True)


def test_nothing_in_common_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "l.csv").write_text("report_id,Edema\na,1\n")
    (tmp_path / "g.csv").write_text("id,Edema\nb,1\n")
    (tmp_path / "h.csv").write_text("id,Mass\na,1\n")
    labels = read_table(tmp_path / "l.csv", "the labels file")
    with pytest.raises(ChestxError, match="no report in common"):
        compare(labels, read_gold(tmp_path / "g.csv"))
    with pytest.raises(ChestxError, match="no class in common"):
        compare(labels, read_gold(tmp_path / "h.csv"))


def test_ids_are_compared_without_what_files_add() -> None:
    assert canonical_id(" files/p10/s50414267.txt") == "50414267"
    assert canonical_id("CXR1.xml") == canonical_id("CXR1") == "CXR1"
    assert canonical_id("spam") == "spam"


def test_gold_without_normal_in_some_classes_still_counts(tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text("id,Edema\na,1\nb,0\nc,0\n")
    (tmp_path / "l.csv").write_text("report_id,Edema\na,\nb,\n")
    (tmp_path / "ids.txt").write_text("a\r\n\r\nz\r\nc\r\n")
    gold: Gold = read_gold(tmp_path / "g.csv")
    labels = read_table(tmp_path / "l.csv", "the labels file")
    compared = compare(labels, gold, ids=read_ids(tmp_path / "ids.txt"))
    assert (compared.ids, compared.without_labels, compared.without_gold) == (("a",), 1, 1)
