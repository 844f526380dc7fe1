"""Simulate studies into a workspace, resumably and in parallel.

`reports/`, `dicom/` and `boxes/` are as a hospital has them; `truth/` says what is true of them,
and keeps the ledger. Each finished study leaves its lines of the tables in `truth/.parts/`; the
last step joins them.
"""

import json
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from chestx.errors import ChestxError
from chestx.job.csv_line import csv_line
from chestx.job.ledger import Ledger, digests_of, fingerprint_of, read_ledger, write_run
from chestx.job.output import Output
from chestx.job.progress import Progress
from chestx.job.workers import cores, ordered_map
from chestx.simulation.hospital.earlier import check_place, remove_earlier
from chestx.simulation.hospital.make import PARTS, StudyMaker, part_of
from chestx.simulation.hospital.studies import Study, studies
from chestx.simulation.hospital.truth import HEADERS, README, TEXT, TRUTH

COMMAND = "simulate"
STUDIES, TALLEST = 300, 1024
LIBRARIES = ("imagecodecs", "numpy", "opencv-python-headless", "pydicom")


@dataclass(frozen=True, slots=True)
class Summary:
    """How many studies there are, and how many are new. Printed, it is a line for the user."""

    folder: Path
    studies: int
    made: int

    def __str__(self) -> str:
        if not self.made:
            return f"nothing to do: '{self.folder}' holds all {self.studies:,} studies"
        return f"{self.made:,} studies simulated, '{self.folder}' holds {self.studies:,}"


def simulate(
    folder: Path = Path(),
    *,
    number: int = STUDIES,
    seed: int = 0,
    tallest: int = TALLEST,
    boxed: float = 1.0,
    workers: int | None = None,
    resume: bool = True,
    quiet: bool = False,
) -> Summary:
    """Make `number` studies in the workspace `folder`, whose films have up to `tallest` rows.

    Radiologists draw boxes on a share of them, `boxed`; the lesions of the others are in the truth
    alone. More studies never change the first ones. Raises `ChestxError` where the workspace holds
    what others made, or was made with other options.
    """
    _check_installed()
    wanted = studies(seed, number, tallest, boxed)
    digests = digests_of((study.accession, 0, 0) for study in wanted)
    truth = Output(folder / TRUTH)
    with truth, Progress("simulating", "studies", quiet=quiet) as bar:
        check_place(truth, folder)
        if not resume:
            remove_earlier(truth, folder)
        ledger = _open_ledger(
            truth, folder, fingerprint_of(seed=seed, tallest=tallest, boxed=boxed)
        )
        if not ledger.doing:
            truth.remove_subfolder(PARTS)  # of a run that died when all was done but this
        options = {
            "studies": number,
            "seed": seed,
            "size": tallest,
            "boxed": boxed,
            "workers": workers,
        }
        job = _Job(truth, folder, ledger, workers or cores(), bar, options)
        by_digest = dict(zip(digests, wanted, strict=True))
        for batch in _batches(ledger, digests, folder):
            job.make(batch, [by_digest[digest] for digest in batch])
    return Summary(folder, number, job.made)


@dataclass
class _Job:
    truth: Output
    folder: Path
    ledger: Ledger
    workers: int
    bar: Progress
    options: dict[str, float | None]
    made: int = 0
    seconds: float = 0.0

    def make(self, batch: tuple[str, ...], wanted: Sequence[Study]) -> None:
        """Make what is left of a batch, and add all of it to the tables."""
        self.ledger.doing = batch
        self._save()
        started = time.perf_counter()
        left = [study for study in wanted if not (self.folder / part_of(study)).exists()]
        self.bar.add(len(wanted) - len(left))
        maker = StudyMaker(self.folder)
        made = ordered_map(maker, left, self.workers, before_fork=maker.warm_up)
        with closing(made):
            for _ in made:
                self.made += 1
                self.bar.add(1)
        written = self._write_tables(wanted)
        self.seconds += time.perf_counter() - started
        self.ledger.finish(written)
        self._save()
        self.truth.remove_subfolder(PARTS)

    def _write_tables(self, wanted: Sequence[Study]) -> dict[str, int]:
        parts = [json.loads((self.folder / part_of(study)).read_bytes()) for study in wanted]
        written = {}
        for name, header in HEADERS.items():
            kept = self.ledger.written.get(name, 0)
            before = (self.truth / name).read_bytes()[:kept] if kept else csv_line(header).encode()
            content = before + "".join(line for part in parts for line in part[name]).encode()
            self.truth.write(name, content)
            written[name] = len(content)
        self.truth.write(README, TEXT.encode())
        return written

    def _save(self) -> None:
        facts = {
            "command": COMMAND,
            "options": self.options,
            "studies": len(self.ledger.done),
            "seconds": {"make": round(self.seconds, 3)},
        }
        write_run(self.truth, self.ledger, facts, LIBRARIES)


def _open_ledger(truth: Output, folder: Path, fingerprint: str) -> Ledger:
    try:
        ledger = read_ledger(truth, fingerprint, HEADERS)
    except ChestxError:
        raise _other_options(folder) from None
    for name, size in ledger.written.items():
        table = truth / name
        if not table.exists() or table.stat().st_size < size:
            raise ChestxError(f"'{table}' was changed after it was written: use --no-resume")
    return ledger


def _batches(ledger: Ledger, digests: Sequence[str], folder: Path) -> list[tuple[str, ...]]:
    try:
        return ledger.batches(digests, folder)
    except ChestxError:
        raise _other_options(folder) from None


def _other_options(folder: Path) -> ChestxError:
    return ChestxError(
        f"'{folder}' was simulated with other options, or more studies: use --no-resume or "
        "another folder"
    )


def _check_installed() -> None:
    try:
        import cv2  # noqa: F401
        import deflate  # noqa: F401
        import imagecodecs  # noqa: F401
    except ImportError as error:
        raise ChestxError(
            "simulate needs codecs: pip install 'chestx[images]' and run it again"
        ) from error
