"""The figures that the papers report for OpenI, to stand beside ours."""

from dataclasses import dataclass

from chestx.labeler.evaluation.class_names import class_key
from chestx.labeler.toml_file import RULES, read_toml

TOTAL = "Total"


@dataclass(frozen=True)
class Published:
    """A column of a paper's table, made on `n_reports` reports of OpenI.

    `scores` maps a class key to precision, recall and F1 in per cent.
    """

    id: str
    title: str
    source: str
    with_normal: bool
    n_reports: int
    scores: dict[str, tuple[float, float, float]]

    def score(self, name: str) -> tuple[float, float, float] | None:
        """Return the figures of a class, or of all under "Total", where the paper has them."""
        return self.scores.get(class_key(name))


def published(*, with_normal: bool) -> list[Published]:
    """Return the columns of the protocol with or without the class Normal."""
    table = read_toml(RULES / "gold" / "published.toml")
    columns = [
        Published(
            column["id"],
            column["title"],
            column["source"],
            column["with_normal"],
            column["n_reports"],
            {class_key(name): tuple(scores) for name, scores in column["scores"].items()},
        )
        for column in table["column"]
    ]
    return [column for column in columns if column.with_normal == with_normal]
