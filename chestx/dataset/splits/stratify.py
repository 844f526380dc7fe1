"""Patients are dealt out to the three sets so that each gets its share of every class.

Iterative stratification: Sechidis, Tsoumakas and Vlahavas, "On the stratification of multi-label
data", ECML PKDD 2011, Algorithm 1, with patients for examples and their images for labels.
"""

from collections.abc import Mapping
from hashlib import blake2b

import numpy as np

from chestx.dataset.splits import SPLITS, Split
from chestx.dataset.splits.fractions import Fractions

IMAGES = -1
"""The column with the number of all images."""


def split_patients(
    labels: Mapping[int, np.ndarray], fractions: Fractions, seed: int, known: Mapping[int, Split]
) -> dict[int, Split]:
    """Return the split of each patient of `labels`, patients in ascending order.

    `labels[patient]` is an int array [C]: images of the patient with each class, and in the last
    column all images. `fractions` are of train, val and test and sum to 1. Patients who are
    `known` stay where they are and count towards the quotas. A split whose fraction is not 0 is
    empty only where there are fewer patients than such splits, or all are known.

    The result depends on patients, counts and seed, not on the order of `labels`.
    """
    patients = sorted(labels)
    if not patients:
        return {}
    counts = np.array([labels[patient] for patient in patients], np.int64)
    # As ranks of hashes rather than a shuffle: who comes before whom depends on the two alone.
    lots = np.argsort(np.argsort([_lot(seed, patient) for patient in patients]))
    chosen = np.array(
        [SPLITS.index(known[patient]) if patient in known else -1 for patient in patients]
    )
    movable = chosen < 0
    _deal(counts, lots, fractions, chosen)
    _fill_empty(counts, lots, fractions, chosen, movable)
    return {patient: SPLITS[at] for patient, at in zip(patients, chosen.tolist(), strict=True)}


def _lot(seed: int, patient: int) -> int:
    digest = blake2b(f"{seed}:{patient}".encode(), digest_size=7).digest()
    return int.from_bytes(digest)


def _deal(counts: np.ndarray, lots: np.ndarray, fractions: Fractions, chosen: np.ndarray) -> None:
    """Put a split in place of each -1 in `chosen` [N]; `counts` [N, C], `lots` [N]."""
    wanted = np.outer(fractions, counts.sum(axis=0))
    for split in range(len(SPLITS)):
        wanted[split] -= counts[chosen == split].sum(axis=0)
    open_splits = [split for split, fraction in enumerate(fractions) if fraction > 0]
    while (waiting := np.flatnonzero(chosen < 0)).size:
        column = _rarest(counts[waiting])
        if column != IMAGES:
            waiting = waiting[counts[waiting, column] > 0]
        # Who has most images of the class comes first: the others can then make up for it.
        for patient in waiting[np.lexsort((lots[waiting], -counts[waiting, column]))]:
            split = max(open_splits, key=lambda at: (wanted[at, column], wanted[at, IMAGES]))
            chosen[patient] = split
            wanted[split] -= counts[patient]


def _rarest(counts: np.ndarray) -> int:
    """Return the class that the fewest patients have, `IMAGES` where they have none."""
    patients = (counts[:, :IMAGES] > 0).sum(axis=0)
    present = np.flatnonzero(patients)
    return int(present[np.argmin(patients[present])]) if present.size else IMAGES


def _fill_empty(
    counts: np.ndarray,
    lots: np.ndarray,
    fractions: Fractions,
    chosen: np.ndarray,
    movable: np.ndarray,
) -> None:
    """Give each empty split the patient with the fewest images of a split that can spare one."""
    for split, fraction in enumerate(fractions):
        sizes = np.bincount(chosen, minlength=len(SPLITS))
        if fraction <= 0 or sizes[split]:
            continue
        spare = np.flatnonzero(movable & (sizes[chosen] > 1))
        if spare.size:
            order = np.lexsort((lots[spare], counts[spare, IMAGES], -sizes[chosen[spare]]))
            chosen[spare[order[0]]] = split
