"""Agreement of two readers beyond chance: Cohen's kappa with its large-sample interval.

Cohen 1960, "A coefficient of agreement for nominal scales"; the standard error is that of Fleiss,
Cohen and Everitt 1969, "Large sample standard errors of kappa and weighted kappa", equation 13.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Z = 1.959963984540054
"""Of a normal distribution, for 95%."""


@dataclass(frozen=True, slots=True)
class Kappa:
    """Kappa and its 95% interval, None where they are undefined.

    Kappa is where both readers chose one and the same category throughout, the interval also where
    they agree in all: its formula then has no spread to go by.
    """

    value: float | None
    low: float | None = None
    high: float | None = None


def counts(pairs: Sequence[tuple[int, int]], categories: int) -> NDArray[np.int64]:
    """Return how often the first reader chose the row's category, the second the column's."""
    table = np.zeros((categories, categories), dtype=np.int64)
    for first, second in pairs:
        table[first, second] += 1
    return table


def cohen_kappa(table: NDArray[np.int64]) -> Kappa:
    """Return kappa of a square table of counts."""
    n = int(table.sum())
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    if not n or int(rows @ columns) == n * n:
        return Kappa(None)
    p, row, column = table / n, rows / n, columns / n
    agreed, chance = float(np.trace(p)), float(row @ column)
    kappa = (agreed - chance) / (1 - chance)
    if int(np.trace(table)) == n:
        return Kappa(kappa)
    diagonal = np.diag(p) @ (1 - (row + column) * (1 - kappa)) ** 2
    off = p - np.diag(np.diag(p))
    rest = (1 - kappa) ** 2 * float((off * (column[:, None] + row[None, :]) ** 2).sum())
    variance = float(diagonal) + rest - (kappa - chance * (1 - kappa)) ** 2
    error = float(np.sqrt(max(variance, 0.0) / n)) / (1 - chance)
    return Kappa(kappa, max(kappa - Z * error, -1.0), min(kappa + Z * error, 1.0))
