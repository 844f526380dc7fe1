"""```{house-text} PATH```: a text that lies beside the code, as a part of these pages.

PATH may have a `*`: the texts then follow each other in the order of their names.
Its links to files of the repository lead to their pages here; where a file has none, the words of
the link stay.
"""

import re
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).parents[2]
PAGES = {
    "README.md": "index",
    "CHANGELOG.md": "about/changelog",
    "CONTRIBUTING.md": "about/contributing",
    "LICENSE": "about/licence",
    "bench/README.md": "about/benchmarks",
    "chestx/dataset/README.md": "guides/dataset",
    "chestx/rules/README.md": "guides/rules",
}
RESULTS = ["bench", "results"]
"""Where measurements are, which have a section each on one page."""
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[([^\]]+)\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)")
_HEADING = re.compile(r"^#", re.MULTILINE)


def page_text(path: str, lower: int = 0) -> str:
    """Return a file as Markdown: links lead to pages, headings are `lower` levels down."""
    here = PurePosixPath(path).parent

    def link(found: re.Match[str]) -> str:
        words, target, anchor = found[1], found[2], found[3] or ""
        if not target:
            return found[0]
        parts: list[str] = []
        for part in (here / target).parts:
            parts = parts[:-1] if part == ".." else [*parts, part]
        page = PAGES.get("/".join(parts))
        if parts[:2] == RESULTS:
            page, anchor = (
                "reference/measurements",
                f"#{PurePosixPath(target).stem}".replace("_", "-"),
            )
        return f"[{words}](/{page}.md{anchor})" if page else words

    def outside_of_fences(text: str) -> str:
        return _HEADING.sub("#" * (lower + 1), _LINK.sub(link, text))

    text = (ROOT / path).read_text("utf-8")
    result, last = [], 0
    for fence in _FENCED.finditer(text):
        result += [outside_of_fences(text[last : fence.start()]), fence[0]]
        last = fence.end()
    return "".join([*result, outside_of_fences(text[last:])])


class HouseText(SphinxDirective):
    """The directive; `:lower: 1` makes its headings one level lower."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {"lower": directives.nonnegative_int}

    def run(self) -> list[nodes.Node]:
        """Return the text, parsed, with its sections."""
        found: list[nodes.Node] = []
        for path in sorted(ROOT.glob(self.arguments[0])):
            self.env.note_dependency(str(path))
            text = page_text(path.relative_to(ROOT).as_posix(), self.options.get("lower", 0))
            found += self.parse_text_to_nodes(text, allow_section_headings=True)
        return found


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directive."""
    app.add_directive("house-text", HouseText)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
