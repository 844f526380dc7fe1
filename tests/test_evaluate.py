"""Scores of labels: known answers, properties, files and the ablation's arithmetic."""

import csv
import json
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from chestx.job.tables import text_table
from chestx.labeler.batch.mine import mine_labels
from chestx.labeler.evaluation.ablation import ablation, ablation_rows
from chestx.labeler.evaluation.comparison import compare
from chestx.labeler.evaluation.errors import sentence_around
from chestx.labeler.evaluation.evaluate import evaluate, evaluate_labels, paired_difference
from chestx.labeler.evaluation.gold import Gold
from chestx.labeler.evaluation.run import reports_behind, run_evaluation
from chestx.labeler.evaluation.state_table import StateTable, make_table
from chestx.labeler.report import Report, Result

CLASSES = ("Edema", "Mass", "Nodule")
STATES = st.integers(2, 40).flatmap(
    lambda n: st.lists(
        st.lists(st.sampled_from([1, 0, -1, -2]), min_size=6, max_size=6), min_size=n, max_size=n
    )
)


def table(states: NDArray[np.int8] | list[list[int]], classes: tuple[str, ...]) -> StateTable:
    cells = np.array(states, dtype=np.int8)
    return StateTable(tuple(f"r{i:03}" for i in range(len(cells))), classes, cells)


def test_known_answer_with_three_states() -> None:
    gold = table([[1, 1], [1, 0], [0, -1], [-2, -2], [-1, -2]], ("Edema", "Mass"))
    labels = table([[1, -1], [0, 0], [1, -1], [-2, 0], [-1, -2]], ("Edema", "Mass"))
    result = evaluate(compare(labels, Gold(gold)))
    edema, mass = result.present.classes["Edema"], result.present.classes["Mass"]
    assert (edema.tp, edema.fp, edema.fn, edema.support) == (1, 1, 1, 2)
    assert (edema.precision, edema.recall, edema.f1) == (0.5, 0.5, 0.5)
    assert (mass.tp, mass.fp, mass.fn, mass.precision, mass.f1) == (0, 0, 1, None, 0.0)
    assert result.present.micro.f1 == pytest.approx(2 * 1 / (2 * 1 + 1 + 2))
    assert result.present.macro.f1 == 0.25
    assert result.status is not None
    micro = {name: panel.micro for name, panel in result.status.items()}
    assert [(s.tp, s.fp, s.fn) for s in micro.values()] == [
        (7, 1, 0),
        (1, 1, 2),
        (1, 2, 1),
        (2, 1, 0),
    ]
    assert micro["present"] == result.present.micro


def test_class_without_positives_is_undefined_and_not_in_the_mean() -> None:
    gold = table([[1, 0], [0, 0]], ("Edema", "Mass"))
    labels = table([[1, 1], [0, -2]], ("Edema", "Mass"))
    result = evaluate(compare(labels, Gold(gold)))
    mass = result.present.classes["Mass"]
    assert (mass.precision, mass.recall, mass.f1, mass.f1_low, mass.fp) == (
        0.0,
        None,
        None,
        None,
        1,
    )
    assert result.present.macro.f1 == 1.0
    assert result.present.micro.precision == 0.5
    assert result.status is None
    nothing = evaluate(compare(labels, Gold(gold), classes=["Mass"]))
    assert nothing.present.macro.f1 is None
    assert nothing.present.micro.f1 is None


def test_few_positives_have_no_interval() -> None:
    four, five = [1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 0]
    gold = table([list(row) for row in zip(four, five, strict=True)], ("Edema", "Mass"))
    scores = evaluate(compare(gold, Gold(gold))).present.classes
    assert (scores["Edema"].f1_low, scores["Edema"].f1_high) == (None, None)
    assert (scores["Mass"].f1_low, scores["Mass"].f1_high) == (1.0, 1.0)


@settings(max_examples=60, deadline=None)
@given(STATES, st.integers(0, 2**32 - 1))
def test_scores_do_not_depend_on_order_and_agree_with_counting(
    cells: list[list[int]], seed: int
) -> None:
    labels = table([row[:3] for row in cells], CLASSES)
    gold = table([row[3:] for row in cells], CLASSES)
    result = evaluate(compare(labels, Gold(gold)), resamples=50)
    for column, name in enumerate(CLASSES):
        pairs = [(row[column] == 1, row[3 + column] == 1) for row in cells]
        score = result.present.classes[name]
        counted = [pairs.count(pair) for pair in ((True, True), (True, False), (False, True))]
        assert [score.tp, score.fp, score.fn] == counted
        if score.f1:
            harmonic = 2 / (1 / (score.precision or 1) + 1 / (score.recall or 1))
            assert score.f1 == pytest.approx(harmonic)
    order = list(labels.ids)
    Random(seed).shuffle(order)
    again = evaluate(compare(labels.rows(order), Gold(gold.rows(reversed(order)))), resamples=50)
    assert again.present == result.present
    assert again.status == result.status
    perfect = evaluate(compare(gold, Gold(gold)), resamples=50).present.micro
    assert perfect.f1 in (1.0, None)
    if result.present.micro.f1 is not None:
        assert paired_difference(labels, labels, Gold(gold), resamples=50) == (0, 0, 0)


