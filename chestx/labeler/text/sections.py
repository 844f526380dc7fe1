"""Findings and Impression of a report; what the report asks or compares with is left out.

The labels of Wang et al. 2017 (section 2.1) come from these two sections, or from the whole
report where it has neither.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from chestx.labeler.report import Section

_TABLES: dict[str, Any] = tomllib.loads(
    (files("chestx.rules") / "sections.toml").read_text("utf-8")
)
# In the order of the tables: of a heading's parts the first kind decides.
_KINDS = tuple(_TABLES["headings"])
_HEADINGS: dict[str, str] = {
    phrase: kind for kind in _KINDS for phrase in _TABLES["headings"][kind]
}
_INLINE = frozenset(_TABLES["inline"])
# Most headings are written in one of these ways and need no further look.
_CAPITALS = {phrase.upper(): kind for phrase, kind in _HEADINGS.items() if phrase in _INLINE}
_VOCABULARIES = [
    (kind, frozenset(_TABLES[table]["words"]), frozenset(_TABLES[table]["core"]))
    for kind, table in (("organ", "organs"), ("film", "films"))
]

# Possessive quantifiers throughout: a text of 50 MB of anything takes linear time.
_PHRASE = r"""
    (?P<mark>
        (?: [*_=\#>~|-]++ [ \t]*+ )?+ (?: \(?\d{1,2}[.)] [ \t]*+ )?+ (?: [*=\#]++ [ \t]*+ )?+
    )
    (?P<phrase>
        (?: \d{1,2}:\d\d | [AaPp]\.[Mm]\.(?=[,:\r\n]) | [^\W_] | _{2,} | \( )
        (?: [\w/&,()'\u2019\#] | (?<=\d):(?=\d\d) | -(?=\w) )*+
        (?: [ \t]++ (?: [AaPp]\.[Mm]\.(?=[,:\r\n]) | [\w(&/\#] )
            (?: [\w/&,()'\u2019\#] | (?<=\d):(?=\d\d) | -(?=\w) )*+
        ){0,11}+
    )
    (?: [ \t]*+ [*=\#]*+ [ \t]*+ : [*=\#]*+
      | [ \t]++ [-\u2013\u2014]{1,2} (?=\s)
      | [ \t]*+ [*=\#]*+ [ \t\r]*+ (?P<alone> (?=\n|\Z) )
    )
    (?: \r?\n [ \t]*+ [-=~_]{3,}+ [ \t\r]*+ (?=\n|\Z) )?+
"""
_LINE = re.compile(r"\S[^\n]*+")
_OPENING = re.compile(r"[ \t]*+" + _PHRASE, re.VERBOSE)
_SHOUTED = "|".join(re.escape(phrase.upper()) for phrase in sorted(_INLINE, reverse=True))
_WITHIN = re.compile(rf"(?: [.!?;] [ \t]++ | [ \t] (?=(?:{_SHOUTED})[ ]?:) )" + _PHRASE, re.VERBOSE)
# In a report without any heading of its body, a request ends with its first sentence, or with the
# questions after it.
_SENTENCE = re.compile(r"(?<=[.?!]) [ \t]++ (?=[A-Z]) (?! [^.?!]*+ \? )", re.VERBOSE)
_BRACKETS = re.compile(r"\([^()]*+\)")
_JOINT = re.compile(r"\s*(?:/|&|,|\band\b)\s*")
_WORD = re.compile(r"[^\s/,()]+")
_FIGURE = re.compile(r"[\d:_#'-]+")
# Where a paragraph ends: at a blank line, or where a line ends with its sentence.
_BREAK = re.compile(r"\n[ \t\r]*+\n | (?<=[.?!]) [ \t\r]*+ \n [ \t]*+ (?=[A-Z])", re.VERBOSE)


@dataclass(slots=True)
class _Piece:
    """The text below a heading; `kind` is a key of the headings or "free" for unheaded text."""

    kind: str
    start: int
    end: int = 0


def split_sections(text: str) -> list[Section]:
    """Return the sections that are read for labels, in the order of the text.

    Without a findings heading, text below no heading counts too, as does a paragraph that follows
    the single paragraph of a section left out. A report that leaves nothing to read is read
    whole.
    """
    pieces = [piece for piece in _pieces(text) if _trim(text, piece)]
    kinds = {piece.kind for piece in pieces}
    names = {
        "impression": "impression",
        "findings": "findings",
        "addendum": "findings",
        "film": "findings",
    }
    if "findings" not in kinds:
        names["free"] = "findings" if "impression" in kinds else "report"
    sections = []
    leading = "findings" not in kinds
    for piece in pieces:
        leading = leading and piece.kind in ("free", "film", "out")
        bodiless = not kinds & {"findings", "impression", "addendum"}
        if leading and piece.kind == "out" and _skip_paragraph(text, piece, bodiless):
            sections.append(Section("findings", piece.start, piece.end))
        elif name := names.get(piece.kind):
            sections.append(Section(name, piece.start, piece.end))
    whole = _Piece("free", 0, len(text))
    if not sections and _trim(text, whole):
        return [Section("report", whole.start, whole.end)]
    return sections


def _skip_paragraph(text: str, piece: _Piece, bodiless: bool) -> bool:
    """Keep what follows the first paragraph; false where nothing does."""
    gap = _BREAK.search(text, piece.start, piece.end)
    if not gap and bodiless:
        gap = _SENTENCE.search(text, piece.start, piece.end)
    if not gap:
        return False
    piece.start = gap.end()
    return _trim(text, piece)


def _trim(text: str, piece: _Piece) -> bool:
    """Strip surrounding space; false where nothing is left."""
    content = text[piece.start : piece.end]
    piece.start += len(content) - len(content.lstrip())
    piece.end = piece.start + len(content.strip())
    return piece.end > piece.start


def _pieces(text: str) -> Iterator[_Piece]:
    """Cut the text at its headings."""
    piece = _Piece("free", 0)
    for start, end, kind in _headings(text):
        if kind in ("organ", "film", "unknown"):
            # Within a section that is read these are no more than its text.
            if piece.kind != "out" and not (kind == "film" and piece.kind == "free"):
                continue
            next_piece = _Piece("film", end) if kind == "film" else _Piece("findings", start)
        else:
            next_piece = _Piece("free" if kind == "banner" else kind, end)
        piece.end = start
        yield piece
        piece = next_piece
    piece.end = len(text)
    yield piece


def _headings(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and kind of each heading."""
    for line in _LINE.finditer(text):
        position, end = line.span()
        opening = _OPENING.match(text, position)
        if opening and (kind := _kind(opening)):
            position = opening.end()
            yield opening.start(), position, kind
        rest = text[position:end]
        # Few lines have more of these marks: the others need no search.
        if ":" in rest or " - " in rest or " \u2013 " in rest or " \u2014 " in rest:
            yield from _headings_within(text, position, end)


def _headings_within(text: str, position: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Yield the headings inside a line, the first perhaps directly at `position`."""
    match = _OPENING.match(text, position, end) or _WITHIN.search(text, position, end)
    while match:
        kind = _inline_kind(match)
        # A heading in capitals may stand within what looked like one.
        position = match.end() if kind else match.start("phrase")
        if kind:
            yield match.start("mark"), position, kind
            match = _OPENING.match(text, position, end) or _WITHIN.search(text, position, end)
        else:
            match = _WITHIN.search(text, position, end)


def _inline_kind(match: re.Match[str]) -> str | None:
    """Return what a heading inside a line announces; None for what is no heading."""
    phrase = _normal(match["phrase"])
    return _HEADINGS.get(phrase) if phrase in _INLINE and match["alone"] is None else None


def _kind(match: re.Match[str]) -> str | None:
    """Return what the heading that opens a line announces; None for what is no heading."""
    written: str = match["phrase"]
    if kind := _CAPITALS.get(written):
        return kind
    alone = match["alone"] is not None
    if alone and not written[0].isupper():
        return None
    phrase = _normal(written)
    if kind := _HEADINGS.get(phrase) or _joint_kind(phrase):
        return kind
    if alone and not written.isupper():
        return None
    if kind := _vocabulary_kind(phrase):
        return kind
    return "unknown" if not alone and written.isupper() and len(written) > 3 else None


def _normal(written: str) -> str:
    """Return the phrase as the tables write it."""
    return " ".join(_BRACKETS.sub("", written).lower().split()).strip(" ,")


def _joint_kind(phrase: str) -> str | None:
    """Return the kind of "findings and impression", "history/comparison"."""
    kinds = {_HEADINGS.get(part) for part in _JOINT.split(phrase)}
    return None if None in kinds else min(kinds, key=lambda kind: _KINDS.index(str(kind)))


def _vocabulary_kind(phrase: str) -> str | None:
    """Return "organ" for "lungs and pleura", "film" for "chest, pa and lateral, 8:37"."""
    words = {word for word in _WORD.findall(phrase) if not _FIGURE.fullmatch(word)}
    for kind, vocabulary, core in _VOCABULARIES:
        if words <= vocabulary and words & core:
            return kind
    return None
