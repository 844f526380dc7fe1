"""A labeler without rules: labels follow from a report's length. As a script, it mines.

python stand_in_labeler.py UNIT SECONDS_PER_REPORT LOG ARGUMENTS_OF_CHESTX...

The log gets a line `process-id ascii(report-id)` for each report that is labelled.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator

import chestx.labeler.batch.corpus
import chestx.labeler.batch.mine
from chestx.labeler.report import Mention, Report, Result

CLASSES = ("Effusion", "Mass, large", "Nodule")


class StandIn:
    classes = CLASSES
    fingerprint = "stand-in"
    seconds = 0.0
    log = os.devnull

    def __init__(self, label_set: object = None, **options: object) -> None:
        self.options = options

    def __call__(self, text: str) -> Result:
        n = len(text)
        labels = {name: (n + i) % 3 - 1 for i, name in enumerate(CLASSES) if (n + i) % 4}
        mention = Mention(
            "findings", 0, 0, 3, text[:3], CLASSES[n % 3], "C1", "Größe", "T1",
            "present", "definite", "rule", f"path {n}",
        )  # fmt: skip
        return Result(labels, n % 2 == 0, (mention,) * (n % 4))

    def pipe(self, reports: Iterable[Report]) -> Iterator[Result]:
        with open(self.log, "a") as log:  # noqa: PTH123
            for report in reports:
                print(os.getpid(), ascii(report.id), file=log, flush=True)
                if report.text.startswith("BOOM"):
                    raise LookupError(report.text)
                if report.text.startswith("DIE"):
                    os._exit(9)
                time.sleep(self.seconds)
                yield self(report.text)


if __name__ == "__main__":
    from chestx.cli import main

    # As at a terminal: whoever runs the tests in the background of a shell has it ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    unit, seconds, StandIn.log, *arguments = sys.argv[1:]
    StandIn.seconds = float(seconds)
    chestx.labeler.batch.corpus.UNIT = int(unit)
    chestx.labeler.batch.mine.Labeler = StandIn
    main(arguments)
