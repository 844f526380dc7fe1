"""`run.json` of a run: versions, options, counts, times, and what a resumed run must find again."""

import json
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chestx import __version__
from chestx.job.ledger import fingerprint_of, library_versions, other_version
from chestx.job.output import RUN, Output
from chestx.model.training.config import TrainConfig
from chestx.model.training.films import Films
from chestx.model.training.learned import digest_of, other_films

COMMAND = "train"
_LIBRARIES = (
    "imagecodecs", "lightning", "numpy", "opencv-python-headless", "pandas", "scikit-learn", "timm",
    "torch", "torchvision",
)  # fmt: skip


class RunRecord:
    """Writes `run.json`; the seconds of its stages add up over the calls that a run takes."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._earlier = _read(output)
        self._facts: dict[str, Any] = {}
        self._seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Take the time of a stage."""
        start = time.monotonic()
        yield
        self._seconds[name] = time.monotonic() - start

    def describe(self, config: TrainConfig, films: Films) -> None:
        """Take options and counts, and a digest of the films that only equal films have."""
        sets = {name: len(getattr(films.split, name)) for name in ("train", "val", "test")}
        self._facts = {
            "options": asdict(config),
            "images": {**sets, "learned_from": len(films.train), "chosen_by": len(films.val)},
            "boxes": sum(map(len, films.checked.boxes.values())),
            "notes": films.notes,
            "fingerprint": fingerprint_of(films=digest_of(films)),
        }

    def refuse_other_version(self) -> None:
        """Raise `ChestxError` where another version of chestx began the run."""
        if self._earlier and self._earlier.get("version") != __version__:
            raise other_version(self._output.folder)

    def refuse_other(self) -> None:
        """Raise `ChestxError` where the run was made from other films."""
        if self._earlier.get("fingerprint") != self._facts["fingerprint"]:
            raise other_films(self._output.folder)

    def forget(self) -> None:
        """Begin anew: what was noted is of a run that is gone."""
        self._earlier = {}

    def write(self, *, finished: bool, epochs: int = 0, auc: float = math.nan) -> None:
        """Write what is known by now."""
        before = self._earlier.get("seconds", {})
        run = {
            "version": __version__,
            "command": COMMAND,
            "finished": finished,
            **self._facts,
            "epochs": epochs,
            "best_val_auc": None if math.isnan(auc) else auc,
            "seconds": {
                name: round(before.get(name, 0.0) + self._seconds.get(name, 0.0), 3)
                for name in {**before, **self._seconds}
            },
            "libraries": library_versions(_LIBRARIES),
        }
        self._output.write(RUN, (json.dumps(run, indent=2) + "\n").encode())


def is_finished(run: Path) -> bool:
    """Tell whether training came to its end; so it is taken where `run.json` does not say."""
    return bool(_read(Output(run)).get("finished", True))


def _read(output: Output) -> dict[str, Any]:
    try:
        run = json.loads((output / RUN).read_bytes())
    except (OSError, ValueError):
        return {}
    return run if isinstance(run, dict) else {}
