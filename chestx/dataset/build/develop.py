"""Films become images, in workers that may die at any moment; a journal says what is done.

An image appears under its name when its line is in the journal, so what has a line and an image is
never made again, and what lacks either is.
"""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from chestx.dataset.film import Developed, Placement, UnusableFilmError, Windowing
from chestx.job.output import Output
from chestx.job.workers import Guard, ordered_map

IMAGES = "images"
JOURNAL = ".developed.jsonl"
JOURNALS = ".developed"
SECONDS = 300.0
# What a film of the largest size that is read needs, with some to spare.
MEMORY = 3 * 2**29


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a file gave no image; where that is not `final` it may pass, and is tried again."""

    reason: str
    final: bool = True


Fate = Developed | Refused
"""What became of a film."""


@dataclass(frozen=True, slots=True)
class Job:
    """A film to be made into an image of the dataset."""

    image: str
    source: str


@dataclass(frozen=True)
class Darkroom:
    """Develops a film into the dataset's folder of images, in a worker."""

    films: Path
    dataset: Path
    crosswalk: Path
    size: int
    fit: Literal["squash", "pad"]
    bits: Literal[8, 16]

    def warm_up(self) -> None:
        """Import what the workers are to share."""
        import chestx.dataset.films.develop  # noqa: F401

    def __call__(self, job: Job) -> Fate:
        """Write the image and its line in the journal, or the line alone for a film of no use."""
        from chestx.dataset.films.develop import develop

        try:
            png, developed = develop(
                self.films / job.source, size=self.size, fit=self.fit, bits=self.bits
            )
        except UnusableFilmError as error:
            return self.lost(job, str(error))
        except MemoryError:
            return self.lost(job, "needs too much memory")
        except OSError as error:
            return Refused((error.strerror or "cannot be read").lower(), final=False)
        with Output(self.dataset).writing(f"{IMAGES}/{job.image}", durable=False) as file:
            file.write(png)
            file.flush()
            self._note(job, developed)
        return developed

    def lost(self, job: Job, reason: str) -> Refused:
        """Note that there is no image of the film, and why."""
        fate = Refused(reason)
        self._note(job, fate)
        return fate

    def _note(self, job: Job, fate: Fate) -> None:
        """Append a line to this process's own journal; a torn line before it does no harm."""
        line = _line(job, fate)
        path = self.crosswalk / JOURNALS / str(os.getpid())
        with Output(self.crosswalk).told_plainly(), open(path, "ab", opener=_private) as journal:
            journal.write(f"\n{line}".encode())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


Tries = dict[Job, Fate]
"""What became of every file that was tried, in the order of the images."""


def develop_all(
    darkroom: Darkroom,
    crosswalk: Output,
    films: Sequence[Sequence[Job]],
    workers: int,
    tick: Callable[[int], None],
) -> tuple[Tries, int]:
    """Develop each film that is not developed yet from the first of its files that can be.

    Return what became of the files, and how many images were made now.
    """
    crosswalk.make_subfolder(JOURNALS)
    Output(darkroom.dataset).make_subfolder(IMAGES)
    done = _finished(crosswalk, darkroom.dataset / IMAGES, {job for jobs in films for job in jobs})
    tried = {job: done[job] for jobs in films if _image(jobs, done) for job in jobs if job in done}
    made = 0
    left = [jobs for jobs in films if not _image(jobs, done)]
    tick(len(films) - len(left))
    while left:
        missing = [jobs[0] for jobs in left if jobs[0] not in done]
        guard = Guard[Job, Fate](darkroom.lost, SECONDS, MEMORY)
        fates = ordered_map(darkroom, missing, workers, before_fork=darkroom.warm_up, guard=guard)
        with closing(fates):
            for job, fate in zip(missing, fates, strict=True):
                done[job] = fate
                made += isinstance(fate, Developed)
                tick(1)
        tried |= {jobs[0]: done[jobs[0]] for jobs in left}
        left = [jobs[1:] for jobs in left if jobs[1:] and isinstance(tried[jobs[0]], Refused)]
    return {job: tried[job] for jobs in films for job in jobs if job in tried}, made


def close_journal(crosswalk: Output, tried: Tries) -> None:
    """Put the journals of all workers together, in the order of the images."""
    lines = (_line(job, fate) for job, fate in tried.items() if _is_final(fate))
    crosswalk.write(JOURNAL, "".join(lines).encode())
    crosswalk.remove_subfolder(JOURNALS)


def forget_journal(crosswalk: Output) -> None:
    """Let every film be developed afresh."""
    (crosswalk / JOURNAL).unlink(missing_ok=True)
    crosswalk.remove_subfolder(JOURNALS)


def all_there(crosswalk: Output, images: Path) -> bool:
    """Tell whether every image of the closed journal is there in its size."""
    if not (crosswalk / JOURNAL).exists():
        return False
    return all(
        isinstance(fate, Refused) or _has_size(images / job.image, fate)
        for job, fate in _lines(crosswalk / JOURNAL)
    )


def _image(jobs: Sequence[Job], done: Tries) -> bool:
    """Tell whether one of the files of a film has become its image."""
    return any(isinstance(done.get(job), Developed) for job in jobs)


def _finished(crosswalk: Output, images: Path, wanted: Set[Job]) -> Tries:
    """Return what need not be done again.

    Of a run that was killed, an image counts if it is the one of the journal: lines come before
    images, and an older image may have the same name.
    """
    done: Tries = {}
    for path, is_whole in (
        (crosswalk / JOURNAL, _has_size),
        *((path, _has_hash) for path in sorted((crosswalk / JOURNALS).iterdir())),
    ):
        for job, fate in _lines(path) if path.exists() else ():
            if job in wanted and (isinstance(fate, Refused) or is_whole(images / job.image, fate)):
                done[job] = fate
    return done


def _has_size(path: Path, developed: Developed) -> bool:
    try:
        return path.stat().st_size == developed.bytes
    except OSError:
        return False


def _has_hash(path: Path, developed: Developed) -> bool:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() == developed.sha256
    except OSError:
        return False


def _is_final(fate: Fate) -> bool:
    return isinstance(fate, Developed) or fate.final


def _line(job: Job, fate: Fate) -> str:
    return json.dumps({**asdict(job), "fate": asdict(fate)}) + "\n"


def _lines(path: Path) -> Iterator[tuple[Job, Fate]]:
    """Yield the entries of a journal but those that a killed process left unfinished."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                entry = json.loads(line)
                yield Job(entry["image"], entry["source"]), _fate(entry["fate"])
            except (ValueError, KeyError, TypeError):
                continue


def _fate(kept: dict[str, Any]) -> Fate:
    if "reason" in kept:
        return Refused(**kept)
    windowing = Windowing(**kept.pop("windowing"))
    placement = Placement(**kept.pop("placement"))
    return Developed(**kept, windowing=windowing, placement=placement)
