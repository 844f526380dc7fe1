"""`chestx review merge`: what the readers' verdicts come to."""

import csv
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from chestx.dataset.csv_table import read_table
from chestx.errors import ChestxError
from chestx.job.count import count
from chestx.job.output import Output, claim
from chestx.job.reader_numbers import numbered, read_numbers, write_numbers
from chestx.review.agreement import compare
from chestx.review.archive import Archive, read_archive
from chestx.review.estimates import Stratum, precisions, recalls
from chestx.review.folder import (
    AGREEMENT,
    AGREEMENT_JSON,
    COMMAND,
    CONFLICTS,
    GOLD,
    SAMPLE,
    write_run,
)
from chestx.review.judged import Reading, Unmarked, check, reading
from chestx.review.mentions import read_mentions
from chestx.review.settle import ADJUDICATED, REMARK, Cell, cells, read_adjudicated
from chestx.review.tables import (
    Results,
    conflicts_csv,
    gold_csv,
    results_json,
    results_markdown,
    results_text,
)
from chestx.review.verdicts import VerdictFile, read_verdicts


@dataclass(frozen=True, slots=True)
class MergeSummary:
    """What the readers have judged; `cells` are classes of reports, `open` those not settled.

    `gold` counts the reports that are settled for all classes, `outside` those that are not of
    the sample; None where there is no sample.
    """

    out: Path
    readers: int
    reports: int
    cells: int
    unsure: int
    open: int
    gold: int
    outside: int | None
    results: Results

    def __str__(self) -> str:
        judged = f"{count(self.cells, 'label')} of {count(self.reports, 'report')}"
        lines = [f"{judged} judged by {count(self.readers, 'reader')}", ""]
        if figures := results_text(self.results):
            lines += [figures, ""]
        if self.outside is None:
            lines.append(f"no '{self.out / SAMPLE}': nothing is estimated for the archive")
        elif self.outside:
            lines.append(f"{count(self.outside, 'report')} outside of the sample: not in estimates")
        if self.unsure:
            lines.append(f"{count(self.unsure, 'verdict')} unsure: counted as not judged")
        lines.append(f"{self.open:,} to adjudicate in '{self.out / CONFLICTS}'")
        lines.append(f"{count(self.gold, 'report')} settled throughout in '{self.out / GOLD}'")
        return "\n".join(lines)


def merge_verdicts(
    paths: Sequence[Path],
    out: Path = Path("review"),
    *,
    labels: Path = Path("labels"),
    adjudicated: Path | None = None,
    unmarked: Unmarked = "open",
) -> MergeSummary:
    """Compare the verdicts of readers on `labels` and make a gold standard of what they settle.

    `paths` are the files of verdicts that the gallery saved, one for each reader. `adjudicated` is
    `conflicts.csv` of an earlier merge, with its column of that name filled. With `unmarked`
    "right", a class without a verdict is right in each report of which the reader judged anything.
    `out` gets `agreement.md`, `agreement.json`, `conflicts.csv`, `gold.csv` and, with the readers'
    names, `readers.csv`; where it holds `sample.csv`, precision and recall are estimated for the
    archive. Raises `ChestxError` where a file is not usable or on other labels, a reader comes
    twice, or adjudications in `out` would be lost.
    """
    files = [read_verdicts(path) for path in paths]
    _refuse_unlike(files)
    archive = read_archive(labels)
    for file in files:
        check(file, archive)
    final = {} if adjudicated is None else read_adjudicated(adjudicated, archive)
    with Output(out, private=True) as output:
        claim(output, COMMAND)
        if adjudicated is None:
            _keep_adjudications(output)
        strata = _strata(output)
        numbers = numbered(read_numbers(output), [file.reader for file in files])
        readings = _readings(files, numbers, archive, labels, unmarked)
        found = cells(archive, readings, final)
        audit = _Audit(archive, [one.reader for one in readings], found)
        results = audit.results(strata)
        gold = audit.gold()
        judged = {what.report for file in files for what in file.verdicts}
        summary = MergeSummary(
            out,
            len(files),
            len(judged),
            len(found),
            sum(not verdict.judgement for file in files for verdict in file.verdicts.values()),
            sum(cell.state is None for cell in found),
            len(gold),
            None if strata is None else len(judged - strata.keys()),
            results,
        )
        # First of all: what a run that was killed has written is to be known as its own.
        write_run(output, "merge", _facts(summary, unmarked, archive))
        write_numbers(output, numbers)
        conflicts = [cell for cell in found if cell.reason or cell.adjudicated is not None]
        output.write(CONFLICTS, conflicts_csv(conflicts, audit.readers))
        output.write(GOLD, gold_csv(gold, audit.classes))
        output.write(AGREEMENT, results_markdown(results).encode())
        output.write(AGREEMENT_JSON, results_json(results).encode())
    return summary


