"""The small types that the stages of label mining hand to each other."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["present", "negated", "uncertain"]
Certainty = Literal["definite", "likely", "possible", "unlikely"]


@dataclass(frozen=True, slots=True)
class Report:
    """A radiology report as read: `start:end` offsets of mentions count in `text`."""

    id: str
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """`name` is "findings", "impression" or "report"; `start:end` in the report's text."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A finding in the text with its assertion and the reason for it.

    `label` is empty for a finding outside the label set, `rule` for a mention that no rule
    decided. `sentence` counts from 0 within the report.
    """

    section: str
    sentence: int
    start: int
    end: int
    text: str
    label: str
    cui: str
    concept: str
    semantic_type: str
    status: Status
    certainty: Certainty
    rule: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Result:
    """What a report says: `labels` maps a class to 1, 0 or -1; unmentioned ones are absent."""

    labels: dict[str, int]
    normal: bool
    mentions: tuple[Mention, ...]
