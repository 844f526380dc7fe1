"""The folder of an audit, `review/`: its files, and which steps have written it."""

import json
from collections.abc import Mapping
from typing import Any

from chestx import __version__
from chestx.job.output import RUN, Output

COMMAND = "review"
IDS, SAMPLE, README = "ids.txt", "sample.csv", "README.md"
CONFLICTS, GOLD = "conflicts.csv", "gold.csv"
AGREEMENT, AGREEMENT_JSON = "agreement.md", "agreement.json"


def write_run(output: Output, step: str, facts: Mapping[str, object]) -> None:
    """Write `run.json`: what `step` did, beside what other steps have left there."""
    run: dict[str, Any] = {"version": __version__, "command": COMMAND}
    try:
        before = json.loads((output / RUN).read_bytes())
        run |= {name: before[name] for name in ("sample", "merge") if name in before}
    except (OSError, ValueError, TypeError):
        pass
    run[step] = facts
    output.write(RUN, (json.dumps(run, indent=2) + "\n").encode())