@dataclass(frozen=True)
class _Audit:
    """What was judged, by readers in the order of their numbers."""

    archive: Archive
    readers: Sequence[int]
    cells: Sequence[Cell]

    @cached_property
    def classes(self) -> list[str]:
        """The classes that anyone judged."""
        judged = {cell.label for cell in self.cells}
        return [name for name in self.archive.classes if name in judged]

    def results(self, strata: Mapping[str, Stratum] | None) -> Results:
        agreement = compare(self.cells, self.classes, self.readers)
        if strata is None:
            return Results(agreement, (), ())
        estimated = (self.cells, self.archive, strata, self.classes)
        return Results(agreement, precisions(*estimated), recalls(*estimated))

    def gold(self) -> dict[str, dict[str, str]]:
        """Return the states of the reports that are settled for all classes."""
        states: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for cell in self.cells:
            if cell.state is not None:
                states[cell.report][cell.label] = cell.state
        return {report: row for report, row in states.items() if len(row) == len(self.classes)}


def _readings(
    files: Sequence[VerdictFile],
    numbers: Mapping[str, int],
    archive: Archive,
    labels: Path,
    unmarked: Unmarked,
) -> list[Reading]:
    """Return what the readers say, in the order of their numbers."""
    wanted = {what.report for file in files for what in file.verdicts if what.kind == "mention"}
    mentions = read_mentions(labels, wanted) if wanted else {}
    return sorted(
        (reading(numbers[f.reader], f, archive, mentions, unmarked) for f in files),
        key=lambda one: one.reader,
    )


def _refuse_unlike(files: Sequence[VerdictFile]) -> None:
    """Raise `ChestxError` where two files are by one reader or on different sets of labels."""
    by: dict[str, Path] = {}
    for file in files:
        if file.reader in by:
            raise ChestxError(
                f"'{by[file.reader]}' and '{file.path}' are by the same reader: give one of them"
            )
        by[file.reader] = file.path
        if file.label_set != files[0].label_set:
            raise ChestxError(
                f"'{files[0].path}' and '{file.path}' judge different label sets: merge the files "
                "of one gallery"
            )


def _keep_adjudications(output: Output) -> None:
    path = output / CONFLICTS
    if not path.exists():
        return
    table = read_table(path)
    columns = [table.header.index(name) for name in (ADJUDICATED, REMARK) if name in table.header]
    filled = table.faults or ADJUDICATED not in table.header
    if filled or any(row[column] for _, row in table.rows for column in columns):
        raise ChestxError(
            f"'{path}' was filled in: give it with --adjudicated, or move it away to drop that"
        )


def _strata(output: Output) -> dict[str, Stratum] | None:
    """Return the stratum of each report of the sample, None where there is no sample."""
    path = output / SAMPLE
    if not path.exists():
        return None
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            strata = {
                row["report_id"]: Stratum(row["stratum"], int(row["stratum_size"]))
                for row in csv.DictReader(lines)
            }
        drawn = Counter(strata.values())
        if any(number > stratum.size for stratum, number in drawn.items()):
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError, csv.Error):
        raise ChestxError(
            f"'{path}' is not as chestx review sample wrote it: draw the sample again"
        ) from None
    return strata


def _facts(summary: MergeSummary, unmarked: Unmarked, archive: Archive) -> dict[str, object]:
    return {
        "unmarked": unmarked,
        "readers": summary.readers,
        "reports": summary.reports,
        "cells": summary.cells,
        "unsure": summary.unsure,
        "open": summary.open,
        "gold": summary.gold,
        "archive": len(archive.states),
    }
