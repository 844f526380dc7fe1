"""Labels and gold side by side: the same reports, the same classes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from chestx.errors import ChestxError
from chestx.labeler.evaluation.class_names import CHESTX_RAY8, NO_FINDING, NORMAL, by_key, class_key
from chestx.labeler.evaluation.gold import Gold
from chestx.labeler.evaluation.state_table import (
    BLANK,
    NEGATED,
    PRESENT,
    UNCERTAIN,
    StateTable,
    canonical_id,
)


@dataclass(frozen=True)
class Comparison:
    """Two arrays of states, reports by classes, and what had to be left out to align them."""

    ids: tuple[str, ...]
    classes: tuple[str, ...]
    labels: NDArray[np.int8]
    gold: NDArray[np.int8]
    without_labels: int
    without_gold: int
    unjudged: int
    only_in_gold: tuple[str, ...]
    only_in_labels: tuple[str, ...]

    @property
    def diseases(self) -> list[int]:
        """Return the columns that are findings: all but Normal and No Finding."""
        computed = (NORMAL, NO_FINDING)
        return [c for c, name in enumerate(self.classes) if class_key(name) not in computed]

    @property
    def three_states(self) -> bool:
        """Tell whether the gold knows more than present and not present."""
        gold = self.gold[:, self.diseases]
        return bool((gold == UNCERTAIN).any()) or bool(
            (gold == NEGATED).any() and (gold == BLANK).any()
        )


def read_ids(path: Path) -> tuple[str, ...]:
    """Read report ids, one a line."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise ChestxError(
            f"the ids {path} cannot be read: give a text file, one id a line"
        ) from None
    return tuple(line.strip() for line in lines if line.strip())


def compare(
    labels: StateTable,
    gold: Gold,
    *,
    ids: Iterable[str] | None = None,
    classes: Sequence[str] | None = None,
    with_normal: bool = False,
) -> Comparison:
    """Align labels with gold on the reports and classes that both have.

    `with_normal` is the protocol of Table 2 of Wang et al. 2017: Normal is a class, the others
    are by default the eight of ChestX-ray8, and only reports with one of them are judged.
    """
    names = by_key(labels.classes, "the labels file")
    true_names = by_key(gold.table.classes, "the gold")
    _refuse_unreadable(labels, true_names, "the labels file")
    _refuse_unreadable(gold.table, names, "the gold")
    keys = _chosen_keys(names, true_names, classes, with_normal)
    true = gold.table.columns(keys)
    judged = np.ones(len(true), dtype=bool)
    if with_normal:
        judged = (true == PRESENT).any(axis=1)
    wanted = None if ids is None else {canonical_id(written) for written in ids}
    known = {report: row for row, report in enumerate(labels.ids)}
    chosen = [
        row
        for row, report in enumerate(gold.table.ids)
        if judged[row] and (wanted is None or report in wanted)
    ]
    rows = sorted(
        (row for row in chosen if gold.table.ids[row] in known), key=gold.table.ids.__getitem__
    )
    if not rows:
        raise ChestxError(
            "the labels, the gold and --ids have no report in common:"
            " check that they use the same report ids"
        )
    shared = tuple(gold.table.ids[row] for row in rows)
    return Comparison(
        ids=shared,
        classes=tuple(names[key] for key in keys),
        labels=labels.columns(keys)[[known[report] for report in shared]],
        gold=true[rows],
        without_labels=len(chosen) - len(rows),
        without_gold=0 if wanted is None else len(wanted.difference(gold.table.ids)),
        unjudged=gold.left_out,
        only_in_gold=_only_in(true_names, names),
        only_in_labels=_only_in(names, true_names),
    )


def _chosen_keys(
    names: dict[str, str],
    true_names: dict[str, str],
    classes: Sequence[str] | None,
    with_normal: bool,
) -> list[str]:
    shared = [key for key in names if key in true_names]
    if with_normal and NORMAL not in shared:
        raise ChestxError("--with-normal needs a column Normal in both labels and gold")
    if classes is not None:
        keys = list(dict.fromkeys(map(class_key, classes)))
        lacking = [name for name in classes if class_key(name) not in shared]
        if lacking:
            raise ChestxError(
                f"--classes: {', '.join(lacking)} must be a column of both labels and gold"
            )
    else:
        of_eight = set(map(class_key, CHESTX_RAY8))
        keys = [key for key in shared if key not in (NORMAL, NO_FINDING)]
        keys = [key for key in keys if key in of_eight] if with_normal else keys
    if not keys:
        raise ChestxError(
            "the labels and the gold have no class in common:"
            " mine with another --label-set, give another gold or name --classes"
        )
    if with_normal:
        keys = [*(key for key in keys if key != NORMAL), NORMAL]
    return keys


def _refuse_unreadable(table: StateTable, others: dict[str, str], what: str) -> None:
    for name in table.unreadable:
        key = class_key(name)
        if key in others:
            raise ChestxError(
                f"{what} has a cell other than 1, 0, -1 and empty in the column"
                f" {others[key]}: mend it"
            )


def _only_in(names: dict[str, str], others: dict[str, str]) -> tuple[str, ...]:
    return tuple(name for key, name in names.items() if key not in others and key != NORMAL)
