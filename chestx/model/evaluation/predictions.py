"""What a model says of a set of films: scores of all, heatmaps of the annotated ones alone."""

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from chestx.errors import ChestxError

Floats = npt.NDArray[np.float32]


class Predictions:
    """N films and C classes; films may be put in any order and in batches of any size.

    `scores` float32 [N, C] in 0..1 and their log-odds `ranks` (`Method.rank`), NaN where nothing
    was put yet; `heatmaps` maps an annotated image to float32 [C, S, S]. The heatmaps of 25,596
    films would fill the memory, those of NIH's 880 annotated ones (14 classes, S = 32) take 50 MB.
    """

    def __init__(
        self, images: Sequence[str], classes: Sequence[str], annotated: Collection[str] = ()
    ) -> None:
        self.images = tuple(images)
        self.classes = tuple(classes)
        self.annotated = frozenset(annotated).intersection(self.images)
        self.scores: Floats = np.full((len(self.images), len(self.classes)), np.nan, np.float32)
        self.ranks: Floats = self.scores.copy()
        self.heatmaps: dict[str, Floats] = {}

    def put(
        self, rows: Sequence[int], scores: Floats, ranks: Floats, heatmaps: Floats | None = None
    ) -> None:
        """Take a batch of B films: `rows` their places in `images`, `scores` and `ranks` [B, C],
        `heatmaps` [B, C, S, S], of which those of annotated films are copied.
        """  # fmt: skip
        self.scores[list(rows)], self.ranks[list(rows)] = scores, ranks
        if heatmaps is not None:
            for row, heatmap in zip(rows, heatmaps, strict=True):
                if self.images[row] in self.annotated:
                    self.heatmaps[self.images[row]] = np.array(heatmap, np.float32)

    def score(self, image: str, name: str) -> float:
        """Return the score of an image and a class."""
        return float(self.scores[self.images.index(image), self.classes.index(name)])

    def heatmap(self, image: str, name: str) -> Floats:
        """Return the heatmap [S, S] of an annotated image and a class."""
        heatmap: Floats = self.heatmaps[image][self.classes.index(name)]
        return heatmap

    def refuse_undefined(self) -> None:
        """Raise `ChestxError` where a score is NaN or infinite: nothing true follows from it."""
        undefined = ~(np.isfinite(self.scores) & np.isfinite(self.ranks))
        bad = int(undefined.any(axis=1).sum())
        if bad:
            raise ChestxError(
                f"the model gives no number for {bad:,} of {len(self.images):,} films: its weights "
                "are not finite, train it again with a lower --lr or evaluate another checkpoint"
            )
