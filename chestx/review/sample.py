"""`chestx review sample`: the reports that readers are to judge."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chestx.errors import ChestxError
from chestx.job.count import count
from chestx.job.csv_line import csv_line
from chestx.job.output import Output, claim
from chestx.job.tables import Row, text_table
from chestx.review.archive import Archive, read_archive
from chestx.review.folder import COMMAND, IDS, README, SAMPLE, write_run
from chestx.review.guide import GUIDE
from chestx.review.states import STATES, WORDS
from chestx.review.strata import Drawn, cells, draw, strata

N = 900
"""Wang et al. 2017, section 2.2: 900 reports were read by two annotators."""

PER_CLASS = 10
COLUMNS = ("report_id", "stratum", "stratum_size", "weight")


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """How many reports were drawn, and for each class how many of each state, of how many."""

    out: Path
    reports: int
    archive: int
    cells: Mapping[str, Mapping[str, tuple[int, int]]]

    def __str__(self) -> str:
        rows: list[Row] = [["class", *WORDS.values()]]
        for name, states in self.cells.items():
            rows.append([name, *(f"{drawn:,} of {there:,}" for drawn, there in states.values())])
        lines = [
            f"{self.reports:,} of {count(self.archive, 'report')} in '{self.out}'",
            "",
            text_table(rows),
            "",
        ]
        return "\n".join([*lines, f"'{self.out / README}' says how to go on"])


def sample_reports(
    labels: Path = Path("labels"),
    out: Path = Path("review"),
    *,
    n: int = N,
    per_class: int = PER_CLASS,
    classes: Sequence[str] | None = None,
    seed: int = 0,
) -> SampleSummary:
    """Draw `n` reports of `labels` that readers are to judge, and write them into `out`.

    Strata are the states of `classes`, by default of all: up to `per_class` reports from each, the
    rest by the square root of its size. The draw depends on `seed`, labels and options alone; a
    larger `n` adds reports to those of a smaller one. `out`, which is for its owner alone, gets
    `ids.txt` and `sample.csv` in the order of the draw, and a README. Raises `ChestxError` for an
    unknown class, an `n` that is too small for the strata, or an `out` with another sample.
    """
    archive = read_archive(labels)
    if not archive.states:
        raise ChestxError(f"'{labels}' holds no report: run chestx mine-labels first")
    chosen = _chosen(archive, classes)
    of = cells(archive, chosen)
    groups = strata(of, archive.normal)
    if n < len(groups):
        raise ChestxError(
            f"{count(n, 'report')} cannot stand for {len(groups)} strata: raise --n, or name fewer "
            "--classes"
        )
    drawn = draw(groups, n, per_class, seed)
    with Output(out, private=True) as output:
        claim(output, COMMAND)
        _refuse_another(output, drawn)
        options = {"n": n, "per_class": per_class, "classes": chosen, "seed": seed}
        write_run(output, "sample", options | {"reports": len(drawn), "archive": len(of)})
        output.write(SAMPLE, _table(drawn).encode())
        output.write(IDS, "".join(f"{one.report}\n" for one in drawn).encode())
        output.write(README, GUIDE.encode())
    shown = _shown(archive, chosen, [one.report for one in drawn])
    return SampleSummary(out, len(drawn), len(of), shown)


def _chosen(archive: Archive, classes: Sequence[str] | None) -> tuple[str, ...]:
    chosen = archive.classes if classes is None else tuple(dict.fromkeys(classes))
    unknown = [name for name in chosen if name not in archive.classes]
    if unknown or not chosen:
        what = f"the labels have no class {unknown[0]!r}" if unknown else "the labels have no class"
        raise ChestxError(f"{what}: choose from {', '.join(archive.classes) or 'other labels'}")
    return chosen


def _refuse_another(output: Output, drawn: Sequence[Drawn]) -> None:
    """Raise `ChestxError` if the folder's sample is not the beginning of this one, or the end."""
    path = output / IDS
    if not path.exists():
        return
    old, new = path.read_text("utf-8").split("\n"), [one.report for one in drawn]
    if any(before != now for before, now in zip(old[:-1], new, strict=False)):
        raise ChestxError(f"'{output.folder}' holds another sample: name another folder with -o")


def _table(drawn: Sequence[Drawn]) -> str:
    lines = [csv_line(COLUMNS)]
    for one in drawn:
        lines.append(csv_line((one.report, one.stratum, str(one.size), repr(one.weight))))
    return "".join(lines)


def _shown(
    archive: Archive, classes: Sequence[str], reports: Sequence[str]
) -> dict[str, dict[str, tuple[int, int]]]:
    shown = {}
    for name in classes:
        at = archive.classes.index(name)
        drawn = Counter(archive.states[report][at] for report in reports)
        there = Counter(states[at] for states in archive.states.values())
        shown[name] = {state: (drawn[state], there[state]) for state in STATES}
    return shown
