"""Make a dataset out of films, mined labels and boxes, resumably and in parallel.

The dataset can be handed on; what leads back to the hospital is in the crosswalk beside it.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from chestx import __version__
from chestx.dataset.build.crosswalk import CROSSWALK, Row, folder_for, read_crosswalk
from chestx.dataset.build.develop import (
    IMAGES,
    Darkroom,
    Fate,
    Job,
    all_there,
    close_journal,
    develop_all,
    forget_journal,
)
from chestx.dataset.build.options import Options
from chestx.dataset.build.plan import Plan, make_plan
from chestx.dataset.build.scan import list_files, read_headers
from chestx.dataset.build.tables import Image, make_image
from chestx.dataset.build.write import FILES, Contents, write_tables
from chestx.dataset.film import Developed
from chestx.dataset.identity.key import KEY, key_digest, open_key
from chestx.dataset.labels import Labels, read_labels
from chestx.dataset.linking.table import complete_films, read_link_table
from chestx.dataset.unmatched import Unmatched
from chestx.errors import ChestxError
from chestx.job.count import count
from chestx.job.csv_line import csv_line
from chestx.job.ledger import (
    RUN,
    Input,
    Ledger,
    digests_of,
    fingerprint_of,
    library_versions,
    new_ledger,
    other_options,
    read_ledger,
    write_run,
)
from chestx.job.names import printable
from chestx.job.output import Output
from chestx.job.progress import Progress
from chestx.job.rejected import Rejected
from chestx.job.walk import Found, walk
from chestx.job.workers import cores

REJECTED = "rejected.csv"
UNMATCHED = "unmatched.csv"
LIBRARIES = (
    "deflate", "imagecodecs", "matplotlib", "numpy", "opencv-python-headless", "pandas", "pillow",
    "pydicom",
)  # fmt: skip
EXTRA = (
    "build-dataset needs the codecs of the extra 'images': pip install 'chestx[images]' and try "
    "again"
)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a dataset holds now; `made` images are new to it. Printed, it is for the user."""

    out: Path
    crosswalk: Path
    images: int
    patients: int
    made: int
    rejected: int
    unmatched: int
    burned_in: int
    up_to_date: bool

    def __str__(self) -> str:
        held = f"{count(self.images, 'image')} of {count(self.patients, 'patient')}"
        if self.up_to_date:
            lines = [f"nothing to do: '{self.out}' holds {held}"]
        else:
            lines = [f"{count(self.made, 'film')} developed, '{self.out}' holds {held}"]
        for number, what, name in (
            (self.rejected, "rejected", REJECTED),
            (self.unmatched, "without a partner", UNMATCHED),
        ):
            if number:
                lines.append(f"{count(number, 'record')} {what}, see '{self.crosswalk / name}'")
        if self.burned_in:
            lines.append(
                f"{count(self.burned_in, 'film')} may show names in the picture "
                "(BurnedInAnnotation): look at them before you hand the dataset on"
            )
        return "; ".join(lines)


def build_dataset(
    options: Options,
    out: Path = Path("dataset"),
    *,
    workers: int | None = None,
    resume: bool = True,
    quiet: bool = False,
) -> Summary:
    """Make the dataset `out` and its crosswalk; return what is there now.

    Raises `ChestxError` if no film can be used, if `out` was made with other options, or if a film
    has changed or gone since.
    """
    _check_installed()
    labels = read_labels(options.labels)
    private = folder_for(out)
    with Output(out) as dataset, Output(private, private=True) as crosswalk:
        key = _key(crosswalk, options.key_file, resume=resume)
        started = time.perf_counter()
        files, unreadable = list_files(options.images)
        digests = digests_of(files)
        fingerprint = fingerprint_of(
            **options.public(), classes=labels.classes, key=key_digest(key)
        )
        ledger = _open_ledger(dataset, crosswalk, fingerprint, resume=resume)
        left = ledger.batches(digests, out)
        tables = _tables_digest(options)
        build = _Build(options, labels, key, dataset, crosswalk, ledger, tables)
        if not left and build.is_up_to_date():
            return build.summary(up_to_date=True)
        build.seconds["list"] = time.perf_counter() - started
        ledger.doing = tuple(digest for batch in left for digest in batch)
        build.run(files, unreadable, workers or cores(), quiet=quiet)
        return build.summary(up_to_date=False)


