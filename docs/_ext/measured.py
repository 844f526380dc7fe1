"""{measured}`NAME`: a figure from `bench/results/`, so that none is typed.

NAME is one of the README's marks (`bench/readme.py`), or a stage and the way to a number in its
JSON, `labels_quality/gold/771/micro/f1`, shown in per cent, or to one of its bars,
`dataset_kills/bars/images made twice`, shown as it is.

```{weakest} N``` is a table of the N classes that chestx is worst at.

{published}`771-paper Total`: precision, recall and F1 of a class as a paper reports them.
"""

import json
from functools import lru_cache
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective, SphinxRole

from bench.outcome import RESULTS
from bench.readme import figures
from chestx.job.tables import markdown_table
from chestx.labeler.evaluation.published import published
from chestx.labeler.evaluation.tables import UNDEFINED, percent


@lru_cache(maxsize=1)
def _marks() -> dict[str, str]:
    return {name.replace(" ", "-"): text for name, text in figures().items()}


def _figure(name: str) -> str:
    if name in _marks():
        return _marks()[name]
    stage, *way = name.split("/")
    try:
        result: Any = json.loads((RESULTS / f"{stage}.json").read_text("utf-8"))
        if way[:1] == ["bars"]:
            (bar,) = (bar for bar in result["bars"] if bar["name"] == way[1])
            return f"{bar['value']:,.3g}"
        value = result["figures"]
        for key in way:
            value = value[key]
        return f"{100 * value:.1f}"
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ExtensionError(f"{name!r} was not measured: see bench/results/") from error


class Measured(SphinxRole):
    """The role; `**` in a figure is bold."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the figure's text."""
        parts = _figure(self.text).split("**")
        return [
            nodes.strong(text=part) if bold % 2 else nodes.Text(part)
            for bold, part in enumerate(parts)
            if part
        ], []


class PublishedScores(SphinxRole):
    """The role of published figures."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the three figures."""
        id_, name = self.text.split()
        columns = [*published(with_normal=False), *published(with_normal=True)]
        (scores,) = (column.score(name) for column in columns if column.id == id_)
        if scores is None:
            raise ExtensionError(f"{self.text!r} was not published: see chestx/rules/gold/")
        return [nodes.Text(" / ".join(f"{score:.1f}" for score in scores))], []


class Weakest(SphinxDirective):
    """```{weakest} N```: the N classes of the 771 with the lowest F1, the paper's beside."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        result = json.loads((RESULTS / "labels_quality.json").read_text("utf-8"))
        classes = result["figures"]["gold"]["771"]["classes"]
        (paper,) = (c for c in published(with_normal=False) if c.id == "771-paper")
        rows = [["class", "reports", "P / R / F1", "interval of F1", "Wang et al., P / R / F1"]]
        for name, score in sorted(classes.items(), key=lambda item: item[1]["f1"]):
            rows.append(
                [
                    name,
                    str(score["support"]),
                    " / ".join(f"{100 * score[key]:.1f}" for key in ("precision", "recall", "f1")),
                    f"{percent(score['f1_low'])} to {percent(score['f1_high'])}"
                    if score["f1_low"] is not None
                    else UNDEFINED,
                    " / ".join(f"{value:.1f}" for value in paper.score(name) or ()),
                ]
            )
        table = markdown_table(rows[: int(self.arguments[0]) + 1])
        return self.parse_text_to_nodes(table)


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the roles."""
    app.add_role("measured", Measured())
    app.add_role("published", PublishedScores())
    app.add_directive("weakest", Weakest)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
