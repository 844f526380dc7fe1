"""Multiple instance learning on patches with few boxes (Li et al. 2018)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from chestx.model.batch import Batch
from chestx.model.equations.heatmap_boxes import heatmap_boxes
from chestx.model.equations.patch_mil import bag_log_prob, patch_mil_loss
from chestx.model.equations.pixels import XYWH
from chestx.model.equations.prior_bias import highest_prior, prior_bias
from chestx.model.equations.regions import region
from chestx.model.methods.method import Finding, Method
from chestx.model.networks.backbones import make_backbone
from chestx.model.networks.patch import PatchNetwork
from chestx.model.networks.precision import full_precision

_LEAST_PRIOR = 1e-4
"""Of a class that no film of the training set has, or as good as none."""
_SHARE_OF_HIGHEST = 0.9
"""How near a prior may come to the highest that a bag can have, which is a bias of infinity."""


class PatchMIL(Method):
    """Li et al.'s patch network: labels by noisy-OR over patches, boxes where there are some."""

    name: Literal["wcel", "mil"] = "mil"
    learns_from_boxes = True
    heatmap_range = (0.0, 1.0)
    network: PatchNetwork

    def __init__(
        self,
        classes: Sequence[str],
        *,
        backbone: str = "resnetv2_50",
        weights: str | Path = "imagenet",
        patches: int = 16,
        lambda_bbox: float = 5.0,
        rescale: bool = True,
        prior: Sequence[float] | None = None,
    ) -> None:
        """Build the network.

        Args:
            classes: the classes' names.
            backbone: see `make_backbone`; the pre-activation ResNet-50 is the paper's.
            weights: see `make_backbone`.
            patches: P, 12, 16 or 20 in the paper.
            lambda_bbox: the weight of a box in the loss; 5 is the paper's.
            rescale: whether factors are moved to [0.98, 1], as in the paper.
            prior: the share of films that have each class, [K]: training then starts from it.
                None, for a network whose weights will be loaded, leaves the last bias at random.
        """
        super().__init__()
        self.classes = tuple(classes)
        self.patches = patches
        self.lambda_bbox = lambda_bbox
        self.rescale = rescale
        self.network = PatchNetwork(make_backbone(backbone, weights), len(self.classes), patches)
        if prior is not None:
            self._start_at(prior)

    def forward(self, image: Tensor) -> Tensor:
        """Return patch logits [N, K, P, P]."""
        logits: Tensor = self.network(image)
        return logits

    def loss(self, output: Tensor, batch: Batch) -> Tensor:
        """Return the part of Eq. 4 of patch logits [N, K, P, P]."""
        with full_precision(output):
            return batch.share * patch_mil_loss(
                output.float(),
                batch.targets,
                batch.inside,
                batch.has_box,
                self.lambda_bbox,
                self.rescale,
            )

    def scores(self, output: Tensor) -> Tensor:
        """Return the probability of the bag, Eq. 2, rescaled if the loss is."""
        with full_precision(output):
            return bag_log_prob(output, self.rescale)[0].exp()

    def rank(self, output: Tensor) -> Tensor:
        """Return log p - log(1 - p) of the bag, which the raw product of patches does not round."""
        with full_precision(output):
            log_present, log_absent = bag_log_prob(output, self.rescale)
            return log_present - log_absent

    def output_and_heatmaps(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return patch logits and the patches' probabilities [N, K, P, P], not rescaled."""
        logits = self(image)
        return logits, logits.sigmoid()

    def localize(self, heatmap: npt.NDArray[np.float32], image_size: int) -> Finding:
        """Return the patches at or above T_s = 0.5, and boxes around those that touch."""
        found = region(heatmap)
        return Finding(_boxes_around(found, image_size), found)

    def _start_at(self, prior: Sequence[float]) -> None:
        """Set the last bias so that a film, before any training, has each class's prior."""
        highest = _SHARE_OF_HIGHEST * highest_prior(self.patches, self.rescale)
        within = [min(max(p, _LEAST_PRIOR), highest) for p in prior]
        bias = [prior_bias(p, self.patches, self.rescale) for p in within]
        self.network.prediction.bias = nn.Parameter(torch.tensor(bias))


def _boxes_around(found: npt.NDArray[np.bool_], image_size: int) -> list[XYWH]:
    if found.all():  # a heatmap without a contrast, which has no boxes of its own
        return [(0, 0, image_size, image_size)]
    return heatmap_boxes(found, image_size, thresholds=(0,))
