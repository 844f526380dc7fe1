"""How long a user waits for the first label, with torch installed or not."""

import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from bench.outcome import SPREAD_HEADER, Bar, Outcome, spread, spread_cells
from bench.processes import MINE, Command, environment, timed

ROUNDS = 9
SECONDS = 1.5
# Neither a cue nor the order of words decides this: the parser is needed.
REPORT = (
    "The lungs are clear without focal consolidation, and the previously seen effusion is no "
    "longer visualized."
)
PYTHON = """
import sys
from chestx.labeler import Labeler
print(Labeler()({report!r}).labels)
if "spacy" not in sys.modules:
    sys.exit("the report no longer needs the parser: choose another for this stage")
"""
MARK = "BENCH_TORCH_MARK"
STAND_IN = f"""
import os, pathlib, time
time.sleep(3)
pathlib.Path(os.environ["{MARK}"]).touch()
"""


def measure() -> Outcome:
    """Time whole processes: from their start to their end, files written."""
    waits: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mark = folder / "torch was imported"
        environments = {
            "as installed": environment(),
            "slow torch installed": environment(_stand_in(folder), **{MARK: str(mark)}),
        }
        report = folder / "report.txt"
        report.write_text(REPORT)
        for number in range(-1, ROUNDS):
            commands: dict[str, Command] = {
                "mine-labels": [*MINE, report, "-o", folder / f"labels {number}"],
                "Labeler()": [sys.executable, "-c", PYTHON.format(report=REPORT)],
            }
            for where, variables in environments.items():
                for what, command in commands.items():
                    out = [f"{entry}" for entry in command]
                    if what == "mine-labels":
                        out[-1] += where
                    seconds = timed(out, variables)
                    if number >= 0:  # the first round fills the caches of the disk
                        waits.setdefault(f"{what}, {where}", []).append(seconds)
        loaded = mark.exists()
    return _outcome(waits, loaded)


def _stand_in(folder: Path) -> Path:
    """Return a folder with a torch that is slow to import and leaves a mark."""
    package = folder / "path" / "torch"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(STAND_IN)
    return package.parent


def _outcome(waits: dict[str, list[float]], loaded: bool) -> Outcome:
    bars = [Bar(name, spread(runs)["median"], "at most", SECONDS) for name, runs in waits.items()]
    bars.append(Bar("imports of torch", float(loaded), "at most", 0))
    real = "installed" if find_spec("torch") else "not installed"
    return Outcome(
        bars=bars,
        figures={"seconds": {name: spread(runs) for name, runs in waits.items()}},
        tables={
            "Seconds of the whole process": [
                SPREAD_HEADER,
                *(spread_cells(name, runs) for name, runs in waits.items()),
            ]
        },
        notes=(f"A torch of its own is {real} here.",),
    )
