"""An evaluation as tables: the same rows for the terminal and for Markdown."""

from collections.abc import Sequence

from chestx.job.tables import Row
from chestx.labeler.evaluation.evaluate import Evaluation, Mean, Panel, Score
from chestx.labeler.evaluation.published import TOTAL, Published

UNDEFINED = "–"  # noqa: RUF001


def score_rows(panel: Panel, columns: Sequence[Published] = ()) -> list[Row]:
    """Return the classes, the total (micro) and the mean (macro), published columns beside."""
    header = ["Class", "n", "P", "R", "F1", "95% interval"]
    for column in columns:
        header += [f"{column.title} P / R / F1", "difference"]
    rows = [header]
    for name, score in panel.classes.items():
        rows.append(_score_row(name, score) + _beside(name, score, columns))
    rows.append(_score_row("Total (micro)", panel.micro) + _beside(TOTAL, panel.micro, columns))
    macro = panel.macro
    figures = [percent(value) for value in (macro.precision, macro.recall, macro.f1)]
    rows.append(["Mean (macro)", "", *figures, _interval(macro)] + [""] * (2 * len(columns)))
    return rows


def status_rows(status: dict[str, Panel]) -> list[Row]:
    """Return F1 per class of being mentioned at all and of each of the three states."""
    first = next(iter(status.values()))
    rows = [["Class", *(f"{name} F1 (n)" for name in status)]]
    rows += [
        [name, *(_f1_and_support(panel.classes[name]) for panel in status.values())]
        for name in first.classes
    ]
    rows.append(["Total (micro)", *(_f1_and_support(panel.micro) for panel in status.values())])
    return rows


def notes(evaluation: Evaluation, columns: Sequence[Published] = ()) -> list[str]:
    """Say what was judged, all that was left out, and which columns are of other reports."""
    compared = evaluation.comparison
    said = [f"{evaluation.n_reports:,} reports judged."]
    if compared.without_labels:
        said.append(f"{compared.without_labels:,} reports of the gold have no labels: left out.")
    if compared.without_gold:
        said.append(f"{compared.without_gold:,} of the ids asked for are not in the gold.")
    if compared.unjudged:
        said.append(f"{compared.unjudged:,} reports without a film are not in the gold.")
    if compared.only_in_gold:
        said.append(f"Classes of the gold without labels: {', '.join(compared.only_in_gold)}.")
    if compared.only_in_labels:
        said.append(f"Classes that the gold does not have: {', '.join(compared.only_in_labels)}.")
    for name, score in evaluation.present.classes.items():
        if not score.support:
            said.append(
                f"{name}: no positive in the gold, so F1 is undefined and left out of the mean;"
                f" its {score.fp} false positives count in the total."
            )
    if any(column.n_reports != evaluation.n_reports for column in columns):
        said.append(f"The published figures are of {columns[0].n_reports:,} reports of OpenI.")
    return said


def percent(value: float | None) -> str:
    """Return a fraction as per cent with one decimal, a dash where it is undefined."""
    return UNDEFINED if value is None else f"{100 * value:.1f}"


def _score_row(name: str, score: Score) -> Row:
    figures = [percent(value) for value in (score.precision, score.recall, score.f1)]
    return [name, str(score.support), *figures, _interval(score)]


def _beside(name: str, score: Score, columns: Sequence[Published]) -> Row:
    cells = []
    for column in columns:
        theirs = column.score(name)
        if theirs is None:
            cells += ["", ""]
        else:
            cells.append(" / ".join(f"{value:.1f}" for value in theirs))
            cells.append("" if score.f1 is None else f"{100 * score.f1 - theirs[2]:+.1f}")
    return cells


def _f1_and_support(score: Score) -> str:
    return f"{percent(score.f1)} ({score.support})"


def _interval(score: Score | Mean) -> str:
    if score.f1_low is None:
        return UNDEFINED
    return f"{percent(score.f1_low)} to {percent(score.f1_high)}"