def noisy(seed: int, n: int, miss: float) -> tuple[StateTable, StateTable]:
    rng = np.random.default_rng(seed)
    gold = (rng.random((n, 3)) < 0.2).astype(np.int8)
    labels = np.where(rng.random((n, 3)) < miss, 1 - gold, gold)
    return table(labels, CLASSES), table(gold, CLASSES)


def test_intervals_hold_the_estimate_narrow_with_n_and_match_plain_resampling() -> None:
    widths = []
    for n in (200, 3200):
        labels, gold = noisy(1, n, 0.05)
        micro = evaluate(compare(labels, Gold(gold))).present.micro
        assert micro.f1_low is not None
        assert micro.f1 is not None
        assert micro.f1_high is not None
        assert micro.f1_low < micro.f1 < micro.f1_high
        widths.append(micro.f1_high - micro.f1_low)
    assert widths[0] / widths[1] == pytest.approx(4, rel=0.25)
    labels, gold = noisy(1, 200, 0.05)
    rng = np.random.default_rng(7)
    plain = []
    for _ in range(2000):
        drawn = rng.integers(0, 200, 200)
        said, true = labels.states[drawn] == 1, gold.states[drawn] == 1
        plain.append(2 * (said & true).sum() / (said.sum() + true.sum()))
    low, high = np.quantile(plain, [0.025, 0.975])
    micro = evaluate(compare(labels, Gold(gold))).present.micro
    assert (micro.f1_low, micro.f1_high) == pytest.approx((low, high), abs=0.01)


def test_paired_difference_is_surer_than_two_intervals() -> None:
    good, gold = noisy(1, 600, 0.05)
    worse = StateTable(good.ids, good.classes, good.states.copy())
    worse.states[:60, 0] = 1 - gold.states[:60, 0]
    difference, low, high = paired_difference(good, worse, Gold(gold))
    a, b = (evaluate(compare(t, Gold(gold))).present.micro for t in (good, worse))
    assert a.f1 is not None
    assert b.f1 is not None
    assert difference == pytest.approx(a.f1 - b.f1)
    assert 0 < low < difference < high
    reverse = paired_difference(worse, good, Gold(gold))
    assert reverse == pytest.approx((-difference, -high, -low), abs=0.005)


TEXTS = {
    "CXR1": "FINDINGS: The heart is large. There is no edema. IMPRESSION: Edema at the bases.",
    "CXR2": "FINDINGS: No edema is seen. IMPRESSION: Possible mass.",
    "CXR3": "FINDINGS: Clear lungs. IMPRESSION: Normal chest.",
}


def mention(report: str, text: str, label: str, status: str, rule: str) -> dict[str, object]:
    start = TEXTS[report].index(text)
    return {
        "report_id": report, "section": "findings", "sentence": 0, "start": start,
        "end": start + len(text), "text": text, "label": label, "cui": "", "concept": "",
        "semantic_type": "", "status": status, "certainty": "definite", "rule": rule,
        "evidence": "because",
    }  # fmt: skip


@pytest.fixture
def labels_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "labels"
    folder.mkdir(mode=0o700)
    (folder / "labels.csv").write_text(
        "report_id,Finding Labels,Normal,Edema,Mass,Pleural_Thickening\n"
        "CXR1,Edema,0,1,,\nCXR2,No Finding,0,0,-1,\nCXR3,No Finding,1,,,\n"
    )
    rows = [
        mention("CXR1", "edema", "Edema", "negated", "no"),
        mention("CXR1", "Edema", "Edema", "present", ""),
        mention("CXR2", "edema", "Edema", "negated", "no"),
        mention("CXR2", "mass", "Mass", "uncertain", "possible"),
    ]
    pq.write_table(pa.Table.from_pylist(rows), folder / "mentions.parquet")
    (tmp_path / "gold.csv").write_text(
        "filename,Edema,Mass,Pleural Thickening\nCXR1,0,0,0\nCXR2,1,1,0\nCXR3,0,0,0\nCXR4,1,0,0\n"
    )
    return folder


