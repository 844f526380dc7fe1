"""Half a million reports: the memory of each process, and what is left after being killed."""

import hashlib
import os
import random
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from bench.data import write_many
from bench.outcome import Bar, Outcome
from bench.processes import MINE, Command, environment, watched
from chestx.labeler.batch.tables import OUTPUTS

REPORTS = 500_000
WORKERS = 2
KILLS = 3
GIGABYTES = 2.0


def measure(number: int = REPORTS) -> Outcome:
    """Mine a stream of reports undisturbed, then again with kills at random moments."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        corpus = folder / "reports.jsonl.gz"
        write_many(corpus, number)
        started = time.perf_counter()
        peaks = watched(_start(corpus, folder / "undisturbed"))
        seconds = time.perf_counter() - started
        moments = _kill_and_resume(corpus, folder / "killed", seconds)
        hashes = [_hashes(folder / name) for name in ("undisturbed", "killed")]
    sizes = sorted((peak * 1024 / 1e9 for peak in peaks.values()), reverse=True)
    return Outcome(
        bars=[
            Bar("peak of the largest process, GB", sizes[0], "at most", GIGABYTES),
            Bar("output files that differ after kills", _differing(*hashes), "at most", 0),
            Bar("kills that met a running job", len(moments), "at least", 1),
        ],
        figures={
            "reports": number,
            "workers": WORKERS,
            "seconds": seconds,
            "reports_per_second": number / seconds,
            "peak_gb_by_process": sizes,
            "killed_after_seconds": moments,
            "sha256": hashes[0],
        },
        notes=(
            f"{number:,} reports in {seconds:,.0f} s with {WORKERS} workers; peaks of the "
            f"processes: {', '.join(f'{size:.2f}' for size in sizes)} GB; killed after "
            f"{', '.join(f'{moment:.1f}' for moment in moments)} s.",
        ),
    )


def _start(corpus: Path, out: Path) -> "subprocess.Popen[bytes]":
    command: Command = [*MINE, corpus, "-o", out, "--workers", str(WORKERS)]
    return subprocess.Popen(command, env=environment(), start_new_session=True)


def _kill_and_resume(corpus: Path, out: Path, seconds: float) -> list[float]:
    """Kill the job and its workers some times, let it finish, and return when it was killed."""
    chance = random.SystemRandom()
    killed = []
    for _ in range(KILLS):
        process = _start(corpus, out)
        moment = chance.uniform(0.05, 1 / KILLS) * seconds
        try:
            process.wait(moment)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            killed.append(moment)
    watched(_start(corpus, out))
    return killed


def _hashes(folder: Path) -> dict[str, str]:
    found = {}
    for name in OUTPUTS:
        with (folder / name).open("rb") as file:
            found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _differing(one: dict[str, str], other: dict[str, str]) -> int:
    return sum(one[name] != other[name] for name in one)
