"""Numbers in place of the radiologists' names."""

import csv
import io
from collections.abc import Iterable, Mapping

from chestx.errors import ChestxError
from chestx.job.csv_line import csv_line
from chestx.job.output import Output

READERS = "readers.csv"
_HEADER = ("reader", "name")


def read_numbers(output: Output) -> dict[str, int]:
    """Return the number of each name, as an earlier import has given it."""
    path = output / READERS
    if not path.exists():
        return {}
    try:
        rows = csv.reader(io.StringIO(path.read_text("utf-8"), newline=""))
        next(rows)
        return {name: int(number) for number, name in rows}
    except (OSError, ValueError, StopIteration, csv.Error) as error:
        raise ChestxError(
            f"'{path}' is damaged: bring it back, or import everything anew with another -o"
        ) from error


def numbered(known: Mapping[str, int], names: Iterable[str]) -> dict[str, int]:
    """Return `known` with a number for each new name, in the order of the alphabet."""
    numbers = dict(known)
    for name in sorted(set(names) - set(known)):
        numbers[name] = max(numbers.values(), default=0) + 1
    return numbers


def write_numbers(output: Output, numbers: Mapping[str, int]) -> None:
    """Write who is who; the file is for its owner alone where the output is private."""
    rows = sorted((number, name) for name, number in numbers.items())
    lines = [csv_line(_HEADER), *(csv_line((str(number), name)) for number, name in rows)]
    output.write(READERS, "".join(lines).encode())
