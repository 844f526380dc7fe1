"""The losses of the unified network, by name."""

from collections.abc import Callable, Mapping

from torch import Tensor

from chestx.model.equations.pointwise import cel, euclidean, hinge
from chestx.model.equations.weighted_cross_entropy import weighted_cross_entropy

LOSSES: Mapping[str, Callable[[Tensor, Tensor], Tensor]] = {
    "wcel": weighted_cross_entropy,
    "cel": cel,
    "hinge": hinge,
    "euclidean": euclidean,
}
"""Each is called with logits and targets, both [N, C], and returns a scalar."""
