"""What every method can do: training, evaluation and prediction know no more of it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from chestx.model.batch import Batch
from chestx.model.equations.pixels import XYWH
from chestx.model.networks.patch import PatchNetwork
from chestx.model.networks.unified import UnifiedNetwork


class Finding(NamedTuple):
    """Where a method sees a class on a film.

    `boxes` in pixels of the image that was put in; `region` bool [S, S] on the method's own map,
    None for a method that gives boxes alone.
    """

    boxes: list[XYWH]
    region: npt.NDArray[np.bool_] | None


class Method(nn.Module, ABC):
    """A network with its loss and its way of localizing; classes in the order of `classes`."""

    name: Literal["wcel", "mil"]
    classes: tuple[str, ...]
    patches: int
    """Patches a side for box masks; 1 where boxes are not learned from."""
    learns_from_boxes = False
    heatmap_range: tuple[float, float] | None = None
    """Between what a heatmap's values lie, None where that is not known."""
    network: UnifiedNetwork | PatchNetwork

    @abstractmethod
    def forward(self, image: Tensor) -> Tensor:
        """Return the output for uint8 or float images [N, 1, H, W] in 0..255: float32.

        wcel: logits [N, C]; mil: patch logits [N, C, P, P].
        """

    @abstractmethod
    def loss(self, output: Tensor, batch: Batch) -> Tensor:
        """Return the batch's part of the loss of its optimizer step, a scalar in float32.

        The parts add up to the loss of one large batch, whatever their sizes.
        """

    @abstractmethod
    def scores(self, output: Tensor) -> Tensor:
        """Return the probability of each class, [N, C] in 0..1."""

    @abstractmethod
    def rank(self, output: Tensor) -> Tensor:
        """Return the log-odds of the scores, [N, C] in float32.

        Films are told apart by it where probabilities are rounded to 1: an AUC is of ranks.
        """

    @abstractmethod
    def output_and_heatmaps(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return what `forward` returns, and heatmaps [N, C, S, S] of the images.

        A heatmap of wcel is of activations of any range, one of mil of patch probabilities.
        """

    def maps(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Return scores [N, C] and heatmaps [N, C, S, S] of the images."""
        output, heatmaps = self.output_and_heatmaps(image)
        return self.scores(output), heatmaps

    @abstractmethod
    def localize(self, heatmap: npt.NDArray[np.float32], image_size: int) -> Finding:
        """Return where a heatmap [S, S] of one film and class sees it."""

    def parameter_groups(self) -> Sequence[tuple[str, Iterable[nn.Parameter]]]:
        """Return ("backbone", ...) and ("head", ...)."""
        backbone = list(self.network.backbone.parameters())
        pretrained = {id(parameter) for parameter in backbone}
        head = [p for p in self.network.parameters() if id(p) not in pretrained]
        return [("backbone", backbone), ("head", head)]

    def freeze_backbone(self) -> None:
        """Make the backbone a fixed function, see `Backbone.freeze`: for a learning rate of 0."""
        self.network.backbone.freeze()
