"""How far a command is: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from types import TracebackType
from typing import Any, Self

from tqdm import tqdm

LINE_SECONDS = 10.0


class _Bar(tqdm):  # type: ignore[type-arg, misc, unused-ignore]
    monitor_interval = 0  # its thread would forbid to fork workers


class Progress:
    """Counts units of work on stderr; says nothing when `quiet`."""

    def __init__(self, what: str, unit: str, *, quiet: bool) -> None:
        self.what, self.unit = what, unit
        self.count = 0
        self.lines = not quiet and not sys.stderr.isatty()
        self.next_line = time.monotonic() + LINE_SECONDS
        self.bar: Any = None
        if not quiet and not self.lines:
            self.bar = _Bar(desc=what, unit=f" {unit}", dynamic_ncols=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.bar is not None:
            self.bar.close()

    def add(self, count: int) -> None:
        """Count `count` more."""
        self.count += count
        if self.bar is not None:
            self.bar.update(count)
        elif self.lines and time.monotonic() >= self.next_line:
            print(f"{self.what}: {self.count:,} {self.unit}", file=sys.stderr, flush=True)
            self.next_line = time.monotonic() + LINE_SECONDS
