"""The labels that a dataset holds for uncertain: neither positive nor negative."""

import csv

from chestx.dataset.nih.findings import split_findings
from chestx.dataset.nih.folder import NihDataset
from chestx.errors import ChestxError
from chestx.model.data.split import UNCERTAIN


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
