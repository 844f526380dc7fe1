"""From bytes to text without changing a line ending: offsets count in the text as it was."""

import codecs
import io
import re
from typing import Self

from chestx.labeler.readers.member import LIMIT, RecordTooLargeError, Stream

FALLBACK = "chestx-cp1252"
BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Read what is not UTF-8 as Windows writes it; the five bytes it leaves free as Latin-1."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    if error.encoding != "utf-8":
        return "\ufffd", error.end
    wrong = error.object[error.start : error.end]
    text = wrong.decode("cp1252", "ignore")
    return (text if len(text) == len(wrong) else wrong.decode("latin-1")), error.end


codecs.register_error(FALLBACK, _as_cp1252)


def encoding(head: bytes) -> str:
    """Return the encoding that the first bytes announce, UTF-8 if they announce none."""
    return next((name for bom, name in BOMS.items() if head.startswith(bom)), "utf-8")


def decode(content: bytes) -> str:
    """Decode UTF-8 or UTF-16; bytes that are no UTF-8 are taken for Windows-1252."""
    return content.decode(encoding(content), FALLBACK)


def well_formed(text: str) -> str:
    """Replace the halves of surrogate pairs that JSON can smuggle in and no file can hold."""
    return text if text.isascii() else LONE_SURROGATE.sub("\ufffd", text)


def not_a_report(text: str) -> str:
    """Say what a text is that no report can be; "" for any other."""
    return "binary, not text" if "\0" in text else ""


class Lines:
    r"""The lines of a stream with their ends; `number` is that of the last one, from 1.

    `newline` is as in `open`: "" ends lines at `\r`, `\n` and `\r\n`, "\n" at that alone.
    A record is the lines since `begin_record`; at one over `LIMIT` the line is skipped to its end
    and `RecordTooLargeError` raised, after which reading can go on.
    """

    def __init__(self, stream: Stream, newline: str) -> None:
        name = encoding(stream.peek(4))
        self.number = 0
        self._length = 0
        self._text = io.TextIOWrapper(stream, name, errors=FALLBACK, newline=newline)

    def __iter__(self) -> Self:
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        # Left open: the stream belongs to whoever opened it.
        self._text.detach()

    def begin_record(self) -> None:
        """Start counting anew."""
        self._length = 0

    def __next__(self) -> str:
        line = self._text.readline(LIMIT + 1)
        if not line:
            raise StopIteration
        self.number += 1
        self._length += len(line)
        if self._length > LIMIT:
            while line and not line.endswith(("\n", "\r")):
                line = self._text.readline(LIMIT)
            raise RecordTooLargeError
        return line
