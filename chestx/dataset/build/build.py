"""Make a dataset out of films, mined labels and boxes, resumably and in parallel.

The dataset can be handed on; what leads back to the hospital is in the crosswalk beside it.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
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
)
from chestx.dataset.build.listing import REJECTED, write_rejected, write_unmatched
from chestx.dataset.build.options import Options
from chestx.dataset.build.plan import Plan, make_plan
from chestx.dataset.build.scan import list_files, read_headers
from chestx.dataset.build.state import choose_key, open_ledger, tables_digest
from chestx.dataset.build.summary import Summary
from chestx.dataset.build.tables import Image, make_image
from chestx.dataset.build.write import FILES, Contents, write_tables
from chestx.dataset.film import Developed
from chestx.dataset.identity.key import key_digest
from chestx.dataset.labels import Labels, read_labels
from chestx.dataset.linking.table import complete_films, read_link_table
from chestx.dataset.unmatched import Unmatched
from chestx.errors import ChestxError
from chestx.job.count import count
from chestx.job.ledger import (
    RUN,
    Input,
    Ledger,
    digests_of,
    fingerprint_of,
    library_versions,
    write_run,
)
from chestx.job.output import Output
from chestx.job.progress import Progress
from chestx.job.rejected import Rejected
from chestx.job.workers import cores

LIBRARIES = (
    "deflate", "imagecodecs", "matplotlib", "numpy", "opencv-python-headless", "pandas", "pillow",
    "pydicom",
)  # fmt: skip
EXTRA = (
    "build-dataset needs the codecs of the extra 'images': pip install 'chestx[images]' and try "
    "again"
)


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
        key = choose_key(crosswalk, options.key_file, resume=resume)
        started = time.perf_counter()
        files, unreadable = list_files(options.images)
        digests = digests_of(files)
        fingerprint = fingerprint_of(
            **options.public(), classes=labels.classes, key=key_digest(key)
        )
        ledger = open_ledger(dataset, crosswalk, fingerprint, resume=resume)
        left = ledger.batches(digests, out)
        tables = tables_digest(options)
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
            write_rejected(self.crosswalk, rejected)
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
        write_rejected(self.crosswalk, rejected)
        if not images:
            write_unmatched(self.crosswalk, unmatched)
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
        write_unmatched(self.crosswalk, unmatched)
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
        path = self.crosswalk / RUN
        kept: dict[str, Any] = json.loads(path.read_bytes()) if path.exists() else {}
        return kept

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - started


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
