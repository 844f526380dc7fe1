"""The unified network of ChestX-ray8 (Wang et al. 2017, section 4)."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, interpolate

from chestx.model.networks.backbones import Backbone
from chestx.model.networks.precision import full_precision


class TransitionLayer(nn.Module):
    """Activations of any backbone, [N, channels, h, w], become [N, D, S, S].

    The paper gives the shape alone. Here it is a 1x1 convolution, which sets the depth, and a
    change of size where h x w is not S x S: bilinear up, averages of cells down. A 1x1 convolution
    commutes with both, so their order is no matter, and the map costs little beside the backbone.
    No activation function follows: the paper's LSE pooling divides by max |x|, that is, it expects
    values of both signs.
    """

    def __init__(self, channels: int, depth: int, map_size: int) -> None:
        super().__init__()
        self.map_size = map_size
        self.convolution = nn.Conv2d(channels, depth, kernel_size=1)

    def forward(self, features: Tensor) -> Tensor:
        """Return [N, D, S, S] for a feature map [N, channels, h, w]."""
        size = (self.map_size, self.map_size)
        if features.shape[-2] > size[0] or features.shape[-1] > size[1]:
            return adaptive_avg_pool2d(self.convolution(features), size)
        if features.shape[-2:] == size:
            transition: Tensor = self.convolution(features)
            return transition
        return interpolate(self.convolution(features), size, mode="bilinear")


class UnifiedNetwork(nn.Module):
    """Backbone, transition layer, global pooling, prediction layer.

    `pool`: (maps [N, D, S, S], r) -> [N, D], LSE, average or maximum. `map_size` is the paper's S
    (8, 16 or 32), `depth` its D. Pooling and what follows run in float32, also under autocast.
    """

    def __init__(
        self,
        backbone: Backbone,
        classes: int,
        pool: Callable[[Tensor, float], Tensor],
        r: float,
        map_size: int,
        depth: int,
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.transition = TransitionLayer(backbone.channels, depth, map_size)
        self.pool = pool
        self.r = r
        self.prediction = nn.Linear(depth, classes)

    def forward(self, films: Tensor) -> Tensor:
        """Return logits [N, C] of films [N, 1, H, W] in 0..255."""
        return self._predict(self._activations(films))

    def logits_and_heatmaps(self, films: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits [N, C] and heatmaps [N, C, S, S].

        A heatmap is the sum of the transition layer's activations, weighted as the prediction
        layer weights them for its class (section 4); the bias is left out, since it has no place
        on the film.
        """
        activations = self._activations(films)
        with full_precision(activations):
            heatmaps = torch.einsum("ndhw,cd->nchw", activations, self.prediction.weight)
        return self._predict(activations), heatmaps

    def _activations(self, films: Tensor) -> Tensor:
        activations: Tensor = self.transition(self.backbone.of_films(films)).float()
        return activations

    def _predict(self, activations: Tensor) -> Tensor:
        with full_precision(activations):
            logits: Tensor = self.prediction(self.pool(activations, self.r))
        return logits
