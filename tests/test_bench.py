"""The benchmarks are there and leave results that a program can read."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_stage_is_registered_and_explained() -> None:
    from bench.stages import STAGES

    stages = {
        path.stem
        for path in (ROOT / "bench").glob("*.py")
        if "def measure(" in path.read_text("utf-8")
    }
    assert stages == set(STAGES)
    readme = (ROOT / "bench" / "README.md").read_text()
    assert all(f"`{name}`" in readme for name in STAGES)


def test_an_unknown_stage_is_answered_with_the_known_ones() -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "bench", "no_such_stage"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert asked.returncode == 2
    assert "labels_speed" in asked.stdout
    assert not asked.stderr


def test_a_result_is_well_formed(tmp_path: Path) -> None:
    from bench.machine import machine
    from bench.outcome import Bar, Outcome, spread, write

    outcome = Outcome(
        bars=[
            Bar("ratio", 8.0, "at least", 8),
            Bar("seconds", 1.6, "at most", 1.5),
            Bar("difference", 0.0, "above", 0, goal=0.03),
        ],
        figures={"seconds": spread([3.0, 1.0, 1.6])},
        tables={"Seconds": [["", "median"], ["all", "1.6"]]},
        notes=["A note."],
    )
    text = write("stage", outcome, machine(), tmp_path)
    assert (tmp_path / "stage.md").read_text() == text
    assert "A note." in text
    assert "| all" in text
    result = json.loads((tmp_path / "stage.json").read_text())
    assert [bar["reached"] for bar in result["bars"]] == [True, False, False]
    assert result["figures"]["seconds"] == {"median": 1.6, "min": 1.0, "max": 3.0, "runs": 3}
    assert {"date", "commit", "cpu", "cores", "memory_gb", "python", "libraries"} <= set(
        result["machine"]
    )
