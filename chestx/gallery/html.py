"""Pages as text: whatever comes from a file is escaped, nothing asks for anything outside."""

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files

from chestx import __version__

ASSETS = files("chestx.gallery") / "assets"
POLICY = (
    "default-src 'none'; script-src 'self' file:; style-src 'self' file:; "
    "img-src 'self' file: data:; base-uri 'none'; form-action 'none'"
)
"""A page on disk has no origin of its own: some browsers take 'self' for it, others file: alone."""
NOTICE = "For research only: not a medical device."


class Drawn(str):
    """Markup that was made here, not text that was read."""


Cell = str | int | float | None


def page(
    title: str, body: str, nav: Iterable[tuple[str, str]], here: str, scripts: Sequence[str] = ()
) -> bytes:
    """Return a whole page; `nav` are the names and files of all pages, `here` the file of this."""
    links = "".join(
        f'<li><a href="{file}"{" aria-current=page" * (file == here)}>{name}</a></li>'
        for name, file in nav
    )
    tags = "".join(f'<script src="{ASSETS_FOLDER}/{name}"></script>\n' for name in scripts)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{escape(title)} · chestx gallery</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{ASSETS_FOLDER}/gallery.css">
<script src="{ASSETS_FOLDER}/theme.js"></script>
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top">
<p class="brand">chestx <span>gallery</span></p>
<nav aria-label="Pages"><ul>{links}</ul></nav>
<p class="notice">{NOTICE}</p>
<div class="tools" id="tools"><button type="button" id="theme" class="quiet">Theme</button></div>
</header>
{body}
<footer class="foot">chestx {escape(__version__)}. {NOTICE}</footer>
{tags}</body>
</html>
""".encode()


ASSETS_FOLDER = "assets"


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[Cell]], kind: str = "") -> str:
    """Return a table: a row's first cell is its heading, numbers are to the right."""
    rows = list(rows)
    numbers = [any(isinstance(row[at], int | float) for row in rows) for at in range(len(head))]
    columns = "".join(
        f'<th scope="col"{" class=number" * number}>{escape(name)}</th>'
        for name, number in zip(head, numbers, strict=True)
    )
    lines = "".join(
        f'<tr><th scope="row">{_shown(first)}</th>{"".join(map(_cell, rest))}</tr>\n'
        for first, *rest in rows
    )
    return (
        f'<div class="wide"><table class="figures {kind}"><caption>{escape(caption)}</caption>'
        f"<thead><tr>{columns}</tr></thead>\n<tbody>{lines}</tbody></table></div>\n"
    )


def section(title: str, *parts: str) -> str:
    """Return a section under its heading."""
    return f"<section><h2>{escape(title)}</h2>\n{''.join(parts)}</section>\n"


def note(text: str) -> str:
    """Return a paragraph."""
    return f"<p>{escape(text)}</p>\n"


def figure(source: str, caption: str) -> str:
    """Return a linked picture; `source` is quoted already, the caption also tells what it shows."""
    words = escape(caption)
    return (
        f'<figure class="plate"><img src="{escape(source)}" alt="{words}">'
        f"<figcaption>{words}</figcaption></figure>\n"
    )


def article(title: str, *parts: str) -> str:
    """Return the main part of a page of text and tables."""
    return f'<main id="main" class="page"><h1>{escape(title)}</h1>\n{"".join(parts)}</main>'


def _cell(value: Cell) -> str:
    if isinstance(value, Drawn):
        return f"<td>{value}</td>"
    if isinstance(value, str):
        return f"<td>{escape(value)}</td>"
    return f'<td class="number">{_shown(value)}</td>'


def _shown(value: Cell) -> str:
    if value is None:
        return "–"  # noqa: RUF001
    if isinstance(value, str):
        return escape(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"
