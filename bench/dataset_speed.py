"""The whole command over full-size films, with one worker and with two."""

import shutil
import tempfile
from pathlib import Path
from statistics import median

from bench.films import write_archive
from bench.outcome import SPREAD_HEADER, Bar, Outcome, spread, spread_cells
from bench.processes import build, timed

FILMS, FEW = 224, 4
ROWS, COLUMNS = 3000, 2000
ROUNDS = 5
SCALING = 1.8


def measure(number: int = FILMS) -> Outcome:
    """Time an archive and a few films of it, so that start-up and figures drop out of the rate."""
    rates: dict[str, list[float]] = {"1 worker": [], "2 workers": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for films in (FEW, number):
            write_archive(folder / str(films), films, ROWS, COLUMNS)
        for turn in range(-1, ROUNDS):
            for workers, found in enumerate(rates.values(), 1):
                seconds = _seconds(folder / str(number), workers)
                rate = (number - FEW) / (seconds - _seconds(folder / str(FEW), workers))
                if turn >= 0:  # the first round fills the caches of the disk
                    found.append(rate)
    one, two = rates.values()
    ratio = median(b / a for a, b in zip(one, two, strict=True))
    return Outcome(
        bars=[Bar("two workers, times one", ratio, "at least", SCALING)],
        figures={
            "films": number,
            "films_per_second": {name: spread(found) for name, found in rates.items()},
        },
        tables={
            "Films a second": [
                SPREAD_HEADER,
                *(spread_cells(name, found, 1) for name, found in rates.items()),
            ]
        },
        notes=(
            f"Films of {ROWS} x {COLUMNS} pixels of 12 bits, uncompressed, files read and written; "
            "start-up, figures and cards left out.",
        ),
    )


def _seconds(archive: Path, workers: int) -> float:
    out = archive / "out"
    seconds = timed(build(archive, out, "--workers", str(workers)))
    shutil.rmtree(out)
    shutil.rmtree(archive / "out-crosswalk")
    return seconds
