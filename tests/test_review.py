"""An audit of labels: the sample, kappa, what readers settle, and files of a stranger's hand."""

import csv
import json
import random
import stat
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from chestx.cli import main
from chestx.errors import ChestxError
from chestx.review.archive import read_archive
from chestx.review.estimates import weighted_share
from chestx.review.kappa import cohen_kappa, counts
from chestx.review.merge import merge_verdicts
from chestx.review.sample import sample_reports
from chestx.review.states import all_but, in_words, strongest
from chestx.review.strata import NORMAL, NOT_NORMAL, cells, draw, strata

CLASSES = ("Effusion", "Mass", "Hernia")
WORD = {"1": "present", "-1": "uncertain", "0": "negated", "": ""}


def write_labels(folder: Path, rows: dict[str, tuple[str, ...]]) -> Path:
    """Write `labels.csv`; a report that mentions nothing and has an even number is normal."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["report_id", "Finding Labels", "Normal", *CLASSES])
        for number, (report, states) in enumerate(rows.items()):
            found = "|".join(n for n, s in zip(CLASSES, states, strict=True) if s == "1")
            normal = int(not any(states) and number % 2 == 0)
            writer.writerow([report, found or "No Finding", normal, *states])
    return folder


def archive(folder: Path, n: int = 2_000, seed: int = 0) -> Path:
    """Write labels of which Effusion is frequent and Hernia rare."""
    chance = random.Random(seed)
    odds = {"Effusion": (20, 5, 50, 25), "Mass": (2, 1, 3, 94), "Hernia": (1, 1, 1, 297)}
    states = ("1", "-1", "0", "")
    rows = {
        f"r{number}": tuple(chance.choices(states, odds[name])[0] for name in CLASSES)
        for number in range(n)
    }
    return write_labels(folder, rows)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def verdict(report: str, label: str, state: str, said: str = "right", **more: Any) -> Any:
    return {
        "report_id": report,
        "kind": "label",
        "class": label,
        "state": state,
        "verdict": said,
        "should_be": None,
        "note": "",
    } | more


def mention(
    report: str, label: str, start: int, state: str, said: str = "right", **more: Any
) -> Any:
    return verdict(report, label, state, said, kind="mention", start=start, end=start + 5, **more)


def write_file(path: Path, reader: str, verdicts: Any, **more: Any) -> Path:
    content = {
        "format": "chestx-review",
        "version": 1,
        "reader": reader,
        "gallery": "g",
        "label_set": "chestx-ray14",
        "verdicts": verdicts,
    }
    path.write_text(json.dumps(content | more), "utf-8")
    return path


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["review", *map(str, words)])


# Kappa


@pytest.mark.parametrize(
    ("counted", "kappa"),
    [
        # Fleiss, Levin and Paik 2003, "Statistical methods for rates and proportions", Table 18.1:
        # 100 subjects, agreement .89, by chance .66.
        ([[75, 1, 4], [5, 4, 1], [0, 0, 10]], 0.676),
        # Agreement .7, by chance .5.
        ([[20, 5], [10, 15]], 0.4),
        # Worse than chance: agreement 0, by chance .5.
        ([[0, 10], [10, 0]], -1.0),
    ],
)
def test_kappa_of_textbooks(counted: list[list[int]], kappa: float) -> None:
    assert cohen_kappa(np.array(counted)).value == pytest.approx(kappa, abs=5e-4)


def test_the_error_of_kappa_is_that_of_the_delta_method() -> None:
    def value(p: NDArray[np.float64]) -> float:
        chance = p.sum(axis=1) @ p.sum(axis=0)
        return float((np.trace(p) - chance) / (1 - chance))

    counted = np.array([[75, 1, 4], [5, 4, 1], [0, 0, 10]])
    p, step = counted / 100, 1e-6
    slope = np.zeros_like(p)
    for at in np.ndindex(p.shape):
        up, down = p.copy(), p.copy()
        up[at] += step
        down[at] -= step
        slope[at] = (value(up) - value(down)) / (2 * step)
    error = np.sqrt(((slope**2 * p).sum() - (slope * p).sum() ** 2) / 100)
    found = cohen_kappa(counted)
    assert found.low is not None
    assert found.high is not None
    assert (found.high - found.low) / 2 == pytest.approx(1.959964 * error, rel=1e-5)


def test_kappa_that_is_undefined() -> None:
    one = cohen_kappa(np.array([[7, 0], [0, 0]]))
    assert (one.value, one.low, one.high) == (None, None, None)
    assert cohen_kappa(np.zeros((2, 2), dtype=np.int64)).value is None
    agreed = cohen_kappa(np.array([[7, 0], [0, 3]]))
    assert (agreed.value, agreed.low, agreed.high) == (1.0, None, None)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=60))
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    found = cohen_kappa(counts(pairs, 4)).value
    if len({category for pair in pairs for category in pair}) == 1:
        assert found is None
    else:
        first, second = zip(*pairs, strict=True)
        assert found == pytest.approx(metrics.cohen_kappa_score(first, second))


def test_the_interval_of_kappa_covers() -> None:
    p = np.array([[0.3, 0.1, 0.0], [0.05, 0.25, 0.05], [0.05, 0.0, 0.2]])
    true = cohen_kappa(np.round(p * 1_000).astype(np.int64)).value
    assert true is not None
    covered = 0
    for sample in np.random.default_rng(1).multinomial(150, p.ravel(), size=1_000):
        found = cohen_kappa(sample.reshape(3, 3))
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= true <= found.high
    assert 0.93 <= covered / 1_000 <= 0.97


# The sample

rows_of_cells = st.dictionaries(
    st.integers(0, 10_000).map(str),
    st.sets(st.sampled_from("abcdefg")).map(lambda cells: tuple(sorted(cells))),
    min_size=1,
    max_size=60,
)


@settings(max_examples=300, deadline=None)
@given(rows_of_cells, st.integers(0, 60), st.integers(1, 5), st.integers(0, 3))
def test_any_sample(of: dict[str, tuple[str, ...]], more: int, per_class: int, seed: int) -> None:
    groups = strata(of, frozenset(list(of)[::2]))
    assert sorted(report for group in groups.values() for report in group) == sorted(of)
    n = len(groups) + more
    drawn = draw(groups, n, per_class, seed)
    reports = [one.report for one in drawn]
    assert len(reports) == len(set(reports)) == min(n, len(of))
    assert {cell for report in reports for cell in of[report]} == {
        c for own in of.values() for c in own
    }
    weights: dict[str, list[float]] = defaultdict(list)
    for one in drawn:
        assert one.report in groups[one.stratum]
        weights[one.stratum].append(one.weight)
    for name, group in groups.items():
        assert sum(weights[name]) == pytest.approx(len(group))
    assert [one.report for one in draw(groups, n + 7, per_class, seed)][: len(reports)] == reports


def test_strata_of_cells_that_lie_with_rarer_ones() -> None:
    of = {
        "1": ("a", "c"),
        "2": ("a",),
        "3": ("b", "c"),
        "4": ("b",),
        "5": ("c", "a"),
        "6": ("c", "b"),
    }
    groups = strata(of, frozenset())
    assert any(all("c" in of[report] for report in group) for group in groups.values())
    assert set(strata({"1": (), "2": ()}, frozenset("1"))) == {NORMAL, NOT_NORMAL}


def test_the_sample_on_disk(tmp_path: Path) -> None:
    labels, out = archive(tmp_path / "labels"), tmp_path / "review"
    done = run("sample", labels, "--n", 300, "-o", out)
    assert done.exit_code == 0, done.output
    ids = (out / "ids.txt").read_text().splitlines()
    rows = table(out / "sample.csv")
    assert [row["report_id"] for row in rows] == ids
    assert len(ids) == 300
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in out.iterdir()} == {0o600}
    found = read_archive(labels)
    drawn = Counter(cell for own in ids for cell in cells(found, CLASSES)[own])
    there = Counter(cell for own in cells(found, CLASSES).values() for cell in own)
    assert all(drawn[cell] >= min(10, number) for cell, number in there.items())
    assert any(row["stratum"] == NORMAL for row in rows)
    assert any(row["stratum"] == NOT_NORMAL for row in rows)
    assert sum(float(row["weight"]) for row in rows) == pytest.approx(2_000)
    # The same again, more of the same, and another.
    assert run("sample", labels, "--n", 300, "-o", tmp_path / "again").exit_code == 0
    assert (tmp_path / "again/sample.csv").read_bytes() == (out / "sample.csv").read_bytes()
    assert run("sample", labels, "--n", 400, "-o", out).exit_code == 0
    assert (out / "ids.txt").read_text().splitlines()[:300] == ids
    other = run("sample", labels, "--n", 400, "--seed", 1, "-o", out)
    assert other.exit_code == 1
    assert "holds another sample" in other.output


def test_the_sample_says_what_it_cannot_do(tmp_path: Path) -> None:
    labels = archive(tmp_path / "labels", 500)
    for words, said in (
        (["--n", 3], "cannot stand for"),
        (["--classes", "Mass,Aorta"], "no class 'Aorta'"),
    ):
        done = run("sample", labels, "-o", tmp_path / "review", *words)
        assert done.exit_code == 1
        assert said in done.output
        assert done.output.count("\n") == 1
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine.txt").write_text("")
    assert run("sample", labels, "-o", tmp_path / "full").exit_code == 1


def test_weighted_counts_are_those_of_the_archive_on_average(tmp_path: Path) -> None:
    """Horvitz and Thompson: with other seeds the estimate scatters around the truth."""
    found = read_archive(archive(tmp_path / "labels", 1_000))
    groups = strata(cells(found, CLASSES), found.normal)
    wrong = {report for report in found.states if int(report[1:]) % 7 == 0}
    sums = [
        sum(one.weight for one in draw(groups, 120, 5, seed) if one.report in wrong)
        for seed in range(200)
    ]
    error = np.std(sums) / np.sqrt(len(sums))
    assert abs(np.mean(sums) - len(wrong)) < 3 * error


def test_a_share_of_equal_weights_has_wilsons_interval() -> None:
    # Newcombe 1998, "Two-sided confidence intervals for the single proportion", Table I, method 3:
    # 81 of 263 and 15 of 148.
    for right, n, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605)):
        found = weighted_share([(i < right, 2.5) for i in range(n)])
        assert found.low == pytest.approx(low, abs=5e-5)
        assert found.high == pytest.approx(high, abs=5e-5)
    assert weighted_share([(True, 3.0)] * 10).high == pytest.approx(1.0)
    assert weighted_share([(True, 0.1)] * 3).value == 1.0


def test_what_is_read_of_a_sample_is_a_sample(tmp_path: Path) -> None:
    """Readers who stop early give the figures of a sample that was drawn so small."""
    labels = archive(tmp_path / "labels", 1_000)
    for name, n in (("large", 300), ("small", 120)):
        assert run("sample", labels, "--n", n, "-o", tmp_path / name).exit_code == 0
    found = read_archive(labels)
    ids = (tmp_path / "small/ids.txt").read_text().splitlines()
    verdicts = [
        verdict(id, name, found.state(id, name), "right" if int(id[1:]) % 5 else "unsure")
        | ({} if int(id[1:]) % 7 else {"verdict": "wrong"})
        for id in ids
        for name in CLASSES
    ]
    file = write_file(tmp_path / "a.json", "A", verdicts)
    figures = []
    for name in ("large", "small"):
        done = run("merge", file, "--labels", labels, "-o", tmp_path / name)
        assert done.exit_code == 0, done.output
        figures.append(json.loads((tmp_path / name / "agreement.json").read_text()))
    assert figures[0] == figures[1]
    # Each judged report of a stratum stands for as many as any other.
    rows = {row["report_id"]: row for row in table(tmp_path / "small/sample.csv")}
    judged = [id for id in ids if int(id[1:]) % 5 or not int(id[1:]) % 7]
    of = Counter(rows[id]["stratum"] for id in judged)
    said = [id for id in judged if found.state(id, "Effusion") == "present"]
    weight = {id: int(rows[id]["stratum_size"]) / of[rows[id]["stratum"]] for id in said}
    right = sum(weight[id] for id in said if int(id[1:]) % 7)
    effusion = figures[0]["precision"][0]
    assert (effusion["label"], effusion["state"]) == ("Effusion", "present")
    assert effusion["share"]["value"] == pytest.approx(right / sum(weight.values()))


# Judgements


def test_the_strongest_mention_decides() -> None:
    def known(*states: str) -> list[frozenset[str]]:
        return [frozenset([state]) for state in states]

    assert strongest(known("negated", "uncertain")) == {"uncertain"}
    assert strongest([*known("present"), all_but("negated")]) == {"present"}
    assert strongest([*known("negated"), all_but("present")]) == {"uncertain", "negated"}
    assert in_words(all_but("present")) == "not present"
    assert in_words(all_but("")) == "mentioned"
    assert in_words(frozenset(("negated", "uncertain"))) == "uncertain or negated"


STATES = {"a": ("1", "", ""), "b": ("0", "1", ""), "c": ("", "", ""), "d": ("-1", "", "")}


@pytest.fixture
def audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with labels of four reports."""
    write_labels(tmp_path / "labels", STATES)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def whole(**changed: Any) -> list[Any]:
    """Return a verdict on everything: right, unless `changed` by `REPORT_CLASS`."""
    return [
        verdict(report, label, WORD[cell]) | changed.get(f"{report}_{label}", {})
        for report, row in STATES.items()
        for label, cell in zip(CLASSES, row, strict=True)
    ]


