"""How fast labels are mined, beside spaCy parsing every sentence, in the same minutes."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bench.data import FEW, reports, write_few, write_whole
from bench.outcome import SPREAD_HEADER, Bar, Outcome, spread, spread_cells
from bench.processes import MINE, script, timed
from chestx.job.tables import Row

ROUNDS = 5
BASELINE, LEAN_BASELINE = "spaCy, every sentence", "negspaCy without a parser"
WORKERS = (1, 2)


@dataclass(frozen=True)
class Contender:
    """A command that is given an archive and what it writes; a miner must beat the baseline."""

    name: str
    command: tuple[str, ...]
    bound: float | None = None


def _contenders() -> Iterator[Contender]:
    for workers in WORKERS:
        option = ("--workers", str(workers))
        yield Contender(f"chestx, workers {workers}", (*MINE, *option, "-o"), 8)
        without = (*script("mine_without_memory.py"), str(workers))
        yield Contender(f"chestx without memory, workers {workers}", without, 2)
    yield Contender(BASELINE, script("parse_every_sentence.py"))
    yield Contender(LEAN_BASELINE, script("negspacy_without_parser.py"))


def measure() -> Outcome:
    """Take the time of every contender in turn, round after round.

    The machine may be busy for a while: a ratio is of two rates of the same round.
    """
    contenders = list(_contenders())
    rates: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    starts: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole, few = write_whole(folder / "whole.tgz"), write_few(folder / "few.tgz")
        outs = (folder / f"{number}" for number in count())
        for contender in contenders:  # once, for the caches of the disk
            _seconds(contender, few, next(outs))
        for _ in range(ROUNDS):
            for contender in contenders:
                start = _seconds(contender, few, next(outs))
                total = _seconds(contender, whole, next(outs))
                rates[contender.name].append((len(reports()) - FEW) / (total - start))
                starts[contender.name].append(start)
    return _outcome(contenders, rates, starts)


def _seconds(contender: Contender, archive: Path, out: Path) -> float:
    return timed([*contender.command, out, archive])


def _outcome(
    contenders: list[Contender], rates: dict[str, list[float]], starts: dict[str, list[float]]
) -> Outcome:
    ratios = {
        f"{contender.name}, against {base}": (contender, base, _ratios(rates, contender.name, base))
        for contender in contenders
        if contender.bound is not None
        for base in (BASELINE, LEAN_BASELINE)
    }
    bars = [
        Bar(name, spread(values)["median"], "at least", contender.bound)
        for name, (contender, base, values) in ratios.items()
        if base == BASELINE and contender.bound is not None
    ]
    ratio_rows: list[Row] = [SPREAD_HEADER]
    ratio_rows += [spread_cells(name, values) for name, (_, _, values) in ratios.items()]
    return Outcome(
        bars=bars,
        figures={
            "reports": len(reports()),
            "reports_per_second": {name: spread(values) for name, values in rates.items()},
            "seconds_for_ten_reports": {name: spread(values) for name, values in starts.items()},
            "ratios": {name: spread(values) for name, (_, _, values) in ratios.items()},
        },
        tables={
            "Ratios of rates (goal: above 1 against negspaCy)": ratio_rows,
            "Reports a second, start-up apart": _rows(rates, 0),
            "Seconds for ten reports": _rows(starts, 2),
        },
    )


def _ratios(rates: dict[str, list[float]], name: str, base: str) -> list[float]:
    return [ours / theirs for ours, theirs in zip(rates[name], rates[base], strict=True)]


def _rows(values: dict[str, list[float]], digits: int) -> list[Row]:
    return [SPREAD_HEADER, *(spread_cells(name, runs, digits) for name, runs in values.items())]
