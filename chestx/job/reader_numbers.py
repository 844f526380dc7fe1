"""Numbers in place of the readers' names: `readers.csv` alone has both."""

import csv
import io
from collections.abc import Iterable, Mapping

from chestx.errors import ChestxError
from chestx.job.output import Output
from chestx.job.sheet import sheet, unguarded

READERS = "readers.csv"


def read_numbers(output: Output) -> dict[str, int]:
    """Return the number of each name, as an earlier call has given it."""
    path = output / READERS
    if not path.exists():
        return {}
    try:
        rows = csv.reader(io.StringIO(path.read_text("utf-8"), newline=""))
        next(rows)
        return {unguarded(name): int(number) for number, name in rows}
    except (OSError, ValueError, StopIteration, csv.Error) as error:
        raise ChestxError(
            f"'{path}' is damaged: bring it back, or make everything anew with another -o"
        ) from error


def numbered(known: Mapping[str, int], names: Iterable[str]) -> dict[str, int]:
    """Return `known` with a number for each new name, in the order of the alphabet."""
    numbers = dict(known)
    for name in sorted(set(names) - set(known)):
        numbers[name] = max(numbers.values(), default=0) + 1
    return numbers


def write_numbers(output: Output, numbers: Mapping[str, int]) -> None:
    """Write who is who."""
    rows = sorted((number, name) for name, number in numbers.items())
    output.write(READERS, sheet([("reader", "name"), *((str(n), name) for n, name in rows)]))
