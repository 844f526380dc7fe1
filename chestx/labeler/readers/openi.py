"""The Indiana University reports (OpenI) in the National Library of Medicine's XML."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from chestx.errors import ChestxError
from chestx.job.rejected import Rejected
from chestx.labeler.readers.columns import Columns
from chestx.labeler.readers.member import DAMAGE, Member, RecordTooLargeError
from chestx.labeler.readers.sources import check, members
from chestx.labeler.report import Report

PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    # Half of a file is figures and indentation that nobody asks for: this saves a fifth.
    remove_blank_text=True,
    remove_comments=True,
    collect_ids=False,
)


class Mesh(NamedTuple):
    """A report's id, its `MeSH/major` headings as written, and whether it comes with a film."""

    id: str
    majors: tuple[str, ...]
    has_image: bool


class NotOpeniError(Exception):
    """A file is not one of the collection's; the message says why."""


def read(member: Member, columns: Columns) -> Iterator[Report | Rejected]:
    """Yield the file's report; its id is the `uId`, its text the sections of the abstract.

    A report without findings and impression stays one: the published tables count it.
    """
    try:
        name, root = _parse(member.read())
    except NotOpeniError as error:
        yield member.rejected(str(error))
        return
    sections = (
        (section.get("Label", ""), _text(section))
        for section in root.iterfind("MedlineCitation/Article/Abstract/AbstractText")
    )
    text = "\n\n".join(f"{label}: {text}" for label, text in sections if text)
    yield Report(name, text, member.source)


def read_mesh(paths: Sequence[str | Path]) -> Iterator[Mesh]:
    """Yield the headings of every report below `paths`, in the order of `read_reports`.

    Labels are judged by them, so a file that cannot be read raises `ChestxError`.
    """
    check(paths)
    return _meshes(paths)


def _meshes(paths: Sequence[str | Path]) -> Iterator[Mesh]:
    for member in members(paths):
        try:
            if isinstance(member, Rejected):
                raise NotOpeniError(member.reason)
            if member.suffix == ".xml":
                name, root = _parse(member.read())
                majors = (major.text or "" for major in root.iterfind("MeSH/major"))
                has_image = root.find("parentImage") is not None
                yield Mesh(name, tuple(map(str.strip, majors)), has_image)
        except (*DAMAGE, NotOpeniError, RecordTooLargeError):
            raise ChestxError(
                "the OpenI reports are damaged or hold other files: "
                "get them again with `chestx fetch openi`"
            ) from None


def _parse(content: bytes) -> tuple[str, etree._Element]:
    """Return the report's id and the root of its tree."""
    try:
        root = etree.fromstring(content, PARSER)
    except etree.XMLSyntaxError:
        raise NotOpeniError("malformed XML") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotOpeniError("XML with a document type of its own, which may hide entities")
    identity = root.find("uId")
    name = "" if identity is None else identity.get("id", "").strip()
    if root.tag != "eCitation" or not name:
        raise NotOpeniError("not an OpenI report: no eCitation with a uId")
    return name, root


def _text(section: etree._Element) -> str:
    # itertext costs as much as parsing; none of the collection's sections holds a tag.
    text = "".join(section.itertext()) if len(section) else section.text or ""
    return text.strip()
