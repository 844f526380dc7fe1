"""The baseline of ChestX-ray8 (Wang et al. 2017): unified network, W-CEL, boxes from heatmaps."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
from torch import Tensor

from chestx.model.batch import Batch
from chestx.model.equations.heatmap_boxes import heatmap_boxes
from chestx.model.equations.pooling import POOLINGS
from chestx.model.methods.choice import choose
from chestx.model.methods.losses import LOSSES
from chestx.model.methods.method import Finding, Method
from chestx.model.networks.backbones import make_backbone
from chestx.model.networks.precision import full_precision
from chestx.model.networks.unified import UnifiedNetwork


class WCEL(Method):
    """ChestX-ray8's network with one of its losses and poolings."""

    name: Literal["wcel", "mil"] = "wcel"
    patches = 1
    network: UnifiedNetwork

    def __init__(
        self,
        classes: Sequence[str],
        *,
        backbone: str = "resnet50",
        weights: str | Path = "imagenet",
        loss: str = "wcel",
        pooling: str = "lse",
        r: float = 10.0,
        map_size: int = 16,
        depth: int = 1024,
    ) -> None:
        """Build the network.

        Args:
            classes: the classes' names.
            backbone: see `make_backbone`; ResNet-50 is the paper's best.
            weights: see `make_backbone`.
            loss: "wcel", "cel", "hinge" or "euclidean".
            pooling: "lse", "avg" or "max".
            r: of LSE pooling; 10 is the paper's best.
            map_size: S of the transition layer, 8, 16 or 32 in the paper; a backbone of stride 32
                has a map of 16 x 16 at 512 pixels, of 32 x 32 at the paper's 1024.
            depth: D of the transition layer; 1024 is the paper's for GoogLeNet, which has 2048
                for ResNet.
        """
        super().__init__()
        self.classes = tuple(classes)
        self._loss = choose("loss", loss, LOSSES)
        pool = choose("pooling", pooling, POOLINGS)
        self.network = UnifiedNetwork(
            make_backbone(backbone, weights), len(self.classes), pool, r, map_size, depth
        )

    def forward(self, image: Tensor) -> Tensor:
        """Return logits [N, C]."""
        logits: Tensor = self.network(image)
        return logits

    def loss(self, output: Tensor, batch: Batch) -> Tensor:
        """Return the part of the chosen loss of logits [N, C]; boxes are not learned from."""
        with full_precision(output):
            return self._loss(output.float(), batch)

    def scores(self, output: Tensor) -> Tensor:
        """Return the logistic function of the logits, the f of the paper's Eq. 1.

        It is a probability for the cross entropy and the Euclidean loss; W-CEL's is one among as
        many positives as negatives. The hinge loss makes a margin of the logit: its score ranks
        films and is above one half where the margin is above 0, no more.
        """
        return output.sigmoid()

    def rank(self, output: Tensor) -> Tensor:
        """Return the logits."""
        return output.float()

    def output_and_heatmaps(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits [N, C] and heatmaps [N, C, S, S] in their unit."""
        return self.network.logits_and_heatmaps(image)

    def localize(self, heatmap: npt.NDArray[np.float32], image_size: int) -> Finding:
        """Return the boxes at the paper's two thresholds, 60 and 180 of 255."""
        return Finding(heatmap_boxes(heatmap, image_size), region=None)
