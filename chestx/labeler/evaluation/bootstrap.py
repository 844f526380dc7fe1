"""Bootstrap over reports, fast: reports with equal outcomes are drawn together.

Drawing n reports with replacement and counting how often each distinct outcome came up is one
draw from a multinomial, so a resample costs as much as there are distinct outcomes, and the
order of the reports cannot matter.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
SEED = 0
LEVEL = 0.95
BLOCK = 2**22


def outcome_patterns(outcomes: NDArray[np.int8]) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Return the distinct rows in sorted order and how many reports have each."""
    patterns, counts = np.unique(outcomes, axis=0, return_counts=True)
    return patterns, counts.astype(np.int64)


def samples(counts: NDArray[np.int64], *, resamples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Yield how many reports of each pattern there are: in the sample, then in each resample.

    Rows come in blocks of bounded size.
    """
    yield counts[np.newaxis]
    total = int(counts.sum())
    generator = np.random.default_rng(seed)
    step = max(1, BLOCK // len(counts))
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        yield generator.multinomial(total, counts / total, size=size)


def interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the percentile interval over the resamples in which the value is defined."""
    defined = values[~np.isnan(values)]
    if not len(defined):
        return float("nan"), float("nan")
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return float(low), float(high)