def test_files_say_what_is_wrong_and_why(labels_folder: Path) -> None:
    corpus = labels_folder.parent / "corpus"
    corpus.mkdir()
    for report, text in TEXTS.items():
        (corpus / f"{report}.txt").write_text(text)
    gold = labels_folder.parent / "gold.csv"
    reports = reports_behind(labels_folder, gold, [corpus])
    printed = run_evaluation(labels_folder, gold, beside_published=True, reports=reports)
    assert "1 reports of the gold have no labels" in printed
    content = json.loads((labels_folder / "evaluation.json").read_text())
    assert content.keys() == {"labels_sha256", "n_reports", "classes", "micro", "macro"}
    assert content["n_reports"] == 3
    fields = ["precision", "recall", "f1", "tp", "fp", "fn", "support", "f1_low", "f1_high"]
    assert list(content["classes"]["Edema"]) == fields
    assert content["classes"]["Pleural_Thickening"]["f1"] is None
    tables = (labels_folder / "evaluation.md").read_text()
    assert "Paper, 771" in tables
    assert "88.7" not in tables
    with (labels_folder / "errors.csv").open(newline="") as file:
        errors = {(e["report_id"], e["class"]): e for e in csv.DictReader(file)}
    assert {key: e["kind"] for key, e in errors.items()} == {
        ("CXR1", "Edema"): "FP",
        ("CXR2", "Edema"): "FN",
        ("CXR2", "Mass"): "FN",
    }
    false_positive, missed = errors["CXR1", "Edema"], errors["CXR2", "Mass"]
    assert false_positive["mention"] == "Edema"
    assert false_positive["sentence"].endswith("Edema at the bases.")
    assert false_positive["report"] == ""
    assert (missed["status"], missed["rule"]) == ("uncertain", "possible")
    assert missed["report"] == "No edema is seen. Possible mass."
    for name in ("evaluation.json", "evaluation.md", "errors.csv"):
        assert stat.S_IMODE((labels_folder / name).stat().st_mode) == 0o600


def test_reports_are_read_as_they_were_mined(tmp_path: Path) -> None:
    table = tmp_path / "export.csv"
    table.write_text("number,words,note\n7,Possible mass.,x\n8,No edema.,y\n")
    labels, gold = tmp_path / "labels", tmp_path / "gold.csv"
    mine_labels([table], labels, text_column="words", id_column="number", workers=1, quiet=True)
    gold.write_text("id,Mass,Edema\n7,1,0\n8,0,1\n")
    run_evaluation(labels, gold, reports=reports_behind(labels, gold))
    with (labels / "errors.csv").open(newline="") as file:
        assert [row["report"] for row in csv.DictReader(file)] == ["Possible mass.", "No edema."]


def test_labels_of_others_need_no_mentions_and_no_reports(labels_folder: Path) -> None:
    gold = labels_folder.parent / "gold.csv"
    before = run_evaluation(labels_folder / "labels.csv", gold)
    assert "3 rows of errors.csv are without text" in before
    (labels_folder / "mentions.parquet").unlink()
    assert "No mentions.parquet" in run_evaluation(labels_folder, gold)
    first = (labels_folder / "evaluation.json").read_bytes()
    run_evaluation(labels_folder, gold)
    assert (labels_folder / "evaluation.json").read_bytes() == first
    result = evaluate_labels(labels_folder / "labels.csv", gold, classes=["mass"])
    assert list(result.present.classes) == ["Mass"]


def test_sentence_around_a_position() -> None:
    text = "INDICATION: Cough. FINDINGS: First 1.5 cm. The second\nline. Third"
    assert sentence_around(text, text.index("second")) == "The second line."
    assert sentence_around(text, len(text) - 1) == "Third"
    assert sentence_around("", 3) == ""


class WordLabeler:
    """Finds "edema" and "mass" by their words, with "no" believed or not."""

    classes = ("Edema", "Mass")

    def __init__(self, assertion: str) -> None:
        self.believes_no = assertion == "dependency"

    def pipe(self, reports: Iterable[Report]) -> Iterator[Result]:
        for report in reports:
            text = report.text.lower()
            found = {
                name: 0 if self.believes_no and f"no {name.lower()}" in text else 1
                for name in self.classes
                if name.lower() in text
            }
            yield Result(found, not any(found.values()) and "heart" not in text, ())


def test_ablation_scores_the_same_reports_against_the_reference() -> None:
    texts = [
        "No edema.",
        "Edema.",
        "No mass.",
        "Mass.",
        "Normal heart.",
        "Heart large, lungs normal",
    ]
    reports = [Report(f"r{i}", text) for i, text in enumerate(texts)]
    truth = [{}, {"Edema": 1}, {}, {"Mass": 1}, {"Normal": 1}, {"Edema": 1}]
    names = ("Edema", "Mass", "Normal")
    cells = {f"r{i}": {n: row.get(n, 0) for n in names} for i, row in enumerate(truth)}
    gold = Gold(make_table(cells, names))
    reports.append(Report("not in the gold", "Edema."))
    rows = ablation(reports, gold, WordLabeler)
    assert [row.evaluation.n_reports for row in rows] == [6, 6, 6]
    assert rows[0].difference is None
    assert rows[0].evaluation.present.micro.fp == 0
    assert rows[1].evaluation.present.micro.fp == 2
    assert rows[1].difference is not None
    assert rows[1].difference[0] < 0
    assert "NegEx" in text_table(ablation_rows(rows))
    with_normal = ablation(reports, gold, WordLabeler, with_normal=True, classes=["edema", "mass"])
    plain, literal = with_normal[0].evaluation, with_normal[-1].evaluation
    assert plain.n_reports == literal.n_reports == 4
    assert (plain.present.classes["Normal"].tp, plain.present.classes["Normal"].fp) == (0, 0)
    assert (literal.present.classes["Normal"].tp, literal.present.classes["Normal"].fp) == (1, 1)
