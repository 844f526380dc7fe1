"""Films become images, in workers that may die at any moment; a journal says what is done.

An image appears under its name when its line is in the journal, so what has a line and an image is
never made again, and what lacks either is.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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

Fate = Developed | str
"""What became of a film: the facts of its image, or why there is none."""


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
        with Output(self.dataset).writing(f"{IMAGES}/{job.image}", durable=False) as file:
            file.write(png)
            file.flush()
            self._note(job, developed)
        return developed

    def lost(self, job: Job, reason: str) -> str:
        """Note that there is no image of the film, and why."""
        self._note(job, reason)
        return reason

    def _note(self, job: Job, fate: Fate) -> None:
        """Append a line to this process's own journal; a torn line before it does no harm."""
        outcome = fate if isinstance(fate, str) else asdict(fate)
        line = json.dumps({**asdict(job), "fate": outcome})
        path = self.crosswalk / JOURNALS / str(os.getpid())
        with Output(self.crosswalk).told_plainly(), open(path, "ab", opener=_private) as journal:
            journal.write(f"\n{line}\n".encode())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def develop_all(
    darkroom: Darkroom,
    crosswalk: Output,
    jobs: Sequence[Job],
    workers: int,
    tick: Callable[[int], None],
) -> dict[str, Fate]:
    """Develop the films that are not developed yet; return what became of each image."""
    crosswalk.make_subfolder(JOURNALS)
    Output(darkroom.dataset).make_subfolder(IMAGES)
    done = _finished(crosswalk, darkroom.dataset / IMAGES, jobs)
    tick(len(done))
    missing = [job for job in jobs if job.image not in done]
    guard = Guard[Job, Fate](darkroom.lost, SECONDS, MEMORY)
    fates = ordered_map(darkroom, missing, workers, before_fork=darkroom.warm_up, guard=guard)
    with closing(fates):
        for job, fate in zip(missing, fates, strict=True):
            done[job.image] = fate
            tick(1)
    return {job.image: done[job.image] for job in jobs}


def close_journal(crosswalk: Output, jobs: Iterable[Job], fates: Mapping[str, Fate]) -> None:
    """Put the journals of all workers together, in the order of the films."""
    lines = []
    for job in jobs:
        fate = fates[job.image]
        outcome = fate if isinstance(fate, str) else asdict(fate)
        lines.append(json.dumps({**asdict(job), "fate": outcome}) + "\n")
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
        isinstance(fate, str) or _is_whole(images / job.image, fate)
        for job, fate in _lines(crosswalk / JOURNAL)
    )


def _finished(crosswalk: Output, images: Path, jobs: Iterable[Job]) -> dict[str, Fate]:
    wanted = set(jobs)
    paths = [crosswalk / JOURNAL, *sorted((crosswalk / JOURNALS).iterdir())]
    return {
        job.image: fate
        for path in paths
        if path.exists()
        for job, fate in _lines(path)
        if job in wanted and (isinstance(fate, str) or _is_whole(images / job.image, fate))
    }


def _is_whole(path: Path, developed: Developed) -> bool:
    try:
        return path.stat().st_size == developed.bytes
    except OSError:
        return False


def _lines(path: Path) -> Iterator[tuple[Job, Fate]]:
    """Yield the entries of a journal but those that a killed process left unfinished."""
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                entry = json.loads(line)
                yield Job(entry["image"], entry["source"]), _fate(entry["fate"])
            except (ValueError, KeyError, TypeError):
                continue


def _fate(kept: "str | dict[str, Any]") -> Fate:
    if isinstance(kept, str):
        return kept
    windowing = Windowing(**kept.pop("windowing"))
    placement = Placement(**kept.pop("placement"))
    return Developed(**kept, windowing=windowing, placement=placement)
