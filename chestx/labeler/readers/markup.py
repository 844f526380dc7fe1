"""HTML to the text that a reader would see."""

import re

from lxml import etree

BLOCKS = frozenset(
    (
        "address", "article", "aside", "blockquote", "br", "caption", "dd", "div", "dl", "dt",
        "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol",
        "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
    )
)  # fmt: skip
CELLS = frozenset(("td", "th"))
UNSEEN = frozenset(("head", "script", "style", "template", "title"))


def plain_text(markup: str) -> str:
    """Drop the tags; blocks begin new lines, `pre` keeps its own, blanks are not repeated."""
    # Without a tree: nothing to be nested too deeply, and no entities but HTML's own.
    parser = etree.HTMLParser(target=_Text(), encoding="utf-8", no_network=True, huge_tree=True)
    text: str = etree.fromstring(markup.encode("utf-8", "replace"), parser)
    return text


class _Text:
    """Collects the text as the parser meets it."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._unseen = 0
        self._preformatted = 0

    def start(self, tag: str, attributes: object) -> None:
        self._unseen += tag in UNSEEN
        self._preformatted += tag == "pre"
        self._break(tag)

    def end(self, tag: str) -> None:
        self._unseen -= tag in UNSEEN
        self._preformatted -= tag == "pre"
        self._break(tag)

    def data(self, text: str) -> None:
        if not self._unseen:
            self._pieces.append(text if self._preformatted else re.sub(r"\s+", " ", text))

    def comment(self, text: str) -> None:
        """Leave comments out."""

    def close(self) -> str:
        lines = (re.sub(r"\s+", " ", line).strip() for line in "".join(self._pieces).split("\n"))
        return "\n".join(line for line in lines if line)

    def _break(self, tag: str) -> None:
        if tag in BLOCKS:
            self._pieces.append("\n")
        elif tag in CELLS:
            self._pieces.append(" ")
