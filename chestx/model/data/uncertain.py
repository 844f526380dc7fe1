"""The labels that a dataset holds for uncertain: neither positive nor negative."""

import csv
from collections.abc import Sequence

from chestx.dataset.nih.findings import split_findings
from chestx.dataset.nih.folder import NihDataset
from chestx.errors import ChestxError

UNCERTAIN = "uncertain_labels.csv"


def uncertain_labels(dataset: NihDataset) -> dict[str, frozenset[str]]:
    """Return the uncertain classes of each image that has some.

    `build-dataset --uncertain ignore` lists them; in folders without such a list none is. Raises
    `ChestxError` where it cannot be read.
    """
    path = dataset.folder / UNCERTAIN
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))[1:]
        return {image: frozenset(split_findings(labels)) for image, labels in rows}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, csv.Error) as error:
        raise ChestxError(
            f"'{path}' cannot be read ({type(error).__name__}): make the dataset again"
        ) from error


def without_uncertain(
    dataset: NihDataset, images: Sequence[str], classes: Sequence[str]
) -> list[str]:
    """Return the images on which none of the classes is uncertain.

    The table has no label where the list has one, so that an image that stayed in would count as a
    negative.
    """
    uncertain, wanted = uncertain_labels(dataset), set(classes)
    return [image for image in images if not wanted & uncertain.get(image, frozenset())]
