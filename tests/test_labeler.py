"""The labeler as users call it: known answers, and results that depend on a report alone."""

import random
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chestx.labeler import Labeler, Report, Result
from chestx.labeler.assertion.rules import load_rules

# A report and its labels in the ChestX-ray14 set.
KNOWN = {
    "FINDINGS: No pneumothorax. Small left effusion.": {"Effusion": 1, "Pneumothorax": 0},
    "clear of focal airspace disease, pneumothorax, or pleural effusion": {
        "Effusion": 0,
        "Pneumothorax": 0,
    },
    "INDICATION: Rule out pneumonia.\n\nIMPRESSION: Normal chest.": {},
    "The heart is normal in size. Lungs are clear.": {"Cardiomegaly": 0},
    "The heart is mildly enlarged. Heart not enlarged.": {"Cardiomegaly": 1},
    "Opacity which may represent pneumonia or infiltrate.": {"Infiltration": -1, "Pneumonia": -1},
    "There is no change in the effusion, no pneumothorax.": {"Effusion": 1, "Pneumothorax": 0},
    "Subcutaneous emphysema. Mass effect on the trachea. Pericardial effusion.": {},
    "History of pneumonia. Prior effusion has resolved.": {"Effusion": 0},
    "Atelectasis rather than pneumonia.": {"Atelectasis": 1, "Pneumonia": 0},
    "Low lung volumes without edema, mild atelectasis.": {"Atelectasis": 1, "Edema": 0},
    "Pneumothorax: none. Effusion: no significant change.": {"Effusion": 1, "Pneumothorax": 0},
    "No evidence of: effusion, consolidation.": {"Effusion": 0, "Consolidation": 0},
    "Blunted left costophrenic angle. Fluid in the minor fissure.": {"Effusion": 1},
    "İ NO CARDIOMEGALY, BUT EMPHYSEMA.": {"Cardiomegaly": 0, "Emphysema": 1},
    "": {},
}


@pytest.fixture(scope="module")
def labeler() -> Labeler:
    return Labeler()


@pytest.mark.parametrize(("text", "labels"), KNOWN.items())
def test_known_reports(labeler: Labeler, text: str, labels: dict[str, int]) -> None:
    assert labeler(text).labels == labels


def test_grades_and_label_sets() -> None:
    text = "Pneumonia is likely. Atelectasis or consolidation. Nodule is possible."
    chexpert, nih = Labeler("chexpert")(text), Labeler("chestx-ray14")(text)
    grades = {mention.text: (mention.status, mention.certainty) for mention in nih.mentions}
    assert grades["Pneumonia"] == ("uncertain", "likely")
    assert grades["Nodule"] == ("uncertain", "possible")
    assert nih.labels == {"Atelectasis": 1, "Nodule": -1, "Pneumonia": 1, "Consolidation": 1}
    assert chexpert.labels == {
        "Lung Lesion": -1, "Consolidation": -1, "Pneumonia": 1, "Atelectasis": -1
    }  # fmt: skip


def test_chexpert_reads_the_impression_and_computes_no_finding() -> None:
    chexpert = Labeler("chexpert")
    report = "FINDINGS: Small effusion.\n\nIMPRESSION: Endotracheal tube in place. No edema."
    assert chexpert(report).labels == {"No Finding": 1, "Edema": 0, "Support Devices": 1}
    scoliosis = chexpert("Heart size normal. Scoliosis of the spine.")
    assert scoliosis.normal
    assert scoliosis.labels["No Finding"] == 1


def test_normal_by_either_criterion(labeler: Labeler) -> None:
    assert labeler("No acute disease.").normal
    assert labeler("Heart size is normal. Scoliosis.").normal
    assert not labeler("Scoliosis.").normal
    assert not labeler("Heart size is normal. Small effusion.").normal


def _reports() -> list[Report]:
    texts = [
        example.replace("[", "").replace("]", "")
        for rule in load_rules()
        for example in (*rule.examples, *rule.counterexamples)
    ]
    chosen = random.Random(0)
    return [
        Report(id=str(n), text="FINDINGS: " + " ".join(chosen.choices(texts, k=4)))
        for n in range(150)
    ]


def test_results_depend_on_the_report_alone() -> None:
    reports = _reports()
    expected = {report.id: result for report, result in _labelled(Labeler(), reports)}
    shuffled = random.Random(1).sample(reports, len(reports))
    for memory in (0, 3, 100_000):
        assert dict(_by_id(Labeler(memory=memory), shuffled)) == expected
    one_by_one = Labeler()
    assert all(one_by_one(report.text) == expected[report.id] for report in reports[:40])


def _labelled(labeler: Labeler, reports: list[Report]) -> Iterator[tuple[Report, Result]]:
    return zip(reports, labeler.pipe(reports), strict=True)


def _by_id(labeler: Labeler, reports: list[Report]) -> Iterator[tuple[str, Result]]:
    return ((report.id, result) for report, result in _labelled(labeler, reports))


WORDS = (
    "no without effusion pneumothorax, or and may represent İ XXXX heart size normal not enlarged "
    "left-sided 1.2 cm cannot exclude {0} } pneumonia. \n FINDINGS: resolved ; : / ? prior of the"
).split(" ")


@given(st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_offsets_count_in_the_text_as_read(text: str) -> None:
    result = LABELER(text)
    for mention in result.mentions:
        assert text[mention.start : mention.end] == mention.text
    for one, other in pairwise(result.mentions):
        assert (one.sentence, one.start) <= (other.sentence, other.start)


LABELER = Labeler()
