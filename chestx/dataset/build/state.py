"""What a run may take over from earlier ones: the key, the ledger, the tables."""

from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

from chestx.dataset.build.crosswalk import CROSSWALK
from chestx.dataset.build.develop import forget_journal
from chestx.dataset.build.options import Options
from chestx.dataset.build.write import FILES
from chestx.dataset.identity.key import KEY, open_key
from chestx.errors import ChestxError
from chestx.job.ledger import RUN, Ledger, new_ledger, other_options, read_ledger
from chestx.job.output import Output
from chestx.job.walk import Found, walk


def choose_key(crosswalk: Output, key_file: Path | None, *, resume: bool) -> bytes:
    """Return the key; refuse to make a new one for a dataset that has patients' numbers."""
    lost = (crosswalk / RUN).exists() and not (crosswalk / KEY).exists()
    if lost and resume and key_file is None:
        raise ChestxError(
            f"the key of '{crosswalk.folder}' is not there: give it by --key-file, or use "
            "--no-resume or another -o"
        )
    return open_key(crosswalk, key_file)


def open_ledger(dataset: Output, crosswalk: Output, fingerprint: str, *, resume: bool) -> Ledger:
    """Return the ledger to go on with; it lies in the crosswalk, since it is of the inputs."""
    fresh = new_ledger(dataset, fingerprint, FILES)
    if not resume:
        forget_journal(crosswalk)
        (crosswalk / CROSSWALK).unlink(missing_ok=True)
        return fresh
    if not (crosswalk / RUN).exists():
        if (dataset / RUN).exists():
            raise ChestxError(
                f"the crosswalk of '{dataset.folder}' is not at '{crosswalk.folder}': put it back, "
                "or use --no-resume or another -o"
            )
        return fresh
    try:
        return read_ledger(crosswalk, fingerprint, ())
    except ChestxError:
        raise other_options(dataset.folder) from None


def tables_digest(options: Options) -> str:
    """Return a digest of what is read afresh in every run: labels, boxes, tables."""
    digest = blake2b(digest_size=16)
    link = options.link if isinstance(options.link, Path) else None
    for path in (options.labels, options.boxes, link, options.split_file):
        for name, content in _contents(path):
            digest.update(f"{len(name)}:{name}:{len(content)}:".encode("utf-8", "surrogatepass"))
            digest.update(content)
    return digest.hexdigest()


def _contents(path: Path | None) -> Iterator[tuple[str, bytes]]:
    if path is None:
        yield "", b""
    elif path.is_dir():
        for found in walk(path):
            if isinstance(found, Found):
                yield found.name, found.path.read_bytes()
    elif path.exists():
        yield "", path.read_bytes()
