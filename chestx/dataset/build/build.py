"""Make a dataset out of films, mined labels and boxes, resumably and in parallel.

The dataset can be handed on; what leads back to the hospital is in the crosswalk beside it.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chestx.dataset.build.crosswalk import folder_for
from chestx.dataset.build.develop import (
    IMAGES,
    Darkroom,
    Job,
    Refused,
    Tries,
    all_there,
    close_journal,
    develop_all,
    forget_journal,
)
from chestx.dataset.build.inputs import Inputs, read_inputs
from chestx.dataset.build.listing import REJECTED, UNMATCHED, write_rejected, write_unmatched
from chestx.dataset.build.memory import Memory, read_memory, write_memory
from chestx.dataset.build.options import Options
from chestx.dataset.build.plan import Plan, make_plan
from chestx.dataset.build.run_record import Counts, RunRecord
from chestx.dataset.build.scan import list_files, read_headers
from chestx.dataset.build.state import check_films, check_place, choose_key, open_ledger
from chestx.dataset.build.summary import Summary
from chestx.dataset.build.tables import Image, make_image
from chestx.dataset.build.write import Contents, write_tables
from chestx.dataset.film import Developed, Film
from chestx.dataset.identity.key import key_digest
from chestx.dataset.linking.link import NothingLinkedError, link_reports
from chestx.dataset.linking.table import LinkTable, complete_films
from chestx.dataset.unmatched import Unmatched
from chestx.errors import ChestxError
from chestx.job.count import count
from chestx.job.ledger import Input, digests_of, fingerprint_of
from chestx.job.output import Output
from chestx.job.progress import Progress
from chestx.job.rejected import Rejected
from chestx.job.workers import cores

EXTRA = "build-dataset needs codecs: pip install 'chestx[images]' and run it again"


def build_dataset(
    options: Options,
    out: Path = Path("dataset"),
    *,
    workers: int | None = None,
    resume: bool = True,
    quiet: bool = False,
) -> Summary:
    """Make the dataset `out` and its crosswalk; return what is there now.

    Raises `ChestxError` if no film can be used, if `out` was made with other options or holds what
    others made, or if a film has changed or gone since.
    """
    _check_installed()
    started = time.perf_counter()
    inputs = read_inputs(options)
    dataset, crosswalk = Output(out), Output(folder_for(out), private=True)
    check_place(dataset, crosswalk, options.images)
    with dataset, crosswalk:
        key = choose_key(crosswalk, options.key_file)
        files, unreadable = list_files(options.images, out, crosswalk.folder)
        fingerprint = fingerprint_of(
            **options.public() | {"split": inputs.fractions, "list": bool(inputs.split_file)},
            classes=inputs.labels.classes,
            key=key_digest(key),
        )
        ledger, fresh = open_ledger(dataset, crosswalk, fingerprint, options, resume=resume)
        left = check_films(ledger, digests_of(files), dataset)
        record = RunRecord(dataset, crosswalk, ledger, options, inputs.digest())
        if (
            not left
            and not fresh
            and record.is_up_to_date()
            and all_there(crosswalk, dataset / IMAGES)
        ):
            return _summary(record, made=None)
        record.seconds["list"] = time.perf_counter() - started
        ledger.doing = left
        record.save(starting=fresh)
        if fresh:
            forget_journal(crosswalk)
            record.save()
        build = _Build(options, inputs, key, dataset, crosswalk, record)
        made = build.run(files, unreadable, workers or cores(), quiet=quiet)
        return _summary(record, made=made)


@dataclass
class _Build:
    options: Options
    inputs: Inputs
    key: bytes
    dataset: Output
    crosswalk: Output
    record: RunRecord
    rejected: list[Rejected] = field(default_factory=list)
    unread: int = 0

    def run(
        self, files: Sequence[Input], unreadable: list[Rejected], workers: int, *, quiet: bool
    ) -> int:
        """Go through all stages and return how many images were made.

        Killed anywhere, the next run goes on.
        """
        with self._stage("scan"), Progress("reading headers", "files", quiet=quiet) as bar:
            names = (name for name, _, _ in files)
            films, faults, self.unread = read_headers(self.options.images, names, workers, bar.add)
            self.rejected += [*unreadable, *faults]
        memory = read_memory(self.crosswalk, key_digest(self.key))
        with self._stage("link"):
            plan = self._plan(films, memory)
            write_memory(self.crosswalk, memory)
        with self._stage("develop"), Progress("developing", "films", quiet=quiet) as bar:
            jobs = [
                [Job(one.image, film.source) for film in (one.film, *one.copies)]
                for one in plan.images
            ]
            tried, made = develop_all(self._darkroom(), self.crosswalk, jobs, workers, bar.add)
        with self._stage("write"):
            counts = self._write(plan, tried, memory)
            close_journal(self.crosswalk, tried)
            write_memory(self.crosswalk, memory)
        self.record.finish(counts)
        return made

    def _plan(self, films: Sequence[Film], memory: Memory) -> Plan:
        if not films:
            raise self._nothing()
        link = self.inputs.link
        if isinstance(link, LinkTable):
            films = complete_films(films, link)
        try:
            links = link_reports(films, list(self.inputs.labels.states), link)
        except NothingLinkedError as error:
            write_rejected(self.crosswalk, self.rejected)
            write_unmatched(self.crosswalk, error.unmatched)
            raise ChestxError(f"{error}; see '{self.crosswalk / UNMATCHED}'") from None
        plan = make_plan(films, links, self.options.views, self.key, memory)
        self.rejected += plan.rejected
        return plan

    def _darkroom(self) -> Darkroom:
        return Darkroom(
            films=self.options.images,
            dataset=self.dataset.folder,
            crosswalk=self.crosswalk.folder,
            size=self.options.size,
            fit=self.options.fit,
            bits=self.options.bits,
        )

    def _write(self, plan: Plan, tried: Tries, memory: Memory) -> Counts:
        images = self._images(plan, tried)
        unmatched = [*plan.unmatched, *_without_film(plan, images)]
        if not images:
            write_unmatched(self.crosswalk, unmatched)
            raise self._nothing()
        contents = Contents(
            options=self.options,
            inputs=self.inputs,
            images=images,
            how=plan.how,
            rejected=len(self.rejected),
            unmatched=unmatched,
        )
        unmatched = write_tables(self.dataset, self.crosswalk, memory, contents)
        write_rejected(self.crosswalk, self.rejected)
        write_unmatched(self.crosswalk, unmatched)
        self._remove_others(memory, {image.name for image in images})
        return {
            "images": len(images),
            "patients": len({image.patient for image in images}),
            "rejected": len(self.rejected),
            "unmatched": len(unmatched),
            "burned_in": sum(image.planned.film.burned_in == "yes" for image in images),
            "unread": self.unread,
        }

    def _images(self, plan: Plan, tried: Tries) -> list[Image]:
        """Return the images; list the files that gave none, and those that were not needed."""
        images: list[Image] = []
        for planned in plan.images:
            films = (planned.film, *planned.copies)
            fates = {film.source: tried.get(Job(planned.image, film.source)) for film in films}
            source = next((s for s, fate in fates.items() if isinstance(fate, Developed)), None)
            for film in films:
                fate = fates[film.source]
                if isinstance(fate, Refused):
                    self.unread += not fate.final
                    self._reject(film, fate.reason)
                elif film.source != source:
                    self._reject(film, "the same image as another file")
                elif fate is not None:
                    labels, uncertain = self.inputs.labels, self.options.uncertain
                    images.append(make_image(planned.of(film.source), fate, labels, uncertain))
        return images

    def _reject(self, film: Film, reason: str) -> None:
        self.rejected.append(Rejected(film.sop_instance_uid, film.source, reason))

    def _remove_others(self, memory: Memory, wanted: set[str]) -> None:
        """Remove images that earlier runs made and that no longer belong to the dataset."""
        with self.dataset.told_plainly():
            for name in {*memory.names.values(), *memory.retired} - wanted:
                (self.dataset / IMAGES / name).unlink(missing_ok=True)

    def _nothing(self) -> ChestxError:
        """List what there is, and return the error for a run without an image."""
        write_rejected(self.crosswalk, self.rejected)
        if not self.rejected:
            return ChestxError(
                f"there are no files below '{self.options.images}': name the folder that holds the "
                "films by --images"
            )
        reasons = {one.reason for one in self.rejected}
        why = f" ({reasons.pop()})" if len(reasons) == 1 else ""
        files = count(len(self.rejected), "file")
        return ChestxError(
            f"none of the {files} could be used{why}: see '{self.crosswalk / REJECTED}'"
        )

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.record.seconds[name] = time.perf_counter() - started


def _without_film(plan: Plan, images: Sequence[Image]) -> Iterator[Unmatched]:
    """Yield the reports all of whose films were rejected."""
    used = {report for image in images for report in image.planned.reports}
    for report in plan.linked:
        if report not in used:
            yield Unmatched("report", report, "", "its films were all rejected")


def _summary(record: RunRecord, made: int | None) -> Summary:
    return Summary(
        out=record.dataset.folder,
        crosswalk=record.crosswalk.folder,
        made=made or 0,
        up_to_date=made is None,
        **record.counts,
    )


def _check_installed() -> None:
    try:
        import cv2  # noqa: F401
        import deflate  # noqa: F401
        import imagecodecs  # noqa: F401
    except ImportError as error:
        raise ChestxError(EXTRA) from error
