"""What the data hand to a method: a batch of films with their labels and boxes."""

from typing import NamedTuple

from torch import Tensor


class Batch(NamedTuple):
    """N films of C classes; P is the number of patches a side, 1 where a method needs none.

    `image` uint8 [N, 1, H, W]; `targets` float32 [N, C], 0 or 1; `inside` bool [N, C, P, P], the
    patches that a box of the class touches; `has_box` bool [N, C]; `rows` int64 [N], the films'
    places in the dataset; `whole` float32 [3], how many films, positive and negative targets the
    optimizer step has that the batch is a part of (`positives_and_negatives`).
    """

    image: Tensor
    targets: Tensor
    inside: Tensor
    has_box: Tensor
    rows: Tensor
    whole: Tensor

    @property
    def share(self) -> Tensor:
        """The batch's share of the films of its optimizer step, a scalar in 0..1."""
        return len(self.image) / self.whole[0]

    @property
    def positives_and_negatives(self) -> Tensor:
        """The numbers of positive and of negative targets of the whole step, [2]."""
        return self.whole[1:]
