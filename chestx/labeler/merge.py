"""From the mentions of a report to its labels and to the paper's Normal."""

import re
from collections.abc import Iterable

from chestx.labeler.label_set import LabelSet
from chestx.labeler.report import Mention

PRESENT, UNCERTAIN, NEGATED = 1, -1, 0
_VALUE = {"present": PRESENT, "uncertain": UNCERTAIN, "negated": NEGATED}
_RANK = {PRESENT: 2, UNCERTAIN: 1, NEGATED: 0}
_SAYS_NORMAL = re.compile(r"\bnormal\b", re.IGNORECASE)


def merge(mentions: Iterable[Mention], label_set: LabelSet) -> dict[str, int]:
    """Return the label of each class that is mentioned: 1 wins over -1, -1 over 0."""
    found: dict[str, int] = {}
    for mention in mentions:
        if mention.label:
            value = _VALUE[label_set.status(mention.status, mention.certainty, mention.rule)]
            if _RANK[value] >= _RANK[found.get(mention.label, NEGATED)]:
                found[mention.label] = value
    labels = {column: found[column] for column in label_set.classes if column in found}
    if label_set.no_finding and all(
        value == NEGATED or column in label_set.not_a_disease for column, value in labels.items()
    ):
        labels[label_set.no_finding] = PRESENT
    return labels


def is_normal(
    diseased: bool, labels: dict[str, int], label_set: LabelSet, body: Iterable[str]
) -> bool:
    """The two criteria of Wang et al. 2017 (section 2.1) for a normal study.

    Either no disease is present or uncertain (`diseased` is False), or the text says "normal" and
    no class is present or uncertain.
    """
    if not diseased:
        return True
    beside = {label_set.no_finding, *label_set.not_a_disease}
    if any(value != NEGATED for column, value in labels.items() if column not in beside):
        return False
    return any(_SAYS_NORMAL.search(sentence) for sentence in body)
