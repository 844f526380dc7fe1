"""`python -m bench` measures every stage, `python -m bench NAME` one of them."""

import sys

from bench.machine import machine
from bench.outcome import write
from bench.stages import STAGES


def main(names: list[str]) -> int:
    """Return 0 where every bar was reached, 1 where one was missed, 2 for an unknown stage."""
    unknown = [name for name in names if name not in STAGES]
    if unknown:
        print(f"there is no stage {unknown[0]!r}: choose one of {', '.join(STAGES)}")
        return 2
    missed = 0
    for name in names or STAGES:
        print(f"{name}: measuring", flush=True)
        before = machine()
        outcome = STAGES[name]()
        print(write(name, outcome, before), flush=True)
        missed += sum(not bar.reached for bar in outcome.bars)
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
