"""The labels that are audited, as `mine-labels` left them."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from chestx.dataset.labels import LABELS, REPORT_ID, read_labels
from chestx.review.states import NEGATED, NOT_MENTIONED, PRESENT, UNCERTAIN

NORMAL = "Normal"
COMPUTED = (NORMAL, "No Finding")
"""Columns that follow from the classes, and are not judged."""

_STATES = {1: PRESENT, -1: UNCERTAIN, 0: NEGATED, None: NOT_MENTIONED}


@dataclass(frozen=True, slots=True)
class Archive:
    """The state of each class by report; `normal` are the reports that are called normal."""

    classes: tuple[str, ...]
    states: Mapping[str, tuple[str, ...]]
    normal: frozenset[str]

    def state(self, report: str, label: str) -> str:
        """Return what chestx said of a class in a report."""
        return self.states[report][self.classes.index(label)]


def read_archive(labels: Path) -> Archive:
    """Read `labels.csv`, or that of the folder `labels`; raise `ChestxError` if it is none."""
    mined = read_labels(labels)
    states = {
        report: tuple(_STATES[state] for state in row) for report, row in mined.states.items()
    }
    return Archive(mined.classes, states, _normal(labels / LABELS if labels.is_dir() else labels))


def _normal(file: Path) -> frozenset[str]:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        return frozenset(row[REPORT_ID] for row in rows if row.get(NORMAL) == "1")
