"""A picture is brought to the size of the dataset: squashed, as the papers do, or padded."""

from typing import Literal

import numpy as np

from chestx.dataset.film import Placement
from chestx.dataset.films.resize import resize
from chestx.dataset.films.stored import Patterns

Fit = Literal["squash", "pad"]


def fit_to(picture: Patterns, size: int, fit: Fit = "squash") -> tuple[Patterns, Placement]:
    """Return the picture as size x size, and where its pixels went.

    An axis that shrinks is averaged over areas, one that grows is interpolated linearly. "pad"
    keeps the proportions: the longer side gets `size`, black bars fill the rest on both sides.
    """
    rows, columns = picture.shape
    if fit == "squash":
        return resize(picture, size, size), Placement(size / columns, size / rows)
    longest = max(rows, columns)
    new_rows, new_columns = (max(1, round(n * size / longest)) for n in (rows, columns))
    top, left = (size - new_rows) // 2, (size - new_columns) // 2
    padded = np.zeros((size, size), picture.dtype)
    padded[top : top + new_rows, left : left + new_columns] = resize(picture, new_rows, new_columns)
    return padded, Placement(new_columns / columns, new_rows / rows, float(left), float(top))
