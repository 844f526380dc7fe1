"""The data of the site: scripts that hand over JSON, since a page on disk may fetch nothing."""

import json
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import numpy as np

from chestx.gallery.studies import PRESENT, Bytes

STUDIES = 200
"""In a chunk: what is loaded when one of them is looked at."""
LISTED = 20_000
"""Studies in a piece of the index, all of which is loaded at once."""
DATA = "data"
TRUTH, BOXED = PRESENT.bit_length(), 2 * PRESENT.bit_length()
"""Bits of a class in the index: the label below, then the truth, then whether there is a box."""


def script(name: str, content: Any) -> bytes:
    """Return a script that hands `content` over under `name`.

    Whatever a report says stays a string: JSON within a string of JavaScript, pure ASCII, without
    a character that could end the script.
    """
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    quoted = json.dumps(text)
    for sign in "<>&":
        quoted = quoted.replace(sign, f"\\u{ord(sign):04x}")
    return f"chestx.receive({json.dumps(name)},{quoted});\n".encode("ascii")


def packed(columns: Bytes) -> str:
    """Return bytes [N, C] class by class, as base64."""
    return b64encode(np.ascontiguousarray(columns.T).tobytes()).decode()


def states(labels: Bytes, truth: Bytes, boxed: Bytes) -> Bytes:
    """Return labels, truth and boxes [N, C] as one byte a class."""
    return (labels | (truth << TRUTH) | (boxed << BOXED)).astype(np.uint8)


def pieces(count: int, size: int) -> Sequence[tuple[int, int, int]]:
    """Return number, start and end of the pieces of so many studies."""
    starts = range(0, count, size)
    return [(number, at, min(at + size, count)) for number, at in enumerate(starts)]
