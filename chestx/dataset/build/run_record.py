"""The two `run.json` of a dataset: what may be handed on, and beside the crosswalk the whole."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chestx import __version__
from chestx.dataset.build.develop import IMAGES
from chestx.dataset.build.options import Options
from chestx.dataset.build.state import COMMAND, kept
from chestx.job.ledger import Ledger, library_versions, write_run
from chestx.job.output import LOCK, RUN, Output

LIBRARIES = (
    "deflate", "imagecodecs", "matplotlib", "numpy", "opencv-python-headless", "pandas", "pillow",
    "pydicom",
)  # fmt: skip

Counts = Mapping[str, int]


@dataclass
class RunRecord:
    """What is noted of a run; `tables` is the digest of all inputs but the films."""

    dataset: Output
    crosswalk: Output
    ledger: Ledger
    options: Options
    tables: str
    seconds: dict[str, float] = field(default_factory=dict)
    counts: Counts = field(default_factory=dict)

    def is_up_to_date(self) -> bool:
        """Tell whether an earlier run read all that there is and what it wrote is as it was."""
        run = kept(self.crosswalk)
        counts = run.get("counts", {})
        if (
            run.get("tables") != self.tables
            or counts.get("unread")
            or run.get("files") != self._files()
        ):
            return False
        self.counts = counts
        return True

    def finish(self, counts: Counts) -> None:
        """Note that all is done."""
        self.counts = counts
        self.ledger.finish({})
        self.save(finished=True)

    def save(self, *, starting: bool = False, finished: bool = False) -> None:
        """Write both files, the crosswalk's first: without it a dataset is not resumed."""
        facts = {
            "command": COMMAND,
            "finished": finished,
            "counts": self.counts,
            "seconds": {stage: round(spent, 3) for stage, spent in self.seconds.items()},
        }
        whole = {
            **facts,
            "options": self.options.private(),
            "starting": starting,
            "tables": self.tables if finished else "",
            "files": self._files() if finished else {},
        }
        write_run(self.crosswalk, self.ledger, whole, LIBRARIES)
        public = {
            "version": __version__,
            **facts,
            "options": self.options.public(),
            "libraries": library_versions(LIBRARIES),
        }
        self.dataset.write(RUN, (json.dumps(public, indent=2) + "\n").encode())

    def _files(self) -> dict[str, str]:
        """Return the hashes of what stands beside the images."""
        found = {}
        for path in sorted(self.dataset.folder.rglob("*")):
            name = path.relative_to(self.dataset.folder)
            if path.is_file() and IMAGES not in name.parts and name.name not in (RUN, LOCK):
                found[name.as_posix()] = _sha256(path)
        return found


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
