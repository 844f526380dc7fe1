"""What the data hand to a method: a batch of films with their labels and boxes."""

from typing import NamedTuple

from torch import Tensor


class Batch(NamedTuple):
    """N films of C classes; P is the number of patches a side, 1 where a method needs none.

    `image` uint8 [N, 1, H, W]; `targets` float32 [N, C], 0 or 1; `inside` bool [N, C, P, P], the
    patches that a box of the class touches; `has_box` bool [N, C]; `rows` int64 [N], the films'
    places in the dataset.
    """

    image: Tensor
    targets: Tensor
    inside: Tensor
    has_box: Tensor
    rows: Tensor
