"""The pages of docs/ tell the truth: what they show is run, and they build by themselves."""

import ast
import re
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import pytest
from hospital import write_hospital
from workplace import Workplace, commands

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
TUTORIALS = sorted((DOCS / "tutorials").glob("[0-9]*.md"))
PAGES = sorted(DOCS.rglob("*.md"))

BLOCK = re.compile(
    r"^(?:\{\.(?P<needs>needs-\w+)\}\n)?```(?P<language>[^\n`]*)\n(?P<content>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
NEEDS = {"needs-cluster", "needs-gpu", "needs-data", "needs-network"}
SHOWN = {"text", "bibtex"}
"""Languages of blocks in which there is nothing to run."""


class Block(NamedTuple):
    """A fenced block; `needs` says what the machine of the tests has not got."""

    language: str
    content: str
    needs: str


def blocks(page: Path) -> list[Block]:
    """Return the blocks of a page in their order, without directives."""
    found = (
        Block(match["language"], match["content"], match["needs"] or "")
        for match in BLOCK.finditer(page.read_text("utf-8"))
    )
    return [block for block in found if not block.language.startswith("{")]


def carry_out(page: Path, workplace: Workplace) -> None:
    """Run what a page shows; of what needs a cluster and the like only the syntax is checked."""
    for block in blocks(page):
        assert block.needs in NEEDS | {""}, block.needs
        if block.language == "toml":
            tomllib.loads(block.content)
            workplace.write(block.content)
        elif block.needs:
            check_syntax(block)
        elif block.language == "console":
            workplace.run(block.content)
        elif block.language == "python":
            workplace.python(block.content)
        else:
            assert block.language in SHOWN, f"{page}: {block.language!r} is neither run nor shown"


def check_syntax(block: Block) -> None:
    if block.language == "python":
        ast.parse(block.content)
        return
    assert block.language in ("console", "bash"), block
    typed = [command for command, _ in commands(block.content)]
    for script in typed if block.language == "console" else [block.content]:
        done = subprocess.run(
            ["bash", "-n"], input=script, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{script}\n{done.stderr}"


@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page not in TUTORIALS and blocks(page)],
    ids=lambda page: page.stem,
)
def test_a_page_does_what_it_shows(page: Path, tmp_path: Path) -> None:
    workplace = Workplace(tmp_path, copy=False)
    if "\nworkplace: hospital\n" in page.read_text("utf-8"):
        write_hospital(tmp_path)
    carry_out(page, workplace)


def test_the_tutorials_do_what_they_show_one_after_the_other(tmp_path: Path) -> None:
    workplace = Workplace(tmp_path, copy=False)
    for page in TUTORIALS:
        carry_out(page, workplace)


class Loads(HTMLParser):
    """Collects what a page has the browser load."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "link" and given.get("rel") in ("canonical", "search"):
            return
        self.found += [given[name] or "" for name in ("src", "srcset", "data") if name in given]
        if tag == "link":
            self.found.append(given.get("href") or "")


def test_the_pages_build_and_ask_for_nothing_from_elsewhere(tmp_path: Path) -> None:
    pytest.importorskip("sphinx")
    built = tmp_path / "html"
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E",
         "-d", str(tmp_path / "doctrees"), str(DOCS), str(built)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    pages = list(built.rglob("*.html"))
    assert len(pages) > len(PAGES)
    for page in pages:
        for target in Loads(page).found:
            assert not re.match(r"(\w+:)?//", target), f"{page.name} loads {target}"
    for sheet in [*built.rglob("*.css"), *built.rglob("*.js")]:
        text = sheet.read_text("utf-8")
        assert not re.search(r"@import|url\(\s*[\"']?(https?:)?//", text), sheet.name
