"""Twenty thousand films: the memory of each process."""

import subprocess
import tempfile
import time
from pathlib import Path

from bench.films import write_archive
from bench.outcome import Bar, Outcome
from bench.processes import build, environment, watched

FILMS = 20_000
ROWS, COLUMNS = 128, 96
WORKERS = 2
GIGABYTES = 1.0


def measure(number: int = FILMS) -> Outcome:
    """Build a dataset of a tenth of the films and one of all, and compare."""
    peaks, seconds = {}, {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for films in (number // 10, number):
            archive = folder / str(films)
            write_archive(archive, films, ROWS, COLUMNS)
            started = time.perf_counter()
            command = build(archive, archive / "out", "--workers", str(WORKERS))
            process = subprocess.Popen(command, env=environment(), start_new_session=True)
            sizes = watched(process).values()
            seconds[films] = time.perf_counter() - started
            peaks[films] = sorted((size * 1024 / 1e9 for size in sizes), reverse=True)
            made = len(list((archive / "out" / "images").glob("*.png")))
            if made != films:
                raise SystemExit(f"{made} images of {films} films")
    return Outcome(
        bars=[Bar("peak of the largest process, GB", peaks[number][0], "at most", GIGABYTES)],
        figures={"films": number, "workers": WORKERS, "peaks_gb": peaks, "seconds": seconds},
        notes=(
            f"Films of {ROWS} x {COLUMNS} pixels, {WORKERS} workers. "
            + " ".join(
                f"{films:,} films: {seconds[films]:.0f} s, the largest process "
                f"{peaks[films][0]:.2f} GB."
                for films in peaks
            ),
        ),
    )