WRONG: dict[str, Any] = {"verdict": "wrong"}


def test_from_two_readers_to_a_gold_standard(audit: Path) -> None:
    anna = whole(
        a_Effusion=WRONG | {"should_be": "uncertain", "note": "=cmd|' /C calc'!A0"},
        c_Hernia=WRONG | {"should_be": "present"},
        d_Mass={"verdict": "unsure"},
    )
    ben = whole(
        c_Hernia=WRONG | {"should_be": "present"},
        b_Mass=WRONG,
    )
    assert run("sample", "--n", 4).exit_code == 0
    files = [
        write_file(audit / "b.json", '=HYPERLINK("x"), Ben', ben),
        write_file(audit / "a.json", "Änne, Dr.", anna),
    ]
    done = run("merge", *files)
    assert done.exit_code == 0, done.output
    assert "1 report settled throughout" in done.output
    # The readers' names are in one file, and no spreadsheet carries them out.
    review = audit / "review"
    names = {'\'=HYPERLINK("x"), Ben': "1", "Änne, Dr.": "2"}
    assert {row["name"]: row["reader"] for row in table(review / "readers.csv")} == names
    for path in review.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.name == "readers.csv" or "nne" not in path.read_text("utf-8")
    conflicts = table(review / "conflicts.csv")
    shown = [
        (row["report_id"], row["class"], row["reader_1"], row["reader_2"]) for row in conflicts
    ]
    assert shown == [
        ("a", "Effusion", "present", "uncertain"),
        ("b", "Mass", "not present", "present"),
        ("d", "Mass", "not mentioned", "unsure"),
    ]
    assert [row["reason"] for row in conflicts] == ["readers differ", "readers differ", "unsure"]
    assert conflicts[0]["notes"] == "reader 2: =cmd|' /C calc'!A0"
    assert table(review / "gold.csv") == [
        {"report_id": "c", "Effusion": "", "Mass": "", "Hernia": "1"}
    ]
    # Figures of Effusion: 4 pairs, 3 alike.
    figures = json.loads((review / "agreement.json").read_text())
    effusion = next(one for one in figures["agreement"] if one["label"] == "Effusion")
    assert (effusion["both"], effusion["states"]["n"], effusion["states"]["agreement"]) == (
        4,
        4,
        0.75,
    )
    assert effusion["readers"] == [1, 2]
    hernia = next(one for one in figures["recall"] if one["label"] == "Hernia")
    assert (hernia["found"], hernia["missed"], hernia["share"]["value"]) == (0, 1, 0.0)
    mass = next(o for o in figures["precision"] if (o["label"], o["state"]) == ("Mass", "present"))
    assert (mass["archive"], mass["judged"], mass["right"], mass["open"]) == (1, 1, 0, 1)
    # Adjudicated, everything is settled, and evaluate-labels takes it.
    answers = {"a": "Present", "b": "uncertain", "d": "not mentioned"}
    remark = "=1+1, says the CT"
    filled = [
        row | {"adjudicated": answers[row["report_id"]], "adjudicator_notes": remark}
        for row in conflicts
    ]
    with (review / "conflicts.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(filled[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(filled)
    lost = run("merge", *files)
    assert lost.exit_code == 1
    settled = (review / "conflicts.csv").read_text("utf-8")
    noted = [row | {"adjudicated": "", "adjudicator_notes": "see the CT"} for row in conflicts]
    with (review / "conflicts.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(noted[0]))
        writer.writeheader()
        writer.writerows(noted)
    assert run("merge", *files).exit_code == 1
    assert run("merge", *files, "--adjudicated", review / "conflicts.csv").exit_code == 0
    assert [row["adjudicator_notes"] for row in table(review / "conflicts.csv")] == (
        ["see the CT"] * 3
    )
    (review / "conflicts.csv").write_text(settled, "utf-8")
    assert "--adjudicated" in lost.output
    done = run("merge", *files, "--adjudicated", review / "conflicts.csv")
    assert done.exit_code == 0, done.output
    assert "0 to adjudicate" in done.output
    gold = {row["report_id"]: row for row in table(review / "gold.csv")}
    assert {r: tuple(row[n] for n in CLASSES) for r, row in gold.items()} == {
        "a": ("1", "", ""),
        "b": ("0", "-1", ""),
        "c": ("", "", "1"),
        "d": ("-1", "", ""),
    }
    kept = (review / "conflicts.csv").read_bytes()
    assert [row["adjudicated"] for row in table(review / "conflicts.csv")] == [
        "present",
        "uncertain",
        "not mentioned",
    ]
    assert [row["adjudicator_notes"] for row in table(review / "conflicts.csv")] == [
        f"'{remark}"
    ] * 3
    assert run("merge", *files, "--adjudicated", review / "conflicts.csv").exit_code == 0
    assert (review / "conflicts.csv").read_bytes() == kept
    judged = CliRunner().invoke(main, ["evaluate-labels", "--gold", str(review / "gold.csv")])
    assert judged.exit_code == 0, judged.output
    scores = json.loads((audit / "labels/evaluation.json").read_text())
    assert scores["n_reports"] == 4
    assert scores["classes"]["Hernia"]["fn"] == 1
    assert scores["classes"]["Mass"]["fp"] == 1


def test_one_reader_and_what_is_unmarked(audit: Path) -> None:
    file = write_file(audit / "a.json", "A", [verdict("a", "Effusion", "present")])
    assert run("merge", file).exit_code == 0
    assert table(audit / "review/gold.csv") == [{"report_id": "a", "Effusion": "1"}]
    assert run("merge", file, "--unmarked", "right").exit_code == 0
    assert table(audit / "review/gold.csv") == [
        {"report_id": "a", "Effusion": "1", "Mass": "", "Hernia": ""}
    ]


def test_a_reader_keeps_his_number(audit: Path) -> None:
    for number, name in enumerate(("Zoe", "Anna"), 1):
        file = write_file(audit / f"{name}.json", name, whole())
        assert run("merge", file).exit_code == 0
        assert f"reader_{number}" in (audit / "review/conflicts.csv").read_text()


def write_mentions(folder: Path, rows: Iterable[tuple[str, str, int, str]]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = ("report_id", "label", "start", "end", "status")
    content = [(report, label, start, start + 5, status) for report, label, start, status in rows]
    arrays = dict(zip(columns, map(list, zip(*content, strict=True)), strict=True))
    pq.write_table(pa.table(arrays), folder / "mentions.parquet")


def test_mentions_speak_for_a_class_when_all_are_judged(audit: Path) -> None:
    write_mentions(
        audit / "labels",
        [
            ("a", "Effusion", 0, "present"),
            ("a", "Effusion", 9, "negated"),
            ("b", "Effusion", 0, "negated"),
            # The label set made the hedge a present class.
            ("b", "Mass", 0, "uncertain"),
        ],
    )
    first = mention("a", "Effusion", 0, "present", "wrong")
    second = mention("a", "Effusion", 9, "negated")

    def states(*verdicts: Any) -> dict[tuple[str, str], str]:
        file = write_file(audit / "a.json", "A", list(verdicts))
        merge_verdicts([file])
        rows = table(audit / "review/conflicts.csv") + [
            {"report_id": row["report_id"], "class": name, "reader_1": cell or "none"}
            for row in table(audit / "review/gold.csv")
            for name, cell in row.items()
            if name != "report_id"
        ]
        return {(row["report_id"], row["class"]): row["reader_1"] for row in rows}

    assert states(first) == {}
    assert states(first, second) == {("a", "Effusion"): "uncertain or negated"}
    assert states(first | {"should_be": "negated"}, second) == {("a", "Effusion"): "0"}
    assert states(first, second, verdict("a", "Effusion", "present")) == {("a", "Effusion"): "1"}
    assert states(mention("b", "Effusion", 0, "negated")) == {("b", "Effusion"): "0"}
    assert states(mention("b", "Mass", 0, "uncertain")) == {("b", "Mass"): "1"}
    assert states(mention("b", "Mass", 0, "uncertain", "wrong")) == {}


def test_a_mention_outside_of_the_label_set_says_nothing(audit: Path) -> None:
    known = verdict("a", "Effusion", "present")
    file = write_file(audit / "a.json", "A", [mention("a", "", 3, "present"), known])
    assert run("merge", file).exit_code == 0
    assert table(audit / "review/gold.csv") == [{"report_id": "a", "Effusion": "1"}]


HOSTILE: dict[str, tuple[Any, str]] = {
    "not JSON": (b"{", "is not JSON"),
    "not text": (b"\xff\xfe{}", "is not JSON"),
    "deep": (b"[" * 200_000, "is not JSON"),
    "huge": (b" " * ((64 << 20) + 1), "is larger than 64 MB"),
    "a long number": (b'{"version": ' + b"1" * 10_000 + b"}", "is not JSON"),
    "a list": ([], "is no file of the format chestx-review"),
    "another format": ({"format": "coco"}, "is no file of the format chestx-review"),
    "another version": ({"version": 2}, "is not of version 1"),
    "a version that is true": ({"version": True}, "is not of version 1"),
    "no reader": ({"reader": " "}, "does not name its reader"),
    "a long name": ({"reader": "x" * 201}, "a reader of more than 200 characters"),
    "half a letter": ({"reader": "\ud800"}, "a reader that is no text"),
    "no verdicts": ({"verdicts": []}, "has no verdict"),
    "verdicts by name": ({"verdicts": {}}, "has no list of verdicts"),
    "a verdict of words": ({"verdicts": ["right"]}, "verdict 1 is no object"),
    "twice the same": (
        {"verdicts": [verdict("a", "Effusion", "present")] * 2},
        "judges the same twice, in verdicts 1 and 2",
    ),
    "no id": ({"verdicts": [verdict("", "Effusion", "present")]}, "verdict 1 has no report_id"),
    "an id of digits": ({"verdicts": [verdict(7, "Mass", "")]}, "verdict 1 has no report_id"),  # type: ignore[arg-type]
    "another kind": (
        {"verdicts": [verdict("a", "Effusion", "present", kind="film")]},
        "verdict 1 is of no known kind",
    ),
    "a mention nowhere": (
        {"verdicts": [verdict("a", "Effusion", "present", kind="mention", start=4, end=4)]},
        "verdict 1 has no place in the text",
    ),
    "another state": ({"verdicts": [verdict("a", "Effusion", "maybe")]}, "no state that chestx"),
    "another truth": (
        {"verdicts": [verdict("a", "Effusion", "present", "wrong", should_be=1)]},
        "should be a state that chestx does not know",
    ),
    "another verdict": (
        {"verdicts": [verdict("a", "Effusion", "present", "yes")]},
        "neither right, wrong nor unsure",
    ),
    "right and not": (
        {"verdicts": [verdict("a", "Effusion", "present", should_be="negated")]},
        "verdict 1 contradicts itself",
    ),
    "wrong and not": (
        {"verdicts": [verdict("a", "Effusion", "present", "wrong", should_be="present")]},
        "verdict 1 contradicts itself",
    ),
    "a class of no label set": (
        {"verdicts": [verdict("a", "Aorta", "present")]},
        "judges a class that the labels do not have",
    ),
    "a report of another hospital": (
        {"verdicts": [verdict("secret-7", "Effusion", "present")]},
        "judges 1 report that the labels do not have",
    ),
    "labels of another day": (
        {"verdicts": [verdict("a", "Effusion", "negated")]},
        "1 verdict on a state that is another in the labels",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_bad_file_is_told_in_one_line(audit: Path, name: str) -> None:
    content, said = HOSTILE[name]
    path = audit / "bad.json"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, dict):
        content = {"verdicts": [verdict("a", "Effusion", "present")], **content}
        write_file(path, "R", **content) if "reader" not in content else write_file(path, **content)
    else:
        path.write_text(json.dumps(content))
    done = run("merge", path)
    assert done.exit_code == 1
    assert done.output.startswith("Error: 'bad.json'") or f"Error: '{path}'" in done.output
    assert said in done.output
    assert done.output.count("\n") == 1
    assert "secret" not in done.output
    assert not (audit / "review").exists()


def test_files_that_do_not_go_together(audit: Path) -> None:
    first = write_file(audit / "1.json", "A\u0308nne", whole())
    for again, more, said in (
        ("\u00c4nne ", {}, "are by the same reader"),
        ("B", {"label_set": "chexpert"}, "judge different label sets"),
    ):
        second = write_file(audit / "2.json", again, whole(), **more)
        with pytest.raises(ChestxError, match=said):
            merge_verdicts([first, second])


def test_adjudications_that_cannot_be_used(audit: Path) -> None:
    file = write_file(audit / "a.json", "A", whole())
    path = audit / "filled.csv"
    for content, said in (
        ("report_id,class\n", "has no column 'adjudicated'"),
        ("report_id,class,adjudicated\na,Mass,perhaps\n", "line 2 .* none of the states"),
        ("report_id,class,adjudicated\nz,Mass,present\n", "line 2 .* no report"),
        ("report_id,class,adjudicated\n" + "a,Mass,present\n" * 2, "line 3 .* an earlier line"),
        ("report_id,class,adjudicated\na,Mass\n", "line 2 .* cannot be read"),
    ):
        path.write_text(content)
        with pytest.raises(ChestxError, match=said):
            merge_verdicts([file], adjudicated=path)
    # The adjudicator has the last word, also where the readers agree.
    path.write_text("report_id,class,adjudicated\na,Mass,present\n")
    merge_verdicts([file], adjudicated=path)
    assert next(r for r in table(audit / "review/gold.csv") if r["report_id"] == "a")["Mass"] == "1"


def test_estimates_for_the_archive(tmp_path: Path) -> None:
    """A reader who knows the truth: the intervals of precision and recall hold it."""
    labels = archive(tmp_path / "labels")
    found = read_archive(labels)
    chance = random.Random(5)
    truth = {
        report: tuple(
            chance.choice(("present", "negated", "")) if chance.random() < 0.08 else state
            for state in states
        )
        for report, states in found.states.items()
    }
    pairs = [
        (name, said, true)
        for report in truth
        for name, said, true in zip(CLASSES, found.states[report], truth[report], strict=True)
    ]
    held = total = 0
    for seed in range(8):
        out = tmp_path / f"review{seed}"
        sample_reports(labels, out, n=250, seed=seed)
        verdicts = [
            verdict(report, name, said)
            if said == true
            else verdict(report, name, said, "wrong", should_be=true)
            for report in (out / "ids.txt").read_text().splitlines()
            for name, said, true in zip(CLASSES, found.states[report], truth[report], strict=True)
        ]
        file = write_file(tmp_path / f"{seed}.json", "A", verdicts)
        results = merge_verdicts([file], out, labels=labels).results
        for one in results.precision:
            right = [s == t for name, s, t in pairs if (name, s) == (one.label, one.state)]
            assert len(right) == one.archive
            total += 1
            held += (one.share.low or 0) <= sum(right) / len(right) <= (one.share.high or 0)
        for whole_class in results.recall:
            hits = [s == "present" for n, s, t in pairs if (n, t) == (whole_class.label, "present")]
            total += 1
            held += (
                (whole_class.share.low or 0)
                <= sum(hits) / len(hits)
                <= (whole_class.share.high or 0)
            )
    assert held / total >= 0.95