@dataclass
class _Build:
    options: Options
    labels: Labels
    key: bytes
    dataset: Output
    crosswalk: Output
    ledger: Ledger
    tables: str
    seconds: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def run(
        self, files: Sequence[Input], unreadable: list[Rejected], workers: int, *, quiet: bool
    ) -> None:
        """Go through all stages; killed anywhere, the next run goes on."""
        self._save()
        with self._stage("scan"), Progress("reading headers", "files", quiet=quiet) as bar:
            names = (name for name, _, _ in files)
            films, rejected = read_headers(self.options.images, names, workers, bar.add)
        known = read_crosswalk(self.crosswalk)
        with self._stage("link"):
            if isinstance(self.options.link, Path):
                films = complete_films(films, read_link_table(self.options.link))
            rejected = [*unreadable, *rejected]
            plan = self._plan(films, rejected, known)
        jobs = [Job(planned.image, planned.film.source) for planned in plan.images]
        with self._stage("develop"), Progress("developing", "films", quiet=quiet) as bar:
            fates = develop_all(self._darkroom(), self.crosswalk, jobs, workers, bar.add)
        with self._stage("write"):
            self._write(plan, rejected, fates, known)
            close_journal(self.crosswalk, jobs, fates)
        self._finish()

    def is_up_to_date(self) -> bool:
        """Tell whether an earlier run left nothing to do."""
        return (
            self._kept().get("tables") == self.tables
            and all((self.dataset / name).exists() for name in FILES)
            and (self.crosswalk / CROSSWALK).exists()
            and all_there(self.crosswalk, self.dataset / IMAGES)
        )

    def summary(self, *, up_to_date: bool) -> Summary:
        """Return what there is; raise `ChestxError` where no film could be used."""
        counts = self._kept()["counts"] if up_to_date else self.counts
        return Summary(
            out=self.dataset.folder,
            crosswalk=self.crosswalk.folder,
            up_to_date=up_to_date,
            **{**counts, "made": 0 if up_to_date else counts["made"]},
        )

    def _plan(
        self, films: Sequence[Any], rejected: Sequence[Rejected], known: Sequence[Row]
    ) -> Plan:
        if not films:
            self._write_rejected(rejected)
            raise self._none(rejected)
        options = self.options
        return make_plan(films, self.labels, options.link, options.views, self.key, known)

    def _darkroom(self) -> Darkroom:
        options = self.options
        return Darkroom(
            films=options.images,
            dataset=self.dataset.folder,
            crosswalk=self.crosswalk.folder,
            size=options.size,
            fit=options.fit,
            bits=options.bits,
        )

    def _write(
        self,
        plan: Plan,
        rejected: list[Rejected],
        fates: Mapping[str, Fate],
        known: Sequence[Row],
    ) -> None:
        images: list[Image] = []
        rejected = [*rejected, *plan.rejected]
        for planned in plan.images:
            fate = fates[planned.image]
            if isinstance(fate, Developed):
                images.append(make_image(planned, fate, self.labels, self.options.uncertain))
            else:
                film = planned.film
                rejected.append(Rejected(film.sop_instance_uid, film.source, fate))
        unmatched = [*plan.unmatched, *_without_film(plan, images)]
        self._write_rejected(rejected)
        if not images:
            self._write_unmatched(unmatched)
            raise self._none(rejected)
        before = {row.image for row in known}
        contents = Contents(
            options=self.options,
            classes=self.labels.classes,
            images=images,
            known=known,
            how=plan.how,
            rejected=len(rejected),
            unmatched=unmatched,
        )
        unmatched = write_tables(self.dataset, self.crosswalk, contents)
        self._write_unmatched(unmatched)
        self._remove_others({image.name for image in images})
        self.counts = {
            "images": len(images),
            "patients": len({image.patient for image in images}),
            "made": sum(image.name not in before for image in images),
            "rejected": len(rejected),
            "unmatched": len(unmatched),
            "burned_in": sum(image.planned.film.burned_in == "yes" for image in images),
        }

    def _remove_others(self, wanted: set[str]) -> None:
        """Remove images that an earlier run made and that no longer belong to the dataset."""
        with self.dataset.told_plainly():
            for path in (self.dataset / IMAGES).glob("*.png"):
                if path.name not in wanted:
                    path.unlink()

    def _write_rejected(self, rejected: Sequence[Rejected]) -> None:
        rows = sorted((printable(one.source), one.id, one.reason) for one in rejected)
        lines = (csv_line((id, source, reason)) for source, id, reason in rows)
        self.crosswalk.write(REJECTED, ("id,source,reason\n" + "".join(lines)).encode())

    def _write_unmatched(self, unmatched: Sequence[Unmatched]) -> None:
        lines = [
            csv_line((one.kind, one.id, printable(one.source), str(one.row or ""), one.reason))
            for one in unmatched
        ]
        self.crosswalk.write(UNMATCHED, ("kind,id,source,row,reason\n" + "".join(lines)).encode())

    def _none(self, rejected: Sequence[Rejected]) -> ChestxError:
        if not rejected:
            return ChestxError(
                f"there are no files below '{self.options.images}': name the folder that holds the "
                "films by --images"
            )
        reasons = {one.reason for one in rejected}
        why = f" ({reasons.pop()})" if len(reasons) == 1 else ""
        return ChestxError(
            f"none of the {count(len(rejected), 'file')} could be used{why}: see "
            f"'{self.crosswalk / REJECTED}'"
        )

    def _finish(self) -> None:
        self.ledger.finish({})
        self._save()

    def _save(self) -> None:
        """Write both `run.json`: what may be handed on, and the whole."""
        finished = not self.ledger.doing and bool(self.counts)
        seconds = {stage: round(spent, 3) for stage, spent in self.seconds.items()}
        facts = {
            "command": "build-dataset",
            "options": self.options.public(),
            "counts": self.counts,
            "seconds": seconds,
        }
        public = {
            "version": __version__,
            "finished": finished,
            **facts,
            "libraries": library_versions(LIBRARIES),
        }
        self.dataset.write(RUN, (json.dumps(public, indent=2) + "\n").encode())
        whole = {
            **facts,
            "finished": finished,
            "options": self.options.private(),
            "tables": self.tables if finished else "",
        }
        write_run(self.crosswalk, self.ledger, whole, LIBRARIES)

    def _kept(self) -> dict[str, Any]:
        kept: dict[str, Any] = json.loads((self.crosswalk / RUN).read_bytes())
        return kept

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - started


