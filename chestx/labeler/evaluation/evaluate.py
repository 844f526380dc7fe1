"""Precision, recall and F1 of mined labels against gold, with bootstrap intervals."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chestx.labeler.evaluation.bootstrap import RESAMPLES, SEED, interval, outcome_patterns, samples
from chestx.labeler.evaluation.comparison import Comparison, compare
from chestx.labeler.evaluation.gold import Gold, Variant, read_gold
from chestx.labeler.evaluation.state_table import (
    NEGATED,
    PRESENT,
    UNCERTAIN,
    StateTable,
    read_table,
)

LEAST_POSITIVES = 5
"""A convention, that of AUCs: so few need an interval most, and bootstrap cannot give it."""

TRUE_NEGATIVE, TRUE_POSITIVE, FALSE_POSITIVE, FALSE_NEGATIVE = range(4)

STATUSES: dict[str, tuple[int, ...]] = {
    "mention": (PRESENT, NEGATED, UNCERTAIN),
    "present": (PRESENT,),
    "negated": (NEGATED,),
    "uncertain": (UNCERTAIN,),
}
"""What counts as positive; "mention" is any of the three."""

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Score:
    """Counts of reports and what follows from them; None where it is undefined.

    F1 is undefined for a class without a positive in the gold; its interval for one with fewer than
    `LEAST_POSITIVES`: resamples of so few outcomes do not show how uncertain they are.
    """

    precision: float | None
    recall: float | None
    f1: float | None
    tp: int
    fp: int
    fn: int
    support: int
    f1_low: float | None
    f1_high: float | None


@dataclass(frozen=True)
class Mean:
    """Means over the classes in which the figure is defined."""

    precision: float | None
    recall: float | None
    f1: float | None
    f1_low: float | None
    f1_high: float | None


@dataclass(frozen=True)
class Panel:
    """Scores per class, of all decisions together (micro) and as means of classes (macro)."""

    classes: dict[str, Score]
    micro: Score
    macro: Mean


@dataclass(frozen=True)
class Evaluation:
    """How good labels are: `present` always, `status` where the gold has three states."""

    comparison: Comparison
    present: Panel
    status: dict[str, Panel] | None

    @property
    def n_reports(self) -> int:
        """Return how many reports were judged."""
        return len(self.comparison.ids)


def evaluate_labels(
    labels: Path,
    gold: Path,
    *,
    variant: Variant = "standard",
    ids: Iterable[str] | None = None,
    classes: Sequence[str] | None = None,
    with_normal: bool = False,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Evaluation:
    """Judge a `labels.csv` by a gold CSV or by the archive or folder of OpenI."""
    comparison = compare(
        read_table(labels, "the labels file"),
        read_gold(gold, variant=variant),
        ids=ids,
        classes=classes,
        with_normal=with_normal,
    )
    return evaluate(comparison, resamples=resamples, seed=seed)


def evaluate(comparison: Comparison, *, resamples: int = RESAMPLES, seed: int = SEED) -> Evaluation:
    """Score an alignment of labels and gold."""
    every = list(range(len(comparison.classes)))

    def panel(columns: list[int], positive: tuple[int, ...]) -> Panel:
        names = [comparison.classes[column] for column in columns]
        found = outcomes(comparison.labels[:, columns], comparison.gold[:, columns], positive)
        return _panel(names, found, resamples, seed)

    status = None
    if comparison.three_states:
        status = {name: panel(comparison.diseases, states) for name, states in STATUSES.items()}
    return Evaluation(comparison, panel(every, STATUSES["present"]), status)


def paired_difference(
    labels_a: StateTable,
    labels_b: StateTable,
    gold: Gold,
    *,
    ids: Iterable[str] | None = None,
    classes: Sequence[str] | None = None,
    with_normal: bool = False,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> tuple[float, float, float]:
    """Return micro-F1 of a minus that of b and its 95% interval, resampling reports in pairs."""
    wanted = None if ids is None else tuple(ids)
    both = set(labels_a.ids) & set(labels_b.ids)
    shared = sorted(both)
    sides = [
        compare(table.rows(shared), gold, ids=wanted, classes=classes, with_normal=with_normal)
        for table in (labels_a, labels_b)
    ]
    found = [outcomes(side.labels, side.gold, STATUSES["present"]) for side in sides]
    tp, fp, fn = _counts(np.hstack(found), resamples, seed)
    split = found[0].shape[1]
    f1_a, f1_b = (
        _f1(tp[:, side].sum(axis=1), fp[:, side].sum(axis=1), fn[:, side].sum(axis=1))
        for side in (slice(split), slice(split, None))
    )
    difference = f1_a - f1_b
    return (float(difference[0]), *interval(difference[1:]))


def outcomes(
    labels: NDArray[np.int8], gold: NDArray[np.int8], positive: tuple[int, ...]
) -> NDArray[np.int8]:
    """Return which of the four outcomes each label is when `positive` are the positive states."""
    said, true = np.isin(labels, positive), np.isin(gold, positive)
    found = np.full(labels.shape, TRUE_NEGATIVE, dtype=np.int8)
    found[said & true] = TRUE_POSITIVE
    found[said & ~true] = FALSE_POSITIVE
    found[~said & true] = FALSE_NEGATIVE
    return found


def _panel(names: Sequence[str], found: NDArray[np.int8], resamples: int, seed: int) -> Panel:
    # The first row of each is the sample itself, the others are resamples of it.
    tp, fp, fn = _counts(found, resamples, seed)
    f1 = _f1(tp, fp, fn)
    classes = {
        name: _score(tp[0, c], fp[0, c], fn[0, c], interval(f1[1:, c]))
        for c, name in enumerate(names)
    }
    tps, fps, fns = tp.sum(axis=1), fp.sum(axis=1), fn.sum(axis=1)
    micro = _score(tps[0], fps[0], fns[0], interval(_f1(tps, fps, fns)[1:]))
    macro = _mean(list(classes.values()), interval(_mean_defined(f1[1:])))
    return Panel(classes, micro, macro)


def _counts(found: NDArray[np.int8], resamples: int, seed: int) -> tuple[Counts, Counts, Counts]:
    """Return samples by classes: true positives, false positives, false negatives."""
    patterns, counts = outcome_patterns(found)
    counted = (TRUE_POSITIVE, FALSE_POSITIVE, FALSE_NEGATIVE)
    # Products of float64 run on BLAS and are exact for counts.
    indicators = np.hstack([patterns == outcome for outcome in counted]).astype(np.float64)
    blocks = [
        (block.astype(np.float64) @ indicators).astype(np.int64)
        for block in samples(counts, resamples=resamples, seed=seed)
    ]
    tp, fp, fn = np.split(np.vstack(blocks), 3, axis=1)
    return tp, fp, fn


def _f1(tp: Counts, fp: Counts, fn: Counts) -> NDArray[np.float64]:
    f1 = 2 * tp / np.maximum(2 * tp + fp + fn, 1)
    return np.where(tp + fn > 0, f1, np.nan)


def _score(tp: int, fp: int, fn: int, f1_interval: tuple[float, float]) -> Score:
    tp, fp, fn = int(tp), int(fp), int(fn)
    defined = tp + fn > 0
    low, high = f1_interval if tp + fn >= LEAST_POSITIVES else (None, None)
    return Score(
        precision=tp / (tp + fp) if tp + fp else None,
        recall=tp / (tp + fn) if defined else None,
        f1=2 * tp / (2 * tp + fp + fn) if defined else None,
        tp=tp,
        fp=fp,
        fn=fn,
        support=tp + fn,
        f1_low=low,
        f1_high=high,
    )


def _mean(scores: Sequence[Score], f1_interval: tuple[float, float]) -> Mean:
    judged = [score for score in scores if score.f1 is not None]

    def mean(values: Iterable[float | None]) -> float | None:
        defined = [value for value in values if value is not None]
        return sum(defined) / len(defined) if defined else None

    return Mean(
        precision=mean(score.precision for score in judged),
        recall=mean(score.recall for score in judged),
        f1=mean(score.f1 for score in judged),
        f1_low=f1_interval[0] if judged else None,
        f1_high=f1_interval[1] if judged else None,
    )


def _mean_defined(f1: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return row means over the defined entries, NaN where there is none."""
    defined = ~np.isnan(f1)
    count = defined.sum(axis=1)
    return np.where(count > 0, np.nansum(f1, axis=1) / np.maximum(count, 1), np.nan)
