"""`Finding Labels`: classes joined by `|`, or `No Finding`."""

from collections.abc import Iterable

from chestx.dataset.nih.columns import CLASSES, NO_FINDING


def split_findings(finding_labels: str) -> tuple[str, ...]:
    """Return the classes of a cell, none for `No Finding`."""
    return tuple(name for name in finding_labels.split("|") if name and name != NO_FINDING)


def classes_of(finding_labels: Iterable[str]) -> tuple[str, ...]:
    """Return the classes that occur: those of NIH in NIH's order, then others by name."""
    found = {name for labels in set(finding_labels) for name in split_findings(labels)}
    return (
        *(name for name in CLASSES if name in found),
        *sorted(found.difference(CLASSES)),
    )
