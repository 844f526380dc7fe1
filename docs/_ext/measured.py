"""{measured}`NAME`: a figure from `bench/results/`, so that none is typed.

NAME is one of the README's marks (`bench/readme.py`), or a stage and the way to a number in its
JSON, `labels_quality/gold/771/micro/f1`, shown in per cent.
"""

import json
from functools import lru_cache
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxRole

from bench.outcome import RESULTS
from bench.readme import figures


@lru_cache(maxsize=1)
def _marks() -> dict[str, str]:
    return {name.replace(" ", "-"): text for name, text in figures().items()}


def _figure(name: str) -> str:
    if name in _marks():
        return _marks()[name]
    stage, *way = name.split("/")
    try:
        value: Any = json.loads((RESULTS / f"{stage}.json").read_text("utf-8"))["figures"]
        for key in way:
            value = value[key]
        return f"{100 * value:.1f}"
    except (OSError, KeyError, TypeError) as error:
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


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the role, and read its pages again when something was measured."""
    app.add_role("measured", Measured())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
