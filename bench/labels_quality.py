"""How good the labels are: OpenI against its human annotation, beside the published figures."""

import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.data import TEST_IDS, archive
from bench.outcome import Bar, Outcome
from bench.processes import MINE, timed
from chestx.job.tables import Row
from chestx.labeler.evaluation.comparison import compare, read_ids
from chestx.labeler.evaluation.evaluate import Evaluation, evaluate, paired_difference
from chestx.labeler.evaluation.gold import Gold, read_gold
from chestx.labeler.evaluation.published import published
from chestx.labeler.evaluation.state_table import StateTable, read_table
from chestx.labeler.evaluation.tables import percent, score_rows

RULES, NEGEX, NONE = "dependency", "negex", "none"
Ids = Sequence[str] | None
Difference = tuple[float, float, float]


def measure() -> Outcome:
    """Mine with each assertion as a user would, score by both golds, compare in pairs."""
    labels = _mine((RULES, NEGEX, NONE))
    standard, paper = (read_gold(archive(), variant=name) for name in ("standard", "paper"))
    ids = read_ids(TEST_IDS) if TEST_IDS.exists() else None
    sets = {"all": None} if ids is None else {"771": ids, "all": None}
    scores = {name: _score(labels[RULES], standard, chosen) for name, chosen in sets.items()}
    normal = _score(labels[RULES], standard, None, with_normal=True)
    by_paper = {name: _score(labels[RULES], paper, chosen) for name, chosen in sets.items()}
    differences = {
        (name, other): paired_difference(labels[RULES], labels[other], standard, ids=chosen)
        for name, chosen in sets.items()
        for other in (NEGEX, NONE)
    }
    tables = _tables(scores, normal, by_paper)
    tables["What the rules are worth (13 classes)"] = _ablation_rows(
        {
            (name, kind): _score(labels[kind], standard, sets[name])
            for name in sets
            for kind in labels
        },
        differences,
    )
    return Outcome(
        bars=_bars(scores, normal, differences),
        figures={
            "gold": {name: _figures(score) for name, score in scores.items()},
            "gold, 8+Normal": _figures(normal),
            "paper's gold": {name: _figures(score) for name, score in by_paper.items()},
            "difference": {
                f"{RULES} - {other}, {name}": dict(
                    zip(("value", "low", "high"), found, strict=True)
                )
                for (name, other), found in differences.items()
            },
        },
        tables=tables,
        notes=() if ids else (f"{TEST_IDS.name} is not here: the 771 were not judged.",),
    )


def _mine(assertions: Sequence[str]) -> dict[str, StateTable]:
    tables = {}
    with tempfile.TemporaryDirectory() as folder:
        for assertion in assertions:
            out = Path(folder, assertion)
            timed([*MINE, archive(), "-o", out, "--assertion", assertion])
            tables[assertion] = read_table(out / "labels.csv", "the labels file")
    return tables


def _score(labels: StateTable, gold: Gold, ids: Ids, *, with_normal: bool = False) -> Evaluation:
    return evaluate(compare(labels, gold, ids=ids, with_normal=with_normal))


def _bars(
    scores: dict[str, Evaluation],
    normal: Evaluation,
    differences: dict[tuple[str, str], Difference],
) -> list[Bar]:
    bars = []
    for name, score in scores.items():
        micro = score.present.micro
        bars.append(Bar(f"{name}: F1", micro.f1 or 0.0, "at least", 0.90, 0.93))
        if name == "771":
            bars.append(Bar(f"{name}: precision", micro.precision or 0.0, "at least", 0.90))
    bars.append(Bar("8+Normal: F1", normal.present.micro.f1 or 0.0, "at least", 0.93))
    for (name, other), (value, low, _) in differences.items():
        if other == NEGEX:
            bars.append(Bar(f"{name}: F1 over {other}, lower end", low, "above", 0.0))
            bars.append(Bar(f"{name}: F1 over {other}", value, "above", 0.0, 0.03))
    return bars


def _tables(
    scores: dict[str, Evaluation], normal: Evaluation, by_paper: dict[str, Evaluation]
) -> dict[str, list[Row]]:
    columns = published(with_normal=False)
    found: dict[str, list[Row]] = {}
    for gold, evaluations in (("gold from the headings", scores), ("the paper's gold", by_paper)):
        for name, score in evaluations.items():
            # What the papers report is of the 771.
            beside = columns if name == "771" else []
            title = f"{name} ({score.n_reports:,} reports), {gold}"
            found[title] = score_rows(score.present, beside)
    title = f"8+Normal ({normal.n_reports:,} reports), gold from the headings"
    found[title] = score_rows(normal.present, published(with_normal=True))
    return found


def _ablation_rows(
    scores: dict[tuple[str, str], Evaluation], differences: dict[tuple[str, str], Difference]
) -> list[Row]:
    rows = [["Reports, assertion", "P", "R", "F1", "F1 of the rules over it", "95% interval"]]
    for (name, kind), score in scores.items():
        micro = score.present.micro
        cells = [percent(value) for value in (micro.precision, micro.recall, micro.f1)]
        difference = ["", ""]
        if kind != RULES:
            value, low, high = (100 * figure for figure in differences[name, kind])
            difference = [f"{value:+.1f}", f"{low:+.1f} to {high:+.1f}"]
        rows.append([f"{name}, {kind}", *cells, *difference])
    return rows


def _figures(evaluation: Evaluation) -> dict[str, Any]:
    panel = evaluation.present
    return {
        "n_reports": evaluation.n_reports,
        "micro": asdict(panel.micro),
        "macro": asdict(panel.macro),
        "classes": {name: asdict(score) for name, score in panel.classes.items()},
    }
