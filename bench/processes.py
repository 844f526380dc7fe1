"""Commands as a user starts them: processes of their own, timed from outside."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from bench.data import ROOT
from chestx.job.workers import cores

CHESTX = str(Path(sys.executable).with_name("chestx"))
MINE = (CHESTX, "mine-labels", "--quiet")
Command = Sequence[str | Path]
WATCH_SECONDS = 0.1
ONE_THREAD = {"OMP_NUM_THREADS": "1"}
Result = TypeVar("Result")


def build(archive: Path, out: Path, *options: str) -> list[str | Path]:
    """Return the command that makes a dataset of the `dicom/` and `labels.csv` of an archive."""
    films: Command = ("--images", archive / "dicom", "--labels", archive / "labels.csv")
    return [CHESTX, "build-dataset", "--quiet", *films, "-o", out, *options]


def environment(*path: Path, **variables: str) -> dict[str, str]:
    """Return the environment of this process with the folders in front of Python's path."""
    before = os.environ.get("PYTHONPATH")
    folders = [*map(str, (*path, ROOT)), *([before] if before else [])]
    return {**os.environ, **variables, "PYTHONPATH": os.pathsep.join(folders)}


def timed(command: Command, env: Mapping[str, str] | None = None) -> float:
    """Run to the end and return the seconds that it took; its failure ends the benchmark."""
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        process = subprocess.run(
            command, env=env or environment(), stdout=output, stderr=output, check=False
        )
        seconds = time.perf_counter() - started
        if process.returncode:
            output.seek(0)
            sys.exit(f"{command[0]} failed:\n{output.read().decode(errors='replace')}")
    return seconds


def side_by_side(tasks: Sequence[Callable[[], Result]]) -> list[Result]:
    """Do tasks that wait for commands, as many at a time as there are cores, a thread for each.

    Commands of theirs that compute with PyTorch run best with `ONE_THREAD`.
    """
    with ThreadPoolExecutor(cores()) as pool:
        return list(pool.map(lambda task: task(), tasks))


def script(name: str) -> tuple[str, str]:
    """Return the start of a command that runs a script of this folder."""
    return sys.executable, str(Path(__file__).with_name(name))


def watched(process: "subprocess.Popen[bytes]") -> dict[int, int]:
    """Wait for the end; return the peak of resident memory, in kB, of each process by its id."""
    peaks: dict[int, int] = {}
    while process.poll() is None:
        for pid in _family(process.pid):
            peaks[pid] = max(peaks.get(pid, 0), _peak(pid))
        time.sleep(WATCH_SECONDS)
    if process.returncode:
        sys.exit(f"chestx failed with exit status {process.returncode}")
    return peaks


def _family(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = [p.read_text() for p in Path(f"/proc/{pid}/task").glob("*/children")]
    except (FileNotFoundError, ProcessLookupError):
        return  # it has just ended
    for child in " ".join(children).split():
        yield from _family(int(child))


def _peak(pid: int) -> int:
    return _status(pid, "VmHWM")


def _status(pid: int, name: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)


def resident(pid: int) -> int:
    """Return the resident memory in kB of a process and all that it has started, together."""
    return sum(_status(each, "VmRSS") for each in _family(pid))
