"""A line of CSV, the same bytes under every version of Python's csv module."""

import re
from collections.abc import Iterable

_SPECIAL = re.compile(r'[",\r\n]').search


def csv_line(fields: Iterable[str]) -> str:
    """Join fields by commas, quoting those that need it (RFC 4180; the line ends in a newline)."""
    return ",".join([_quoted(field) if _SPECIAL(field) else field for field in fields]) + "\n"


def _quoted(field: str) -> str:
    return '"' + field.replace('"', '""') + '"'
