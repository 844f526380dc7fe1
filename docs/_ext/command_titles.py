"""What sphinx-click leaves to be wished: titles that are what one types, paths as paths."""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

_PATH = re.compile(r"(?:Posix|Windows)Path\('([^']*)'\)")


def _plain_paths(app: Sphinx, context: Any, lines: list[str]) -> None:
    lines[:] = [_PATH.sub(r"\1", line) for line in lines]


def _whole_names(app: Sphinx, document: nodes.document) -> None:
    """Call a section "chestx boxes import", as its usage does, where it was called "import"."""
    for section in document.findall(nodes.section):
        usage = next((child for child in section if isinstance(child, nodes.literal_block)), None)
        if usage is not None and usage.astext().startswith("chestx "):
            name = usage.astext().partition(" [")[0]
            section[0].replace_self(nodes.title("", "", nodes.Text(name)))


def setup(app: Sphinx) -> dict[str, bool]:
    """Work before the tables of contents are made."""
    app.setup_extension("sphinx_click")
    app.connect("sphinx-click-process-options", _plain_paths)
    app.connect("doctree-read", _whole_names, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
