"""What each part of the labeler is worth: the same concepts under other ways to judge them."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from chestx.job.tables import Row
from chestx.labeler.evaluation.comparison import compare
from chestx.labeler.evaluation.evaluate import Evaluation, evaluate, paired_difference
from chestx.labeler.evaluation.gold import Gold
from chestx.labeler.evaluation.state_table import StateTable, canonical_id, make_table
from chestx.labeler.evaluation.tables import percent
from chestx.labeler.report import Report, Result
from chestx.labeler.text.sections import split_sections

_NORMAL_WORD = re.compile(r"\bnormal\b", re.IGNORECASE)


class Mines(Protocol):
    """What the ablation needs of a labeler."""

    @property
    def classes(self) -> tuple[str, ...]:
        """The columns of the labels."""

    def pipe(self, reports: Iterable[Report]) -> Iterator[Result]:
        """Yield a result per report, in order."""


@dataclass(frozen=True)
class Variant:
    """`assertion` decides the mentions, `normal` whether a report is normal."""

    name: str
    assertion: str
    normal: Callable[[Report, Result], bool] = lambda _, result: result.normal


def literally_normal(report: Report, result: Result) -> bool:
    """Read the second criterion of Wang et al. 2017 to the letter: "normal" anywhere will do."""
    sections = (report.text[s.start : s.end] for s in split_sections(report.text))
    return result.normal or any(_NORMAL_WORD.search(section) for section in sections)


REFERENCE = Variant("dependency rules", "dependency")
VARIANTS = (REFERENCE, Variant("NegEx (negspaCy)", "negex"), Variant("no assertion", "none"))
LITERAL_NORMAL = Variant(
    "dependency rules, Normal to the letter", "dependency", normal=literally_normal
)


@dataclass(frozen=True)
class AblationRow:
    """A variant's scores; `difference` is its micro-F1 minus the reference's, with interval."""

    name: str
    evaluation: Evaluation
    difference: tuple[float, float, float] | None


def ablation(
    reports: Iterable[Report],
    gold: Gold,
    make_labeler: Callable[[str], Mines],
    *,
    ids: Iterable[str] | None = None,
    classes: Sequence[str] | None = None,
    with_normal: bool = False,
) -> list[AblationRow]:
    """Mine the reports of the gold once per way to assert and score each against the first.

    `make_labeler` returns the labeler for an assertion; to be fair they must differ in nothing
    else: `lambda assertion: Labeler(assertion=assertion)`. With `with_normal` the literal
    reading of the second Normal criterion is a row too.
    """
    wanted = None if ids is None else {canonical_id(written) for written in ids}
    judged = set(gold.table.ids) if wanted is None else wanted.intersection(gold.table.ids)
    chosen = [report for report in reports if canonical_id(report.id) in judged]
    variants = (*VARIANTS, LITERAL_NORMAL) if with_normal else VARIANTS
    names: tuple[str, ...] = ()
    results = {}
    for assertion in dict.fromkeys(variant.assertion for variant in variants):
        labeler = make_labeler(assertion)
        names, results[assertion] = labeler.classes, list(labeler.pipe(chosen))
    tables = [_table(variant, chosen, results[variant.assertion], names) for variant in variants]
    rows = []
    for variant, table in zip(variants, tables, strict=True):
        compared = compare(table, gold, ids=wanted, classes=classes, with_normal=with_normal)
        difference = None
        if variant is not REFERENCE:
            difference = paired_difference(
                table, tables[0], gold, ids=wanted, classes=classes, with_normal=with_normal
            )
        rows.append(AblationRow(variant.name, evaluate(compared), difference))
    return rows


def ablation_rows(rows: Sequence[AblationRow]) -> list[Row]:
    """Return the ablation as a table."""
    table = [["Assertion", "P", "R", "F1", "difference", "95% interval"]]
    for row in rows:
        micro = row.evaluation.present.micro
        cells = [row.name, *(percent(value) for value in (micro.precision, micro.recall, micro.f1))]
        if row.difference is None:
            table.append([*cells, "", ""])
        else:
            value, low, high = (100 * figure for figure in row.difference)
            table.append([*cells, f"{value:+.1f}", f"{low:+.1f} to {high:+.1f}"])
    return table


def _table(
    variant: Variant, reports: Sequence[Report], results: Sequence[Result], names: Sequence[str]
) -> StateTable:
    labels = {
        report.id: {**result.labels, "Normal": int(variant.normal(report, result))}
        for report, result in zip(reports, results, strict=True)
    }
    return make_table(labels, [*names, "Normal"])
