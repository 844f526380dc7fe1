"""What lies in the workspace already: files of others are left alone, earlier studies can go."""

import csv
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from chestx.errors import ChestxError
from chestx.job.output import LOCK, RUN, UNFINISHED, Output
from chestx.simulation.hospital.make import PARTS
from chestx.simulation.hospital.studies import BOXES, DICOM, REPORTS, studies
from chestx.simulation.hospital.truth import FILMS, HEADERS, LINKS, README, TRUTH

PLACES = (REPORTS, DICOM, BOXES, TRUTH)
# Year, month, day, and the study's digest; the series and the film are below.
_FOLDERS = 4


def check_place(truth: Output, folder: Path) -> None:
    """Raise `ChestxError` where reports, films, boxes or a truth lie that are not simulated."""
    if not (truth / RUN).exists():
        _refuse_others(folder, {f"{TRUTH}/{LOCK}"})


def remove_earlier(truth: Output, folder: Path) -> None:
    """Remove the studies that an earlier run has made; nothing where files of others lie there.

    `run.json` goes last: what is left after an interruption is still known as simulated.
    """
    if not (truth / RUN).exists():
        return
    _refuse_others(folder, _known(truth))
    with truth.told_plainly():
        for place in (REPORTS, DICOM, BOXES, f"{TRUTH}/{FILMS}"):
            _empty(folder / place)
        truth.remove_subfolder(PARTS)
        for name in (*HEADERS, README, RUN):
            (truth / name).unlink(missing_ok=True)


def _refuse_others(folder: Path, known: set[str]) -> None:
    for place in PLACES:
        for path in _files(folder / place):
            if known.isdisjoint(_names(path.relative_to(folder))):
                raise ChestxError(
                    f"'{folder / place}' holds files that were not made by chestx simulate: move "
                    "them away or name another folder"
                )


def _names(path: Path) -> Iterator[str]:
    """Yield what may make a file known: itself, a folder it is in, the film that its box is of."""
    name = path.name
    if name.endswith(UNFINISHED):
        name = name.removeprefix(".").removesuffix(UNFINISHED)
    yield f"{path.parent.as_posix()}/{name}"
    yield f"{path.parent.as_posix()}/{name.split('_')[0]}"
    yield from (place.as_posix() for place in path.parents)


def _known(truth: Output) -> set[str]:
    """Return the files and folders that an earlier run has made, in the workspace.

    The tables name the studies that it finished, whatever this version would make of its options;
    those tell of studies that it began.
    """
    own = {f"{TRUTH}/{name}" for name in (*HEADERS, README, RUN, LOCK, PARTS)}
    return own | set(_finished(truth)) | set(_begun(truth))


def _finished(truth: Output) -> Iterator[str]:
    for lines in (_lines_of(truth / LINKS), *map(_lines_in, (truth / PARTS).glob("*.json"))):
        for uid, report, *_, source, _, _ in csv.reader(lines):
            if source.count("/") > _FOLDERS:  # the header has none
                yield from _names_of(report, uid, "/".join(source.split("/")[:_FOLDERS]))


def _lines_of(table: Path) -> list[str]:
    try:
        return _whole(table.read_text("utf-8").splitlines())
    except (OSError, ValueError):
        return []


def _lines_in(part: Path) -> list[str]:
    try:
        return _whole(json.loads(part.read_bytes())[LINKS])
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _whole(lines: Iterable[str]) -> list[str]:
    return [line for line in lines if line.count(",") == len(HEADERS[LINKS]) - 1]


def _begun(truth: Output) -> list[str]:
    try:
        options = json.loads((truth / RUN).read_bytes())["options"]
        return [
            name
            for study in studies(options["seed"], options["studies"], options["size"])
            for film in study.films
            for name in _names_of(study.accession, film.uid, study.folder)
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _names_of(report: str, uid: str, study_folder: str) -> tuple[str, ...]:
    return (
        f"{REPORTS}/{report}.txt",
        f"{DICOM}/{study_folder}",
        f"{BOXES}/{uid}",
        f"{TRUTH}/{FILMS}/{uid}.png",
    )


def _empty(place: Path) -> None:
    for path in list(_files(place)):
        path.unlink()
    for path in sorted(place.rglob("*"), reverse=True):
        with suppress(OSError):  # another's link
            path.rmdir()


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if not path.is_dir())
