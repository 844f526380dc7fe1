"""FHIR R4: DiagnosticReports in a JSON file, a Bundle or NDJSON."""

import base64
import binascii
from collections.abc import Callable, Iterator
from email.message import Message

from chestx.job.rejected import Rejected
from chestx.labeler.readers.columns import Columns
from chestx.labeler.readers.decode import FALLBACK, decode, well_formed
from chestx.labeler.readers.jsonl import objects, parse_object
from chestx.labeler.readers.markup import plain_text
from chestx.labeler.readers.member import Member
from chestx.labeler.report import Report

DOCUMENT_LIMIT = 256 * 2**20
"""The longest JSON file, which is read as a whole; NDJSON may be of any length."""

NDJSON = frozenset((".ndjson", ".jsonl", ""))

Resource = dict[str, object]

FORMS: dict[str, Callable[[str], str]] = {"text/plain": str, "text/html": plain_text}
"""The forms of a report that are read, best first, and how each becomes text."""


class UnreadableFormError(Exception):
    """A report's `presentedForm` is damaged."""


def read(member: Member, columns: Columns) -> Iterator[Report | Rejected]:
    """Yield the reports; the id is the resource's, or else its first identifier.

    The text is the `presentedForm`, or else the narrative, and after it the `conclusion` unless
    it is said there already. Resources of other types are passed over.
    """
    for source, content in _documents(member):
        if isinstance(content, str):
            yield Rejected("", source, content)
            continue
        for resource in _resources(content):
            if resource.get("resourceType") == "DiagnosticReport":
                yield _report(resource, source)


def _documents(member: Member) -> Iterator[tuple[str, Resource | str]]:
    if member.suffix in NDJSON:
        for number, value in objects(member):
            yield f"{member.source}:{number}", value
    else:
        yield member.source, parse_object(decode(member.read(DOCUMENT_LIMIT)))


def _resources(content: Resource) -> Iterator[Resource]:
    if content.get("resourceType") != "Bundle":
        yield content
        return
    for entry in _objects(content.get("entry")):
        yield from _objects([entry.get("resource")])


def _report(resource: Resource, source: str) -> Report | Rejected:
    name = _name(resource)
    if not name:
        return Rejected("", source, "no id")
    if resource.get("status") == "entered-in-error":
        return Rejected(name, source, "entered in error")
    try:
        text = _text(resource)
    except UnreadableFormError:
        return Rejected(name, source, "the presentedForm is damaged")
    if not text.strip():
        return Rejected(name, source, "empty report")
    return Report(name, well_formed(text), source)


def _name(resource: Resource) -> str:
    identifiers = (identifier.get("value") for identifier in _objects(resource.get("identifier")))
    names = (name for name in (resource.get("id"), *identifiers) if isinstance(name, str))
    return next((well_formed(name.strip()) for name in names if name.strip()), "")


def _text(resource: Resource) -> str:
    """Return the body, then the conclusion as its impression unless the body holds it."""
    body, conclusion = _body(resource), "".join(_strings([resource], "conclusion"))
    if not body.strip():
        return conclusion
    # Lines are broken differently in the two.
    if " ".join(conclusion.split()) in " ".join(body.split()):
        return body
    return f"{body}\n\nIMPRESSION: {conclusion}"


def _body(resource: Resource) -> str:
    form = _presented_form(resource)
    if form.strip():
        return form
    return plain_text("".join(_strings(_objects([resource.get("text")]), "div")))


def _presented_form(resource: Resource) -> str:
    forms = _objects(resource.get("presentedForm"))
    for wanted, to_text in FORMS.items():
        for form in forms:
            media_type, charset = _content_type(form)
            if media_type == wanted and isinstance(form.get("data"), str):
                return to_text(_decoded(str(form["data"]), charset))
    return ""


def _content_type(form: Resource) -> tuple[str, str | None]:
    header = Message()
    header["Content-Type"] = "".join(_strings([form], "contentType"))
    return header.get_content_type(), header.get_content_charset()


def _decoded(data: str, charset: str | None) -> str:
    """Decode an attachment; `charset` is the one it claims."""
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
        if charset in (None, "utf-8", "us-ascii"):
            text = decode(content)
        else:
            text = content.decode(charset, FALLBACK)
    except (binascii.Error, LookupError, UnicodeError):
        raise UnreadableFormError from None
    if "\0" in text:
        raise UnreadableFormError
    return text


def _objects(value: object) -> list[Resource]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _strings(objects_: list[Resource], key: str) -> Iterator[str]:
    return (value for item in objects_ if isinstance(value := item.get(key), str))
