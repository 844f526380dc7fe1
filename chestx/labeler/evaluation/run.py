"""The whole of `evaluate-labels`: read, score, explain, write."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from chestx.job.output import Output
from chestx.job.tables import text_table
from chestx.labeler.evaluation.comparison import compare
from chestx.labeler.evaluation.errors import errors_csv, label_errors
from chestx.labeler.evaluation.evaluate import Evaluation, evaluate
from chestx.labeler.evaluation.files import evaluation_json, evaluation_markdown
from chestx.labeler.evaluation.gold import Variant, is_openi, read_gold
from chestx.labeler.evaluation.published import Published, published
from chestx.labeler.evaluation.state_table import read_table
from chestx.labeler.evaluation.tables import notes, score_rows, status_rows
from chestx.labeler.readers import AUTO
from chestx.labeler.readers.mined import Reports, mined
from chestx.labeler.report import Report

EVALUATION, TABLES, ERRORS = "evaluation.json", "evaluation.md", "errors.csv"
PAPER_EVALUATION = "evaluation-paper-gold.json"
LABELS, MENTIONS = "labels.csv", "mentions.parquet"


def run_evaluation(
    labels: Path,
    gold: Path,
    *,
    out: Path | None = None,
    ids: Iterable[str] | None = None,
    classes: Sequence[str] | None = None,
    with_normal: bool = False,
    beside_published: bool = False,
    reports: Iterable[Report] = (),
) -> str:
    """Judge a `labels.csv`, or the folder that holds it, and return the tables to print.

    Leaves `evaluation.json`, `evaluation.md` and `errors.csv` beside the labels or in `out`; for
    the gold of OpenI without Normal also `evaluation-paper-gold.json`, the same with the gold of
    Table 18. `reports` are what the labels were mined from: they give the errors their sentences.
    """
    file = labels / LABELS if labels.is_dir() else labels
    table = read_table(file, "the labels file")
    digest = sha256(file.read_bytes()).hexdigest()
    wanted = None if ids is None else tuple(ids)
    titles = _titles(gold, with_normal)
    evaluations = {}
    for variant, title in titles.items():
        truth = read_gold(gold, variant=variant)
        compared = compare(table, truth, ids=wanted, classes=classes, with_normal=with_normal)
        evaluations[title] = evaluate(compared)
    first, *others = evaluations.values()
    columns = published(with_normal=with_normal) if beside_published else []
    mentions = file.with_name(MENTIONS)
    has_mentions = mentions.exists()
    errors = label_errors(first.comparison, mentions if has_mentions else None, reports)
    with Output(out or file.parent, private=True) as output:
        output.write(EVALUATION, evaluation_json(first, digest).encode())
        (output / PAPER_EVALUATION).unlink(missing_ok=True)
        for other in others:
            output.write(PAPER_EVALUATION, evaluation_json(other, digest).encode())
        output.write(TABLES, evaluation_markdown(evaluations, columns).encode())
        output.write(ERRORS, errors_csv(errors).encode())
    parts = [_printed(title, result, columns) for title, result in evaluations.items()]
    if not has_mentions:
        parts.append(f"No {MENTIONS} beside the labels: {ERRORS} cannot name sentences and rules.")
    if unread := sum(1 for error in errors if not (error.sentence or error.report)):
        parts.append(f"{unread:,} rows of {ERRORS} are without text: reports empty or not found.")
    return "\n\n".join(parts)


def reports_behind(
    labels: Path, gold: Path, paths: Sequence[Path] = (), *, format: str = AUTO
) -> Iterator[Report]:
    """Yield what the labels were mined from: `paths`, else the gold's own, else what they note."""
    if not paths and is_openi(gold):
        return Reports((gold,), "openi").read()
    reports = mined(labels if labels.is_dir() else labels.parent).reports(paths)
    return replace(reports, format=reports.format if format == AUTO else format).read()


def _titles(gold: Path, with_normal: bool) -> dict[Variant, str]:
    """Return the golds to judge by; only Table 18, which is without Normal, has one of its own."""
    if not is_openi(gold):
        return {"standard": "Gold"}
    titles: dict[Variant, str] = {"standard": "Gold from MeSH headings, as Table 1 of Wang et al."}
    if not with_normal:
        titles["paper"] = "Gold as in Table 18 of the ChestX-ray14 paper, hiatal hernias included"
    return titles


def _printed(title: str, evaluation: Evaluation, columns: Sequence[Published]) -> str:
    parts = [
        title,
        *notes(evaluation, columns),
        "",
        text_table(score_rows(evaluation.present, columns)),
    ]
    if evaluation.status is not None:
        parts += ["", text_table(status_rows(evaluation.status))]
    return "\n".join(parts)
