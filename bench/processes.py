"""Commands as a user starts them: processes of their own, timed from outside."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.data import ROOT

CHESTX = str(Path(sys.executable).with_name("chestx"))
MINE = (CHESTX, "mine-labels", "--quiet")
Command = Sequence[str | Path]


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


def script(name: str) -> tuple[str, str]:
    """Return the start of a command that runs a script of this folder."""
    return sys.executable, str(Path(__file__).with_name(name))
