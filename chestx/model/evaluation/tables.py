"""An evaluation as Markdown, in the layout of the papers' tables."""

from collections.abc import Iterable, Mapping
from statistics import fmean

from chestx.job.count import count
from chestx.job.tables import Row, markdown_table
from chestx.model.evaluation.localization import (
    ClassLocalization,
    Localization,
    Measure,
    mean_accuracy,
)
from chestx.model.evaluation.metrics import Metrics
from chestx.model.evaluation.published import published_aucs, published_localizations
from chestx.model.evaluation.roc import Auc, MeanAuc

OVERLAPS: tuple[Measure, ...] = ("iou", "iobb")
UNDEFINED = "–"  # noqa: RUF001
_SAID = {
    "boxes": "Boxes: every box of the truth counts; it is hit where a box found for its class "
    "overlaps it by more than T. AFP: boxes found for the class that hit none, on all annotated "
    "images, over the number of boxes of the truth of all classes.",
    "regions": "Regions: one of each annotated image and class, against its boxes united, hit "
    "where they overlap by more than T. A region has no AFP.",
}
_CEILING = (
    "Grid P: what a perfect mask of P x P patches would reach, all that the boxes touch and no "
    "other: what a patch model is trained to find."
)


def metrics_markdown(metrics: Metrics) -> str:
    """Return the tables of `metrics.json`: AUC by class and localization at every threshold."""
    films = count(metrics.n_images, "film")
    patients = count(metrics.n_patients, "patient")
    boxes = "1 box" if metrics.n_boxes == 1 else f"{metrics.n_boxes:,} boxes"
    parts = [f"# Evaluation on {metrics.split}", f"{films} of {patients}, {boxes}."]
    parts += ["## Classification", markdown_table(auc_rows(metrics)), *_auc_notes(metrics)]
    parts += ["### Published mean AUCs", "Figures of different films do not compare."]
    parts.append(markdown_table(published_auc_rows(metrics)))
    parts.append(_sources((p.title, p.source) for p in published_aucs()))
    found, ceilings = metrics.localization, metrics.grid_ceiling
    if not metrics.n_boxes:
        parts += ["## Localization", "There are no boxes on these films."]
        return "\n\n".join(parts) + "\n"
    parts += ["## Localization", _SAID[found.kind], _CEILING]
    for overlap in OVERLAPS:
        parts += [
            f"### T({_name(found, overlap)})",
            markdown_table(localization_rows(found, ceilings, overlap)),
            "Mean accuracy beside the papers':",
            markdown_table(published_localization_rows(found, overlap)),
            _sources((p.title, p.source) for p in published_localizations(overlap)),
        ]
    return "\n\n".join(parts) + "\n"


def auc_rows(metrics: Metrics) -> list[Row]:
    """Return a row per class, also where its AUC is undefined, and the mean."""
    rows = [["Class", "Positive", "Negative", "AUC", "95% interval", "AUC, 200 thresholds"]]
    for name, auc in metrics.auc.items():
        numbers = [f"{auc.n_pos:,}", f"{auc.n_neg:,}"]
        rows.append([name, *numbers, *_auc_cells(auc)])
    rows.append(["Mean", "", "", *_auc_cells(metrics.mean_auc)])
    return rows


def published_auc_rows(metrics: Metrics) -> list[Row]:
    """Return the mean AUC here and those of the papers, with the split that each is of."""
    rows = [["Model", "Split", "Mean AUC"]]
    rows.append(["this model", metrics.split, decimal(metrics.mean_auc.value, 4)])
    for paper in published_aucs():
        values = dict.fromkeys((paper.low, paper.high))
        cell = " to ".join(decimal(value, 4) for value in values)
        rows.append([paper.title, paper.split, cell])
    return rows


def localization_rows(
    found: Localization, ceilings: Mapping[int, Localization], overlap: Measure
) -> list[Row]:
    """Return classes across; for each threshold accuracy, AFP (of boxes) and the grid ceilings.

    `overlap` is "iou" or "iobb".
    """
    by_threshold = found.of(overlap)
    names = list(next(iter(by_threshold.values())))
    numbers = [str(score.n) for score in next(iter(by_threshold.values())).values()]
    unit = "boxes" if found.kind == "boxes" else "images"
    rows = [["T", "", *names, "Mean"], ["", unit, *numbers, ""]]
    for threshold, scores in by_threshold.items():
        rows.append([decimal(threshold, 2), "Acc.", *_accuracies(scores)])
        if found.kind == "boxes":
            rows.append(["", "AFP", *_afps(scores)])
        for patches, ceiling in ceilings.items():
            scores = ceiling.of(overlap)[threshold]
            rows.append(["", f"Grid {patches}", *_accuracies(scores)])
    return rows


def published_localization_rows(found: Localization, overlap: Measure) -> list[Row]:
    """Return the mean accuracy here and those of the papers, thresholds across."""
    by_threshold = found.of(overlap)
    rows = [["Model", *(decimal(threshold, 2) for threshold in by_threshold)]]
    means = [mean_accuracy(scores) for scores in by_threshold.values()]
    rows.append(["this model", *map(decimal, means)])
    for paper in published_localizations(overlap):
        rows.append([paper.title, *(decimal(paper.accuracy.get(t)) for t in by_threshold)])
    return rows


def decimal(value: float | None, places: int = 3) -> str:
    """Return a fraction with so many places, a dash where it is undefined."""
    return UNDEFINED if value is None else f"{value:.{places}f}"


def _auc_cells(auc: Auc | MeanAuc) -> Row:
    ends = [decimal(auc.low, 4), decimal(auc.high, 4)]
    interval = UNDEFINED if auc.low is None else " to ".join(ends)
    return [decimal(auc.value, 4), interval, decimal(auc.value_200, 4)]


def _auc_notes(metrics: Metrics) -> list[str]:
    said = ["Intervals: bootstrap of patients; none where too few have the class."]
    if any(auc.n_pos + auc.n_neg < metrics.n_images for auc in metrics.auc.values()):
        said.append("Films on which a class is uncertain are left out for that class.")
    absent = [name for name, auc in metrics.auc.items() if auc.value is None]
    if absent:
        said.append(
            f"Without positives or without negatives, so undefined and not in the mean: "
            f"{', '.join(absent)}."
        )
    return [" ".join(said)]


def _accuracies(scores: Mapping[str, ClassLocalization]) -> Row:
    return [*(decimal(s.accuracy) for s in scores.values()), decimal(mean_accuracy(scores))]


def _afps(scores: Mapping[str, ClassLocalization]) -> Row:
    false = [score.afp for score in scores.values() if score.afp is not None]
    return [*map(decimal, false), decimal(fmean(false) if false else None)]


def _name(found: Localization, overlap: Measure) -> str:
    return "IoU" if overlap == "iou" else "IoBB" if found.kind == "boxes" else "IoR"


def _sources(papers: Iterable[tuple[str, str]]) -> str:
    return "\n".join(f"- {title}: {source}." for title, source in papers)
