"""`chestx demo` from an empty folder to the page: how long, how much memory, how near the truth."""

import json
import subprocess
import tempfile
import time
from pathlib import Path

from bench.outcome import Bar, Outcome
from bench.processes import CHESTX, environment, resident
from chestx.simulation.scoring.score import score_workspace

SECONDS, GIGABYTES, LABELS, LEVELS = 300, 4, 0.97, 1
WATCH_SECONDS = 0.5


def measure() -> Outcome:
    """Run the demo once, and score its workspace against the truth beside it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "demo"
        started = time.perf_counter()
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(
                [CHESTX, "demo", folder], env=environment(), stdout=output, stderr=output
            )
            most = 0
            while process.poll() is None:
                most = max(most, resident(process.pid))
                time.sleep(WATCH_SECONDS)
            seconds = time.perf_counter() - started
            output.seek(0)
            told = output.read().decode(errors="replace").replace(str(folder), "demo")
        if process.returncode:
            raise SystemExit(f"chestx demo failed:\n{told}")
        labels = json.loads((folder / "labels/evaluation.json").read_text())["micro"]
        model = json.loads((folder / "runs/mil/evaluation/metrics.json").read_text())
        score = score_workspace(folder)
    links, images, boxes = score.links, score.images, score.boxes
    return Outcome(
        bars=[
            Bar("seconds to the page", seconds, "at most", SECONDS),
            Bar("memory of all processes together, GB", most / 1e6, "at most", GIGABYTES),
            Bar("mined labels, micro-F1 against the truth", labels["f1"], "at least", LABELS),
            Bar("films with their own report", links.right / links.films, "at least", 1),
            Bar("grey levels off, 99.9% of pixels", images.most, "at most", LEVELS),
        ],
        figures={
            "seconds": seconds,
            "memory_gb": most / 1e6,
            "labels": labels,
            "links": {"films": links.films, "right": links.right},
            "boxes": {"drawn": boxes.drawn, "placed": boxes.placed},
            "mean_auc": {key: model[f"mean_auc{end}"] for key, end in _ENDS.items()},
        },
        tables={
            "The model": [
                ["", "mean AUC", "from", "to"],
                ["on the test set", *(f"{model[f'mean_auc{end}']:.3f}" for end in _ENDS.values())],
            ],
            "What is told": [["line"], *([line] for line in told.splitlines()[-22:] if line)],
        },
        notes=("From an empty folder, OpenI's reports from PyPI where NLM does not answer.",),
    )


_ENDS = {"value": "", "low": "_low", "high": "_high"}
