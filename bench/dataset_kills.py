"""A job that is killed again and again: the tree that it leaves, and what it does twice."""

import hashlib
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from bench.films import write_archive
from bench.outcome import Bar, Outcome
from bench.processes import build, environment, timed

FILMS = 300
ROWS, COLUMNS = 768, 512
WORKERS = 2
KILLS = 20

Stamps = dict[str, tuple[int, int]]


def measure(number: int = FILMS) -> Outcome:
    """Kill at random moments, the parent alone and the whole group in turn, and resume."""
    chance = random.SystemRandom()
    met, differing, twice, moments = 0, 0, 0, []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_archive(folder, number, ROWS, COLUMNS)
        (folder / "key").write_text("of no other use than this measurement")
        seconds = timed(_command(folder, "whole"))
        whole = _tree(folder / "whole")
        for kill in range(KILLS):
            moment = chance.uniform(0.1, 1.0) * seconds
            process = subprocess.Popen(
                _command(folder, "killed"), env=environment(), start_new_session=True
            )
            time.sleep(moment)
            if process.poll() is None:
                met += 1
                (os.kill if kill % 2 else os.killpg)(process.pid, signal.SIGKILL)
            process.wait()
            time.sleep(0.2)  # workers of a killed parent end within a moment
            before = _stamps(folder / "killed")
            timed(_command(folder, "killed"))
            after = _stamps(folder / "killed")
            twice += sum(after.get(image) != stamp for image, stamp in before.items())
            differing += _tree(folder / "killed") != whole
            moments.append(moment)
            shutil.rmtree(folder / "killed")
            shutil.rmtree(folder / "killed-crosswalk")
    return Outcome(
        bars=[
            Bar("kills that met a running job", met, "at least", KILLS * 0.75),
            Bar("trees that differ from the undisturbed one", differing, "at most", 0),
            Bar("images made twice", twice, "at most", 0),
        ],
        figures={
            "films": number, "workers": WORKERS, "kills": KILLS, "seconds": seconds,
            "killed_after_seconds": moments,
        },
        notes=(
            f"{number} films, {WORKERS} workers, {KILLS} runs killed with SIGKILL within the "
            f"{seconds:.1f} s of an undisturbed one, every other time the parent alone.",
        ),
    )  # fmt: skip


def _command(folder: Path, out: str) -> list[str | Path]:
    options = ("--key-file", folder / "key", "--size", "256", "--workers", str(WORKERS))
    return [*build(folder, folder / out), *options]


def _stamps(out: Path) -> Stamps:
    """Return what changes of an image when it is written once more."""
    found = {}
    for path in (out / "images").glob("*.png"):
        status = path.stat()
        found[path.name] = (status.st_ino, status.st_mtime_ns)
    return found


def _tree(out: Path) -> dict[str, str]:
    return {
        f"{folder == out} {path.relative_to(folder)}": hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in (out, out.with_name(f"{out.name}-crosswalk"))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("run.json", ".lock")
    }
