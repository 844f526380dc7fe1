"""The patch network of Li et al. 2018 (section 3.1)."""

from torch import Tensor, nn
from torch.nn.functional import interpolate, max_pool2d

from chestx.model.networks.backbones import Backbone
from chestx.model.networks.precision import full_precision

_DEPTH = 512
"""Channels of the recognition network, from the paper."""


def slice_patches(features: Tensor, patches: int) -> Tensor:
    """Bring a feature map [N, C, h, w] to P x P patches, side by side.

    A side that is shorter than P is interpolated bilinearly; on one that is longer, w, the maximum
    is taken in windows of f = w - P + 1 with stride 1, as in the paper.
    """
    window = [max(size - patches + 1, 1) for size in features.shape[-2:]]
    if window != [1, 1]:
        features = max_pool2d(features, window, stride=1)
    if features.shape[-2:] != (patches, patches):
        features = interpolate(features, (patches, patches), mode="bilinear")
    return features


class PatchNetwork(nn.Module):
    """Backbone, P x P patches, and a recognition network that scores each patch for each class.

    The last layer runs in float32, also under autocast: the patches' probabilities are multiplied.
    """

    def __init__(self, backbone: Backbone, classes: int, patches: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.patches = patches
        self.recognition = nn.Sequential(
            # BatchNorm takes the mean away, and a bias with it.
            nn.Conv2d(backbone.channels, _DEPTH, kernel_size=3, padding=1, bias=False),
            nn.BatchNorm2d(_DEPTH),
            nn.ReLU(inplace=True),
        )
        self.prediction = nn.Conv2d(_DEPTH, classes, kernel_size=1)

    def forward(self, films: Tensor) -> Tensor:
        """Return patch logits [N, K, P, P] of films [N, 1, H, W] in 0..255."""
        patches = slice_patches(self.backbone.of_films(films), self.patches)
        recognised = self.recognition(patches).float()
        with full_precision(recognised):
            logits: Tensor = self.prediction(recognised)
        return logits
