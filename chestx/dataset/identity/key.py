"""The secret from which the numbers of the patients are made."""

import hmac
import secrets
from pathlib import Path

from chestx.errors import ChestxError
from chestx.job.output import Output

KEY = "key"
BYTES = 32
LEAST = 16
"""Bytes: below 128 bits a key can be found by trying."""


def open_key(crosswalk: Output, key_file: Path | None) -> bytes:
    """Return the user's key, or that of the crosswalk, which is made where it is missing.

    A key is the content of its file without the white space around it, so that a copy of a
    crosswalk's key is the same key. A `key_file` is read and not copied. `crosswalk` is private:
    its key is of mode 0600. Raises `ChestxError` for a file that cannot be read or is too short.
    """
    if key_file is not None:
        return _read(key_file)
    path = crosswalk / KEY
    if not path.exists():
        crosswalk.write(KEY, f"{secrets.token_bytes(BYTES).hex()}\n".encode())
    return _read(path)


def key_digest(key: bytes) -> str:
    """Return what tells one key from another and gives none away, in hexadecimal."""
    return hmac.digest(key, b"chestx: which key is it", "sha256").hex()


def _read(path: Path) -> bytes:
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise ChestxError(
            f"cannot read the key '{path}' ({error.strerror}): name a file that you may read"
        ) from error
    if len(key) < LEAST:
        raise ChestxError(
            f"the key '{path}' is shorter than {LEAST} bytes: make one with "
            f"'openssl rand -hex {BYTES}', or restore it from a copy"
        )
    return key
