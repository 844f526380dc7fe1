"""The losses of the unified network, by name, each as a batch's part of its optimizer step's."""

from collections.abc import Callable, Mapping

from torch import Tensor

from chestx.model.batch import Batch
from chestx.model.equations.pointwise import cel, euclidean, hinge
from chestx.model.equations.weighted_cross_entropy import weighted_cross_entropy

Loss = Callable[[Tensor, Batch], Tensor]
"""Called with logits [N, C] and the batch: a scalar."""


def _weighted(logits: Tensor, batch: Batch) -> Tensor:
    return weighted_cross_entropy(logits, batch.targets, batch.positives_and_negatives)


def _mean(equation: Callable[[Tensor, Tensor], Tensor]) -> Loss:
    return lambda logits, batch: batch.share * equation(logits, batch.targets)


LOSSES: Mapping[str, Loss] = {
    "wcel": _weighted,
    "cel": _mean(cel),
    "hinge": _mean(hinge),
    "euclidean": _mean(euclidean),
}
