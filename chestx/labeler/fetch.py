"""The OpenI reports, from the National Library of Medicine or from a copy on PyPI.

Indiana University's chest X-ray reports, CC BY-NC-ND 4.0; nothing of them is part of chestx.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO, Literal
from urllib.request import HTTPRedirectHandler, Request, build_opener

from chestx.errors import ChestxError

NAME = "NLMCXR_reports.tgz"
SHA256 = "8fb6de7eec73d8c3665067ad4bb003ccd57f971ae316d2642e1627ac7268667a"
"""Of the archive; the copy on PyPI is the same to the byte."""

ADDRESS = f"https://openi.nlm.nih.gov/imgs/collections/{NAME}"
WHEEL = "torchxrayvision==1.5.7"
WHEEL_MEMBER = f"torchxrayvision/data/{NAME}"
TIMEOUT = 60
SIZE_LIMIT = 2**24

Mirror = Literal["nlm", "pypi"]


def fetch_openi(out: Path, mirror: Mirror = "nlm") -> Path:
    """Put the archive of reports into the folder `out` and return its path.

    Nothing is done where it is there already. What arrives is checked by SHA-256.
    """
    target = out / NAME
    if not _is_right(target):
        content = MIRRORS[mirror]()
        if hashlib.sha256(content).hexdigest() != SHA256:
            raise ChestxError("the OpenI reports arrived damaged: try again or the other --mirror")
        _write(target, content)
    return target


def _is_right(target: Path) -> bool:
    return target.is_file() and hashlib.sha256(target.read_bytes()).hexdigest() == SHA256


def _from_nlm() -> bytes:
    try:
        with build_opener(_HttpsOnly).open(ADDRESS, timeout=TIMEOUT) as response:
            content: bytes = response.read(SIZE_LIMIT)
    except (OSError, HTTPException):
        raise ChestxError("openi.nlm.nih.gov cannot be reached: use --mirror pypi") from None
    return content


class _HttpsOnly(HTTPRedirectHandler):
    """Follows redirections that stay encrypted."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if not newurl.startswith("https://"):
            return None
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _from_pypi() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        # pip knows the index, the proxy and the certificates that this machine is set up with.
        options = ["--no-deps", "--only-binary=:all:", "--no-input", "--quiet", "--dest", folder]
        download = [sys.executable, "-m", "pip", "download", *options, WHEEL]
        if subprocess.run(download, capture_output=True, check=False).returncode:
            raise ChestxError(f"pip cannot download {WHEEL}: try it by hand, or use --mirror nlm")
        try:
            (wheel,) = Path(folder).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive, archive.open(WHEEL_MEMBER) as member:
                return member.read(SIZE_LIMIT)
        except (KeyError, ValueError, zipfile.BadZipFile):
            raise ChestxError(f"{WHEEL} does not hold the reports: use --mirror nlm") from None


MIRRORS: dict[str, Callable[[], bytes]] = {"nlm": _from_nlm, "pypi": _from_pypi}


def _write(target: Path, content: bytes) -> None:
    """Write the file whole or not at all."""
    partial = target.with_name(f".{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            partial.write_bytes(content)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise ChestxError(f"{target} cannot be written: {error.strerror}") from None
