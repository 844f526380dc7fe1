"""The reports of a batch of inputs, cut into units: no id twice, nothing that cannot be written."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain, islice
from pathlib import Path

from chestx.errors import ChestxError
from chestx.job.csv_line import csv_line
from chestx.job.ledger import Input, digests_of
from chestx.job.names import printable
from chestx.job.rejected import Rejected
from chestx.labeler.batch.unit import Unit
from chestx.labeler.readers import inventory, read_reports
from chestx.labeler.readers.sources import STDIN
from chestx.labeler.report import Report
from chestx.labeler.text.language import SAMPLE, foreign_language, foreign_report

UNIT = 1000
"""Records in a unit: what is lost when a run is killed, and a row group of the mentions."""
UNIT_CHARACTERS = 2**23
"""A unit of very long reports is cut earlier."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the user wants the reports to be read."""

    format: str
    text_column: str | None
    id_column: str | None


class Corpus:
    """The inputs below the paths that the user typed; `digests` stand for them in a ledger.

    `stdin` is the digest of standard input, None if it is not read.
    """

    def __init__(self, paths: Sequence[str | Path], reading: Reading) -> None:
        """Raise `ChestxError` if a path does not exist."""
        self.reading = reading
        found = [(path, entry) for path in paths for entry in inventory([path])]
        self.digests = digests_of(entry for _, entry in found)
        self._places = {
            digest: (path, _source(path, entry))
            for digest, (path, entry) in zip(self.digests, found, strict=True)
        }
        from_stdin = (digest for digest, (path, _) in self._places.items() if str(path) == STDIN)
        self.stdin = next(from_stdin, None)

    def records(self, batch: Iterable[str]) -> Iterator[Report | Rejected]:
        """Yield the records of the inputs in `batch`, in the order of reading."""
        wanted = [self._places[digest] for digest in batch]
        paths = list(dict.fromkeys(path for path, _ in wanted))
        reading = self.reading
        records = read_reports(paths, reading.format, reading.text_column, reading.id_column)
        if len(wanted) == len(self.digests):
            return records
        sources = {source for _, source in wanted}
        return (record for record in records if _is_from(record.source, sources))


def english_only(records: Iterable[Report | Rejected]) -> Iterator[Report | Rejected]:
    """Yield the records; raise `ChestxError` before the first if a sample is not in English."""
    records = iter(records)
    sample = list(islice(records, SAMPLE))
    language = foreign_language(r.text for r in sample if isinstance(r, Report))
    if language is not None:
        raise ChestxError(
            f"most of the reports seem to be in {language}: chestx reads English reports only, "
            "translate them first"
        )
    return chain(sample, records)


def cut(records: Iterable[Report | Rejected], seen: set[bytes]) -> Iterator[Unit]:
    """Cut the stream into units; `seen` are the digests of the ids that are taken."""
    index = 0
    unit = _Growing()
    for record in records:
        unit.add(record, seen)
        if unit.is_full():
            yield unit.finish(index)
            index, unit = index + 1, _Growing()
    if unit.reports or unit.rejected:
        yield unit.finish(index)


def id_digest(id: bytes) -> bytes:
    """Return a short stand-in for an id: millions of them are held in memory."""
    return blake2b(id, digest_size=16).digest()


class _Growing:
    """A unit that records are added to."""

    def __init__(self) -> None:
        self.reports: list[tuple[str, str]] = []
        self.rejected: list[str] = []
        self.characters = 0
        self.digest = blake2b(digest_size=16)

    def add(self, record: Report | Rejected, seen: set[bytes]) -> None:
        if isinstance(record, Rejected):
            self._reject(record.id, record.source, record.reason)
            return
        try:
            id, text = record.id.encode(), record.text.encode()
        except UnicodeEncodeError:
            self._reject(record.id, record.source, "not valid Unicode")
            return
        digest = id_digest(id)
        if digest in seen:
            self._reject(record.id, record.source, "duplicate id")
            return
        if language := foreign_report(record.text):
            self._reject(record.id, record.source, f"seems to be in {language}")
            return
        seen.add(digest)
        self.reports.append((record.id, record.text))
        self.characters += len(text)
        self._hash(id, text)

    def is_full(self) -> bool:
        return len(self.reports) + len(self.rejected) >= UNIT or self.characters >= UNIT_CHARACTERS

    def finish(self, index: int) -> Unit:
        return Unit(index, self.digest.hexdigest(), self.reports, self.rejected)

    def _reject(self, *fields: str) -> None:
        row = csv_line(field.encode("utf-8", "backslashreplace").decode() for field in fields)
        self.rejected.append(row)
        self._hash(row.encode())

    def _hash(self, *fields: bytes) -> None:
        for field in fields:
            self.digest.update(len(field).to_bytes(8))
            self.digest.update(field)


def _source(path: str | Path, entry: Input) -> str:
    """Return how records cite an input."""
    path = Path(path)
    return printable(str(path / entry[0] if path.is_dir() else path))


def _is_from(source: str, files: set[str]) -> bool:
    """Tell whether a record's source is one of the files, or a row or member of one."""
    if source in files:
        return True
    cuts = (at for at in range(len(source) - 1, 0, -1) if not source[at].isalnum())
    return any(source[:at] in files for at in cuts)
