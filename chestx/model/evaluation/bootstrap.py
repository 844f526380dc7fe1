"""Bootstrap of AUCs over patients, fast: counting is a product of sparse matrices.

An AUC counts the pairs of a positive and a negative film in which the positive scores higher, and
half of those that tie. In a resample a film counts as often as its patient is drawn. The scores of
the positives cut the scale into bins, so all that a resample needs is how many negatives are in
each bin: the matrix "negatives of patient p in bin b" times "times that p is drawn".
"""

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

RESAMPLES = 1000
SEED = 0
LEVEL = 0.95
BLOCK = 2**22
"""Numbers that a block of resamples holds at once: 32 MB."""

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]


def draws(
    patients: npt.NDArray[np.integer], *, resamples: int, seed: int
) -> tuple[npt.NDArray[np.uint16], Places]:
    """Return how often each patient is drawn in each resample, and each image's patient.

    `patients` [N] numbers the patient of each image. The counts are patients x resamples, the
    patients in the order of their numbers.
    """
    known, patient = np.unique(patients, return_inverse=True)
    generator = np.random.default_rng(seed)
    drawn = np.empty((len(known), resamples), np.uint16)
    for resample in range(resamples):
        chosen = generator.integers(len(known), size=len(known))
        drawn[:, resample] = np.bincount(chosen, minlength=len(known))
    return drawn, patient


def resampled_auc(
    score: npt.NDArray[np.floating],
    positive: npt.NDArray[np.bool_],
    patient: Places,
    drawn: npt.NDArray[np.uint16],
) -> Floats:
    """Return the AUC in each resample, NaN where no positive or no negative is drawn.

    `score` [N], `positive` [N]; `patient` and `drawn` as from `draws`.
    """
    levels, level = np.unique(score[positive], return_inverse=True)
    others = score[~positive]
    # Bin 2j holds what is between level j - 1 and level j, bin 2j + 1 what ties with level j.
    bins = np.searchsorted(levels, others, "left") + np.searchsorted(levels, others, "right")
    positives = _count(level, patient[positive], len(levels), len(drawn))
    negatives = _count(bins, patient[~positive], 2 * len(levels) + 1, len(drawn))
    step = max(1, BLOCK // negatives.shape[0])
    blocks = [
        _auc(positives, negatives, drawn[:, start : start + step].astype(np.float64))
        for start in range(0, drawn.shape[1], step)
    ]
    return np.concatenate([*blocks, np.empty(0)])


def interval(values: Floats) -> tuple[float, float] | tuple[None, None]:
    """Return the percentile interval over the resamples in which the value is defined."""
    defined = values[~np.isnan(values)]
    if not len(defined):
        return None, None
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(defined, [tail, 1 - tail])
    return float(low), float(high)


def _count(rows: Places, patient: Places, n_rows: int, n_patients: int) -> csr_array:
    return csr_array((np.ones(len(rows)), (rows, patient)), shape=(n_rows, n_patients))


def _auc(positives: csr_array, negatives: csr_array, drawn: Floats) -> Floats:
    above = positives @ drawn
    below = negatives @ drawn
    tied = below[1::2].copy()
    total = np.cumsum(below, axis=0, out=below)
    wins = np.einsum("jr,jr->r", above, total[0:-1:2] + tied / 2)
    pairs = above.sum(axis=0) * total[-1]
    auc: Floats = np.divide(wins, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)
    return auc
