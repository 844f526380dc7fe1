"""Patients are dealt out whole, each class in its share, or as a user's list says."""

import gzip
import math
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chestx.dataset.splits import SPLITS, Split
from chestx.dataset.splits.fractions import parse_fractions
from chestx.dataset.splits.lists import list_texts
from chestx.dataset.splits.split_file import apply_split_file, read_split_file
from chestx.dataset.splits.stratify import split_patients
from chestx.errors import ChestxError

NIH = Path(__file__).parents[2] / "shared" / "data" / "nih"
FRACTIONS = (0.7, 0.1, 0.2)
# Shares of the images in Table 16 of ChestX-ray14, from Atelectasis to Hernia.
PREVALENCE = np.array(
    [
        *(0.103, 0.025, 0.119, 0.178, 0.052, 0.056, 0.012),
        *(0.047, 0.042, 0.021, 0.022, 0.015, 0.030, 0.002),
    ]
)


def made_patients(number: int, seed: int = 0) -> dict[int, np.ndarray]:
    """Return counts of patients of whom some have many films and are much sicker than others."""
    draw = np.random.default_rng(seed)
    labels = {}
    for patient in draw.choice(99_999_999, number, replace=False) + 1:
        films = int(draw.geometric(0.28))
        chance = np.clip(PREVALENCE * draw.gamma(0.7, 1.4), 0, 0.9)
        labels[int(patient)] = np.append(draw.binomial(films, chance), films)
    return labels


def worst_miss(labels: dict[int, np.ndarray], splits: dict[int, Split]) -> float:
    """Return how far the share of a class in a split lies from its quota, at the most."""
    total = sum(labels.values())
    shares = [sum(c for p, c in labels.items() if splits[p] == name) / total for name in SPLITS]
    return float(np.abs(np.array(shares) - np.array(FRACTIONS)[:, None]).max())


def test_every_class_has_its_share_in_every_split() -> None:
    labels = made_patients(5000)
    splits = split_patients(labels, FRACTIONS, 0, {})
    assert splits.keys() == labels.keys()
    # Hernia is on some 40 films: one patient more or less is 0.02.
    assert worst_miss(labels, splits) < 0.03
    draw = random.Random(0)
    by_chance = [
        worst_miss(labels, {p: draw.choices(SPLITS, FRACTIONS)[0] for p in labels})
        for _ in range(20)
    ]
    assert worst_miss(labels, splits) < min(by_chance) / 2
    common = {patient: count[[0, 2, 3, 14]] for patient, count in labels.items()}
    assert worst_miss(common, splits) < 0.001


COUNTS = st.lists(st.integers(0, 4), min_size=3, max_size=3).map(
    lambda classes: np.array([*classes, max(1, *classes)])
)
PATIENTS = st.dictionaries(st.integers(1, 99_999_999), COUNTS, max_size=30)


