"""What found no partner: a row of `unmatched.csv`, so that nothing is dropped in silence."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A film without a report, a report without a film, or a box that cannot be used.

    `id` and `source` are the hospital's own: the row goes to the crosswalk alone. `row` is the
    line of a table, 0 where there is none.
    """

    kind: Literal["film", "report", "box", "link", "split"]
    id: str
    source: str
    reason: str
    row: int = 0
