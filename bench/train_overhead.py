"""What `chestx train` costs beyond the network: the loop, and the loading of films.

The same network, loss and optimizer, once by the whole command and once in a bare loop over
batches that lie in memory as tensors. Start-up, validation and checkpoints drop out of the rate:
each is run for a few steps and for many, and the difference counts.
"""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench.nih_layout import write_dataset
from bench.outcome import SPREAD_HEADER, Bar, Outcome, spread, spread_cells
from bench.processes import CHESTX, environment, script, timed

FILMS, SIZE, BATCH = 480, 512, 5
FEW, MANY = 3, 23
ROUNDS = 3
RATIO, LOADING = 0.95, 0.05
SETTINGS: Mapping[str, Any] = {
    "method": "mil",
    "backbone": "efficientnet_lite0",
    "weights": "none",
    "size": SIZE,
    "batch_size": BATCH,
    "devices": "cpu",
}


def measure() -> Outcome:
    """Time both loops in turn, and the loader alone."""
    rates: dict[str, list[float]] = {"chestx train": [], "bare loop": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_dataset(folder / "data", FILMS, SIZE)
        config = folder / "config.toml"
        settings = {**SETTINGS, "data": str(folder / "data")}
        config.write_text("".join(f"{key} = {json.dumps(v)}\n" for key, v in settings.items()))
        for turn in range(-1, ROUNDS):
            for way, found in rates.items():
                few, many = (_seconds(way, config, folder / "run", steps) for steps in (FEW, MANY))
                if turn >= 0:  # the first round makes the cache
                    found.append((MANY - FEW) / (many - few))
        loading = _loading(config, folder)
    ours, bare = rates.values()
    ratios = [a / b for a, b in zip(ours, bare, strict=True)]
    share = loading * median(bare)
    return Outcome(
        bars=[
            Bar("steps a second, times a bare loop's", median(ratios), "at least", RATIO),
            Bar("loading a batch, share of a step", share, "at most", LOADING),
        ],
        figures={
            "steps_per_second": {name: spread(found) for name, found in rates.items()},
            "ratio": spread(ratios),
            "loading_seconds": loading,
        },
        tables={
            "Steps a second": [
                SPREAD_HEADER,
                *(spread_cells(name, found, 3) for name, found in rates.items()),
            ]
        },
        notes=(
            "`chestx train --method mil`, efficientnet_lite0, all of it learning, batches of "
            f"{BATCH} films of {SIZE} x {SIZE} on the CPU; {MANY - FEW} steps count. A batch is "
            f"loaded, masks included, in {1000 * loading:.1f} ms.",
        ),
    )


def _seconds(way: str, config: Path, run: Path, steps: int) -> float:
    if way == "bare loop":
        return timed([*script("bare_loop.py"), config, str(steps)], environment())
    fresh = ["--no-resume", "-o", run, "-q"]
    return timed([CHESTX, "train", "--config", config, "--steps", str(steps), *fresh])


def _loading(config: Path, folder: Path) -> float:
    """Return the median of seconds for a batch from the cache."""
    out = folder / "loading.json"
    timed([*script("load_batches.py"), config, folder / "run", out], environment())
    return float(np.median(json.loads(out.read_text())))
