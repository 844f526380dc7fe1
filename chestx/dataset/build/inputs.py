"""All that a dataset is made of but the films, read before hours are spent on those."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from chestx.dataset.box import Box
from chestx.dataset.boxes.read import read_boxes
from chestx.dataset.build.options import Options, Way
from chestx.dataset.labels import Labels, read_labels
from chestx.dataset.linking.table import LinkTable, read_link_table
from chestx.dataset.splits.fractions import Fractions, parse_fractions
from chestx.dataset.splits.split_file import SplitFile, read_split_file
from chestx.dataset.unmatched import Unmatched


@dataclass(frozen=True)
class Inputs:
    """Labels, boxes with those that could not be read, and how to link and to split."""

    labels: Labels
    boxes: Sequence[Box]
    faults: Sequence[Unmatched]
    link: Way | LinkTable | None
    fractions: Fractions
    split_file: SplitFile | None

    def digest(self) -> str:
        """Return a digest of all that stands in the files."""
        parts = (self.labels, self.boxes, self.faults, self.link, self.split_file)
        return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def read_inputs(options: Options) -> Inputs:
    """Read the files that the options name; raise `ChestxError` for one that cannot be used."""
    boxes, faults = ([], []) if options.boxes is None else read_boxes(options.boxes)
    link, split_file = options.link, options.split_file
    return Inputs(
        labels=read_labels(options.labels),
        boxes=boxes,
        faults=faults,
        link=link if link is None or isinstance(link, str) else read_link_table(link),
        fractions=parse_fractions(options.split),
        split_file=None if split_file is None else read_split_file(split_file),
    )
