"""Where a patch model sees a class (Li et al. 2018, 3.3)."""

import numpy as np
import numpy.typing as npt

T_S = 0.5
"""The paper's threshold on a patch's score, which is not rescaled to [0.98, 1]."""


def region(
    patch_probabilities: npt.NDArray[np.floating], threshold: float = T_S
) -> npt.NDArray[np.bool_]:
    """Return the patches at or above the threshold: bool, in the shape of the probabilities."""
    mask: npt.NDArray[np.bool_] = patch_probabilities >= threshold
    return mask
