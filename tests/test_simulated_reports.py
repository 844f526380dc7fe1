"""Simulated reports against the labeler that knows nothing of them, and against themselves."""

import re
from collections import Counter
from functools import lru_cache
from random import Random

import pytest

from chestx.errors import ChestxError
from chestx.labeler import Labeler
from chestx.labeler.report import Result
from chestx.labeler.text.sections import split_sections
from chestx.simulation.report.grammar import compile_template, expand, sentence
from chestx.simulation.report.place import finding_slots
from chestx.simulation.report.setting import Occasion, setting
from chestx.simulation.report.vocabulary import classes, frames, remarks
from chestx.simulation.report.write import write_report
from chestx.simulation.study import Finding, Side, SimulatedReport, View, Zone

REPORTS = 1500
EXPECTED_F1 = 0.97
ZONES: dict[str, tuple[Zone, ...]] = {
    "Cardiomegaly": ("",), "Hernia": ("",), "Edema": ("whole",), "Emphysema": ("whole",),
    "Effusion": ("base",), "Pneumothorax": ("apex", "base", "whole"),
    "Pleural_Thickening": ("apex", "base", "whole"),
}  # fmt: skip
ANY_ZONE: tuple[Zone, ...] = ("apex", "upper", "middle", "lower", "base", "whole", "")
SIDES: tuple[Side, ...] = ("left", "right", "both")
VIEWS: tuple[View, ...] = ("PA", "AP", "LL")


def draw_findings(random: Random) -> list[Finding]:
    found = []
    for label in random.sample(sorted(classes()), random.choice((0, 0, 1, 1, 2, 3, 4))):
        side: Side = random.choice(SIDES)
        if label in ("Cardiomegaly", "Hernia", "Edema", "Emphysema"):
            side = "" if ZONES[label] == ("",) else "both"
        number = random.choice((1, 1, 2, 8)) if label in ("Nodule", "Mass") else 1
        zone = random.choice(ZONES.get(label, ANY_ZONE))
        found.append(Finding(label, side, zone, random.random(), number))
    return found


def one_report(seed: int) -> tuple[list[Finding], SimulatedReport]:
    random = Random(seed)
    findings = draw_findings(random)
    previous = random.choice((None, findings[1:], draw_findings(random)))
    return findings, write_report(
        findings,
        view=random.choice(VIEWS),
        sex=random.choice(("F", "M")),
        age=random.randrange(95),
        previous=previous,
        seed=seed,
    )


@lru_cache(maxsize=1)
def labeler() -> Labeler:
    return Labeler()


@lru_cache(maxsize=1)
def sample() -> list[tuple[list[Finding], SimulatedReport, Result]]:
    written = [one_report(seed) for seed in range(REPORTS)]
    results = labeler().pipe(report.text for _, report in written)
    return [(*one, result) for one, result in zip(written, results, strict=True)]


def test_the_same_seed_writes_the_same_report() -> None:
    assert [one_report(seed) for seed in range(50)] == [one_report(seed) for seed in range(50)]
    assert len({report.text for _, report, _ in sample()}) == REPORTS


def test_the_labeler_reads_what_was_written() -> None:
    counts: Counter[tuple[int, bool, bool]] = Counter()
    for _, report, result in sample():
        for label in {*report.states, *result.labels}:
            for state in (1, -1, 0):
                said, read = report.states.get(label), result.labels.get(label)
                counts[state, said == state, read == state] += 1
    for state in (1, -1, 0):
        right, missed = counts[state, True, True], counts[state, True, False]
        invented = counts[state, False, True]
        f1 = 2 * right / (2 * right + missed + invented)
        assert f1 >= (EXPECTED_F1 if state != -1 else 0.92), state


def test_each_class_is_said_to_be_there_denied_and_doubted() -> None:
    said = {(label, state) for _, report, _ in sample() for label, state in report.states.items()}
    assert said == {(label, state) for label in classes() for state in (1, 0, -1)}
    assert set(classes()) == set(labeler().classes)


def test_what_is_on_the_film_is_told_and_never_denied() -> None:
    for findings, report, _ in sample():
        shown = {finding.label for finding in findings}
        assert all(report.states[label] in (1, -1) for label in shown)
        assert {label for label, state in report.states.items() if state == 1} <= shown
    denied = [
        mention
        for findings, _, result in sample()
        for mention in result.mentions
        if mention.label in {finding.label for finding in findings}
        and (mention.status, mention.certainty) == ("negated", "definite")
    ]
    # Few, and misread: "lucency without lung markings represents a pneumothorax", and what was
    # not there on an earlier film, where its name or date stands between.
    assert len(denied) < 0.04 * sum(len(findings) for findings, _, _ in sample())


@pytest.mark.parametrize(("side", "other"), [("left", "right"), ("right", "left")])
def test_a_finding_stays_on_its_side(side: Side, other: str) -> None:
    for seed in range(200):
        label = sorted(classes())[seed % len(classes())]
        if not classes()[label].sided:
            continue
        finding = Finding(label, side, "", 0.5)
        report = write_report([finding], view="PA", sex="F", age=30, previous=[], seed=seed)
        for line in re.split(r"(?<=\.)\s|\n", report.text):
            if any(mention.label == label for mention in labeler()(line).mentions):
                assert not re.search(rf"\b({other}|bilateral|both)\b", line, re.IGNORECASE), line


def test_the_indication_asks_and_does_not_tell() -> None:
    asking = re.compile(r"pneumonia|effusion|pneumothorax|emphysema|mass|nodule", re.IGNORECASE)
    asked = 0
    for seed in range(400):
        report = write_report([], view="PA", sex="M", age=40, previous=None, seed=seed)
        assert 1 not in report.states.values()
        assert 1 not in labeler()(report.text).labels.values(), report.text
        first = next(iter(split_sections(report.text)))
        asked += asking.search(report.text[: first.start]) is not None
    assert asked > 80


def test_headings_are_read_as_headings() -> None:
    both = 0
    for _, report, _ in sample():
        names = {section.name for section in split_sections(report.text)}
        assert names <= {"findings", "impression", "report"}
        both += {"findings", "impression"} <= names
    assert both > REPORTS / 3


@pytest.mark.parametrize("side", ["left", "both", ""])
def test_every_phrase_can_be_filled(side: Side) -> None:
    common = setting(Occasion("AP", "F", 60, None), "XXXX", lambda: 0.0)
    of_any = [one for rows in frames()["findings"].values() for one in rows]
    for label, phrases in classes().items():
        slots = {**common, **finding_slots(Finding(label, side, "base", 0.5))}
        own = [one for rows in phrases.own.values() for one in rows]
        for chance in (0.0, 0.5, 0.99):
            for phrase in own + of_any:
                text = sentence(expand(phrase.template, slots, lambda c=chance: c))
                assert re.fullmatch(r"[A-Z0-9?][^{}\[\]<>|]*[.?]", text), text
    for remark in remarks():
        assert all(expand(phrase, common, lambda: 0.0) for phrase in remark.phrases)


def test_the_notation_of_phrases() -> None:
    slots = {"side": (("left",),)}
    template = compile_template("[There <is|are>] {side} effusion<|s>")
    assert sentence(expand(template, slots, lambda: 0.0)) == "There is left effusion."
    assert sentence(expand(template, slots, lambda: 0.0, True)) == "There are left effusions."
    for broken in ("[a|b", "a]", "<a>", "{side", "a > b"):
        with pytest.raises(ChestxError):
            compile_template(broken)
