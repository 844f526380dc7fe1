r"""The format of a file, from its name and its first bytes.

| name | first bytes hold | format |
|---|---|---|
| `p10000032/s50414267.txt` | | mimic-cxr |
| `*.txt`, `*.text` | | text |
| `*.csv`, `*.tsv` | | csv |
| `*.xml` | `<eCitation` | openi |
| `*.json`, `*.jsonl`, `*.ndjson` | `"resourceType"` | fhir |
| `*.json`, `*.jsonl`, `*.ndjson`, `-` | | jsonl |

The first row that fits decides; a `.gz` does not count as part of the name. Any other file has no
known format.
"""

import re

from chestx.labeler.readers.member import Member

HEAD = 4096
TABLE = tuple(
    (re.compile(name, re.IGNORECASE), head, format)
    for name, head, format in (
        (r"(?:.*/)?p\d+/s\d+\.txt", b"", "mimic-cxr"),
        (r".*\.te?xt", b"", "text"),
        (r".*\.[ct]sv", b"", "csv"),
        (r".*\.xml", b"<eCitation", "openi"),
        (r".*\.(?:json|jsonl|ndjson)", b'"resourceType"', "fhir"),
        (r".*\.(?:json|jsonl|ndjson)|-", b"", "jsonl"),
    )
)


def detect(member: Member) -> str | None:
    """Return the name of the format, `None` if there is none that fits."""
    for pattern, head, format in TABLE:
        if pattern.fullmatch(member.path) and (not head or head in member.stream.peek(HEAD)[:HEAD]):
            return format
    return None
