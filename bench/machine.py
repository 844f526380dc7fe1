"""What the figures were made on."""

import os
import platform
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from bench.data import ROOT
from chestx.dataset.build.run_record import LIBRARIES as OF_DATASETS
from chestx.job.workers import cores
from chestx.labeler.batch.mine import LIBRARIES as OF_LABELS

CPU_INFO = Path("/proc/cpuinfo")


LIBRARIES = {*OF_LABELS, *OF_DATASETS, "lightning", "lxml", "timm"}


def machine() -> dict[str, Any]:
    """Return date, commit, CPU, cores, memory, load and versions, as they are now."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "cpu": _cpu(),
        "cores": cores(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load": round(os.getloadavg()[0], 2),
        "system": platform.platform(),
        "python": platform.python_version(),
        "libraries": dict(_versions("chestx", *sorted(LIBRARIES), "torch")),
    }


def _versions(*names: str) -> Iterator[tuple[str, str]]:
    for name in names:
        with suppress(metadata.PackageNotFoundError):
            yield name, metadata.version(name)


def _cpu() -> str:
    if CPU_INFO.exists():
        for line in CPU_INFO.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    describe = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    told = subprocess.run(describe, cwd=ROOT, capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"
