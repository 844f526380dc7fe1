"""What is listed: every labelled report with its films, then the films without a report."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from chestx.dataset.csv_table import read_table
from chestx.dataset.labels import Labels, State, read_labels
from chestx.dataset.nih.folder import NihDataset
from chestx.errors import ChestxError
from chestx.gallery.workspace import LABELS, Workspace

Bytes = npt.NDArray[np.uint8]
UNKNOWN, NOT_MENTIONED, NEGATED, UNCERTAIN, PRESENT = range(5)
_CODE: Mapping[State, int] = {None: NOT_MENTIONED, 0: NEGATED, -1: UNCERTAIN, 1: PRESENT}


@dataclass(frozen=True, slots=True)
class Studies:
    """N studies by C `classes`. The first `reports` of the `ids` are of reports.

    `films` are the numbers of a study's films in `images`; `labels` and `truth` [N, C] hold codes
    from UNKNOWN to PRESENT.
    """

    classes: tuple[str, ...]
    ids: tuple[str, ...]
    reports: int
    images: tuple[str, ...]
    films: tuple[tuple[int, ...], ...]
    labels: Bytes
    truth: Bytes

    @property
    def number_of(self) -> dict[str, int]:
        """The number of each report by its id."""
        return {id: number for number, id in enumerate(self.ids[: self.reports])}

    def per_study(self, films: Bytes) -> Bytes:
        """Return the highest value [N, C] of each study's films; `films` is [images, C]."""
        found = np.zeros(self.labels.shape, np.uint8)
        for number, of_study in enumerate(self.films):
            if of_study:
                found[number] = films[list(of_study)].max(axis=0)
        return found


def list_studies(
    workspace: Workspace,
    dataset: NihDataset | None,
    ids: Iterable[str] | None = None,
    others: Iterable[str] = (),
) -> Studies:
    """Put reports and films together; with `ids` only those of these names, in their order.

    `others` are classes beside those of labels and dataset, such as a model's. Raises `ChestxError`
    where nothing is left.
    """
    labels = read_labels(workspace.labels) if workspace.labels else Labels((), {})
    images = tuple(dataset.entries["image"].tolist()) if dataset else ()
    of_report, linked = _films(workspace, images, labels.states)
    if ids is None:
        reports = list(labels.states)
        alone = [number for number in range(len(images)) if number not in linked]
    else:
        number = {image: i for i, image in enumerate(images)}
        reports = [id for id in dict.fromkeys(ids) if id in labels.states]
        alone = [number[id] for id in dict.fromkeys(ids) if id in number]
    if not reports and not alone:
        raise ChestxError("none of the ids is that of a report or an image here: check --ids")
    of_dataset = dataset.classes if dataset else ()
    classes = tuple(dict.fromkeys([*labels.classes, *of_dataset, *others]))
    return Studies(
        classes=classes,
        ids=(*reports, *(images[number] for number in alone)),
        reports=len(reports),
        images=images,
        films=(*(of_report.get(id, ()) for id in reports), *((number,) for number in alone)),
        labels=np.concatenate(
            [_codes(labels, reports, classes), _of_images(dataset, alone, classes)]
        ),
        truth=_truth(workspace.truth, reports, len(reports) + len(alone), classes),
    )


def _films(
    workspace: Workspace, images: Sequence[str], reports: Collection[str]
) -> tuple[dict[str, tuple[int, ...]], set[int]]:
    """Return the numbers of each report's films by the crosswalk, and those that have a report."""
    of_report: dict[str, tuple[int, ...]] = {}
    linked: set[int] = set()
    crosswalk = _crosswalk(workspace.data)
    if crosswalk is None or not reports:
        return of_report, linked
    number = {image: i for i, image in enumerate(images)}
    for image, ids in _links(crosswalk):
        for id in ids:
            if id in reports and image in number:
                of_report[id] = (*of_report.get(id, ()), number[image])
                linked.add(number[image])
    return of_report, linked


def _crosswalk(data: Path | None) -> Path | None:
    from chestx.dataset.build.crosswalk import CROSSWALK, folder_for

    path = folder_for(data) / CROSSWALK if data else None
    return path if path and path.is_file() else None


def _links(crosswalk: Path) -> Iterable[tuple[str, list[str]]]:
    table = read_table(crosswalk)
    try:
        image, reports = table.header.index("image"), table.header.index("report_ids")
    except ValueError:
        raise ChestxError(f"'{crosswalk}' is damaged: run chestx build-dataset again") from None
    return ((row[image], row[reports].split("|")) for _, row in table.rows)


def _codes(labels: Labels, reports: Iterable[str], classes: Sequence[str]) -> Bytes:
    at = [labels.classes.index(name) if name in labels.classes else None for name in classes]
    rows = [
        [UNKNOWN if i is None else _CODE[states[i]] for i in at]
        for states in map(labels.states.__getitem__, reports)
    ]
    return np.array(rows, np.uint8).reshape(len(rows), len(classes))


def _of_images(dataset: NihDataset | None, numbers: Sequence[int], classes: Sequence[str]) -> Bytes:
    """Return the labels of the table of the dataset: it tells only what is present."""
    found = np.full((len(numbers), len(classes)), NOT_MENTIONED, np.uint8)
    if dataset and numbers:
        at = [classes.index(name) for name in dataset.classes]
        found[:, at] = np.where(dataset.targets()[list(numbers)] == 1, PRESENT, NOT_MENTIONED)
    return found


def _truth(
    folder: Path | None, reports: Sequence[str], number: int, classes: Sequence[str]
) -> Bytes:
    found = np.full((number, len(classes)), UNKNOWN, np.uint8)
    if folder:
        truth = read_labels(folder / LABELS)
        rows = [i for i, id in enumerate(reports) if id in truth.states]
        found[rows] = _codes(truth, (reports[i] for i in rows), classes)
    return found
