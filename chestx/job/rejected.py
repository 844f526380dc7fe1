"""What a command could not use."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that could not be read; becomes a row of `rejected.csv`."""

    id: str
    source: str
    reason: str