def _key(crosswalk: Output, key_file: Path | None, *, resume: bool) -> bytes:
    """Return the key; refuse to make a new one for a dataset that has patients' numbers."""
    lost = (crosswalk / RUN).exists() and not (crosswalk / KEY).exists()
    if lost and resume and key_file is None:
        raise ChestxError(
            f"the key of '{crosswalk.folder}' is not there: give it by --key-file, or use "
            "--no-resume or another -o"
        )
    return open_key(crosswalk, key_file)


def _open_ledger(dataset: Output, crosswalk: Output, fingerprint: str, *, resume: bool) -> Ledger:
    """Return the ledger to go on with; it lies in the crosswalk, since it is of the inputs."""
    fresh = new_ledger(dataset, fingerprint, FILES)
    if not resume:
        forget_journal(crosswalk)
        (crosswalk / CROSSWALK).unlink(missing_ok=True)
        return fresh
    if not (crosswalk / RUN).exists():
        if (dataset / RUN).exists():
            raise ChestxError(
                f"the crosswalk of '{dataset.folder}' is not at '{crosswalk.folder}': put it back, "
                "or use --no-resume or another -o"
            )
        return fresh
    try:
        return read_ledger(crosswalk, fingerprint, ())
    except ChestxError:
        raise other_options(dataset.folder) from None


def _tables_digest(options: Options) -> str:
    """Return a digest of what is read afresh in every run: labels, boxes, tables."""
    digest = blake2b(digest_size=16)
    link = options.link if isinstance(options.link, Path) else None
    for path in (options.labels, options.boxes, link, options.split_file):
        for name, content in _contents(path):
            digest.update(f"{len(name)}:{name}:{len(content)}:".encode("utf-8", "surrogatepass"))
            digest.update(content)
    return digest.hexdigest()


def _contents(path: Path | None) -> Iterator[tuple[str, bytes]]:
    if path is None:
        yield "", b""
    elif path.is_dir():
        for found in walk(path):
            if isinstance(found, Found):
                yield found.name, found.path.read_bytes()
    elif path.exists():
        yield "", path.read_bytes()


def _without_film(plan: Plan, images: Sequence[Image]) -> Iterator[Unmatched]:
    """Yield the reports all of whose films were rejected."""
    used = {report for image in images for report in image.planned.reports}
    for report in plan.linked:
        if report not in used:
            yield Unmatched("report", report, "", "its films were all rejected")


def _check_installed() -> None:
    try:
        import cv2  # noqa: F401
        import deflate  # noqa: F401
        import imagecodecs  # noqa: F401
    except ImportError as error:
        raise ChestxError(EXTRA) from error