@given(PATIENTS, st.integers(0, 5), st.randoms(use_true_random=False))
def test_the_split_depends_on_patients_and_seed_alone(
    labels: dict[int, np.ndarray], seed: int, draw: random.Random
) -> None:
    splits = split_patients(labels, FRACTIONS, seed, {})
    shuffled = dict(draw.sample([*labels.items()], len(labels)))
    assert [*split_patients(shuffled, FRACTIONS, seed, {}).items()] == [*splits.items()]
    known = dict(draw.sample([*splits.items()], len(splits) // 2))
    assert split_patients(labels, FRACTIONS, seed, known).items() >= known.items()


@given(PATIENTS, st.permutations([0.0, 0.25, 0.75]))
def test_a_split_is_empty_where_it_must_be_alone(
    labels: dict[int, np.ndarray], shares: list[float]
) -> None:
    train, val, test = shares
    sizes = Counter(split_patients(labels, (train, val, test), 0, {}).values())
    wanted = {name for name, share in zip(SPLITS, shares, strict=True) if share}
    assert sizes.keys() <= wanted
    assert len(sizes) == min(len(labels), len(wanted))
    three = Counter(split_patients(labels, FRACTIONS, 0, {}).values())
    assert len(three) == min(len(labels), 3)


def test_seeds_differ() -> None:
    labels = made_patients(200)
    assert split_patients(labels, FRACTIONS, 0, {}) != split_patients(labels, FRACTIONS, 1, {})


def test_known_patients_stay_and_count_towards_the_quotas() -> None:
    labels = made_patients(2000)
    known: dict[int, Split] = dict.fromkeys([*labels][:300], "test")
    splits = split_patients(labels, FRACTIONS, 0, known | {0: "val"})
    assert splits.items() >= known.items()
    assert 0 not in splits
    common = {patient: count[[2, 3, 14]] for patient, count in labels.items()}
    # Without the known in the quotas the test set would have a third instead of a fifth.
    assert worst_miss(common, splits) < 0.01


def test_a_rare_class_goes_as_far_as_its_patients_allow() -> None:
    labels = {p: np.array([int(p <= 3), 1]) for p in range(1, 1001)}
    splits = split_patients(labels, (0.4, 0.3, 0.3), 0, {})
    assert {splits[p] for p in (1, 2, 3)} == set(SPLITS)
    assert Counter(splits.values()) == {"train": 400, "val": 300, "test": 300}


@pytest.mark.parametrize(
    ("text", "fractions"),
    [
        ("70,10,20", (0.7, 0.1, 0.2)),
        ("0.7, 0.1, 0.2", (0.7, 0.1, 0.2)),
        ("80,0,20", (0.8, 0.0, 0.2)),
        ("33.4,33.3,33.3", (0.334, 0.333, 0.333)),
        ("1,0,0", (1.0, 0.0, 0.0)),
    ],
)
def test_fractions_are_percentages_or_shares(text: str, fractions: tuple[float, ...]) -> None:
    assert parse_fractions(text) == pytest.approx(fractions)
    assert math.fsum(parse_fractions(text)) == pytest.approx(1)


@pytest.mark.parametrize(
    "text", ["", "70,30", "70,10,10", "70,-10,40", "a,b,c", "nan,1,0", "inf,0,0", "70;10;20"]
)
def test_other_fractions_are_refused_with_an_example(text: str) -> None:
    with pytest.raises(ChestxError, match="70,10,20"):
        parse_fractions(text)


IMAGES: dict[str, Split] = {
    "00000007_010.png": "val",
    "00000001_001.png": "train",
    "00000001_000.png": "train",
    "00012345_000.png": "test",
    "99999999_1000.png": "train",
}


def write_lists(folder: Path, images: dict[str, Split]) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in list_texts(images).items():
        (folder / name).write_text(text)
    return folder


def test_lists_are_sorted_and_read_back(tmp_path: Path) -> None:
    assert list_texts(IMAGES) == {
        "train_list.txt": "00000001_000.png\n00000001_001.png\n99999999_1000.png\n",
        "val_list.txt": "00000007_010.png\n",
        "test_list.txt": "00012345_000.png\n",
        "train_val_list.txt": (
            "00000001_000.png\n00000001_001.png\n00000007_010.png\n99999999_1000.png\n"
        ),
    }
    folder = write_lists(tmp_path, IMAGES)
    ids = dict.fromkeys((1, 7, 12345, 99999999), "")
    known = {1: "train", 7: "val", 12345: "test", 99999999: "train"}
    assert apply_split_file(read_split_file(folder), ids) == (known, [])
    (folder / "train_list.txt").unlink()
    assert apply_split_file(read_split_file(folder), ids) == (known, [])


def test_the_official_lists_of_nih_are_a_split(tmp_path: Path) -> None:
    if not NIH.is_dir():
        pytest.skip("the lists of NIH are not here")
    for name in ("test_list.txt", "train_val_list.txt"):
        (tmp_path / name).write_bytes(gzip.decompress((NIH / f"official_{name}.gz").read_bytes()))
    file = read_split_file(tmp_path)
    splits, unmatched = apply_split_file(file, dict.fromkeys(map(int, file.splits), ""))
    assert Counter(splits.values()) == {"train": 28008, "test": 2797}
    assert not unmatched


PATIENTS_OF = {1: "H-1", 7: "H-7", 12345: " H-9", 8: "H-9", 5: ""}


@pytest.mark.parametrize(
    ("name", "text", "splits", "absent"),
    [
        (
            "s.csv",
            "\ufeffpatient_id;split;note\nH-1;Test;\nH-7 ;val;\nH-9;val;\nH-2;train;\n",
            {1: "test", 7: "val", 12345: "val", 8: "val", 5: "train"},
            {("H-2", 5)},
        ),
        (
            "s.csv",
            "split,Patient ID\ntest,1\nval,00000007\ntest,2\n",
            {1: "test", 7: "val", 12345: "train", 8: "train", 5: "train"},
            {("2", 4)},
        ),
        (
            "s.csv",
            "split,Image Index\ntest,00000001_000.png\nval,00000007_003.png\ntest,00000001_001.png",
            {1: "test", 7: "val", 12345: "train", 8: "train", 5: "train"},
            set(),
        ),
        (
            "s.csv",
            'image,split\n00000007_000.png,val\nx.png,test\n00000001_000.png,dev\n,test\na\n"b',
            {1: "train", 7: "val", 12345: "train", 8: "train", 5: "train"},
            {("x.png", 3), ("00000001_000.png", 4), ("", 5), ("", 6), ("", 7)},
        ),
        (
            "test_list.txt",
            "00000007_010.png\n\n00000002_000.png\n",
            {1: "train", 7: "test", 12345: "train", 8: "train", 5: "train"},
            {("00000002_000.png", 3)},
        ),
    ],
)
def test_a_users_split_is_followed_and_what_it_lacks_is_listed(
    tmp_path: Path, name: str, text: str, splits: dict[int, Split], absent: set[tuple[str, int]]
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    found, unmatched = apply_split_file(read_split_file(path), PATIENTS_OF)
    assert found == splits
    assert {(one.id, one.row) for one in unmatched if one.source} == absent
    assert all(one.kind == "split" and "H-" not in one.reason for one in unmatched)
    unnamed = {int(one.id) for one in unmatched if not one.source}
    assert unnamed == {number for number, split in splits.items() if split == "train"}


def test_the_lists_of_a_dataset_split_another_with_the_same_key(tmp_path: Path) -> None:
    file = read_split_file(write_lists(tmp_path, IMAGES))
    splits, unmatched = apply_split_file(file, {1: "", 7: "", 12345: "", 99999999: "", 3: ""})
    assert splits == {1: "train", 7: "val", 12345: "test", 99999999: "train", 3: "train"}
    assert [one.id for one in unmatched] == ["00000003"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("patient_id,split\nH-1,test\nH-2,val\nH-1,train\n", "line 2 .*line 4"),
        ("image,split\n00000001_000.png,test\n00000001_001.png,val\n", "line 2 .*line 3"),
        ("patient_id\nH-1\n", "patient_id .*Patient ID"),
        ("name,split\nH-1,test\n", "patient_id .*Patient ID"),
        ("patient_id,split\nH-1,most\n", "no patient"),
        ("", "patient_id .*Patient ID"),
        ("image,split\nfilms/H-1.dcm,test\n", "no patient.*names of the dataset's images"),
    ],
)
def test_a_file_that_is_no_split_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(text)
    with pytest.raises(ChestxError, match=message) as error:
        read_split_file(path)
    assert "H-1" not in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("patient_id,split\nH-2,test\nH-3,val\n", "split and patient_id"),
        ("Patient ID,split\n3,test\n", "split and Patient ID"),
        ("image,split\n00000003_000.png,test\n", "split and image"),
    ],
)
def test_a_split_of_other_patients_is_refused(tmp_path: Path, text: str, columns: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(text)
    file = read_split_file(path)
    message = rf"'mine\.csv' .*{columns}: .*names of the dataset's images"
    with pytest.raises(ChestxError, match=message) as error:
        apply_split_file(file, PATIENTS_OF)
    assert "H-" not in str(error.value)
    assert "\n" not in str(error.value)


def test_an_id_is_the_same_however_its_letters_are_written(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("patient_id,split\nM\u00fc,val\n", encoding="utf-8")
    assert apply_split_file(read_split_file(path), {1: "Mu\u0308 "})[0] == {1: "val"}


def test_a_folder_without_lists_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ChestxError, match=r"test_list\.txt"):
        read_split_file(tmp_path)
