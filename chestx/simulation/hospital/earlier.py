"""What lies in the workspace already: files of others are left alone, earlier studies can go."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from chestx.errors import ChestxError
from chestx.job.output import LOCK, RUN, Output
from chestx.simulation.hospital.make import PARTS
from chestx.simulation.hospital.studies import BOXES, DICOM, REPORTS, Study, studies
from chestx.simulation.hospital.truth import FILMS, HEADERS, README, TRUTH

PLACES = (REPORTS, DICOM, BOXES)


def check_place(truth: Output, folder: Path) -> None:
    """Raise `ChestxError` where reports, films, boxes or a truth lie that are not simulated."""
    if (truth / RUN).exists():
        return
    for name in (*PLACES, TRUTH):
        if any(path.name != LOCK for path in _files(folder / name)):
            raise ChestxError(
                f"'{folder / name}' holds files that were not made by chestx simulate: name "
                "another folder"
            )


def remove_earlier(truth: Output, folder: Path) -> None:
    """Remove the studies that an earlier run has made, and nothing else."""
    run = truth / RUN
    if not run.exists():
        return
    try:
        options = json.loads(run.read_bytes())["options"]
        earlier = studies(options["seed"], options["studies"], options["size"])
    except (ValueError, KeyError, TypeError):
        earlier = []
    with truth.told_plainly():
        for study in earlier:
            _remove(study, folder)
        for name in (*HEADERS, README, RUN):
            (truth / name).unlink(missing_ok=True)
        truth.remove_subfolder(PARTS)
    check_place(truth, folder)


def _remove(study: Study, folder: Path) -> None:
    """Remove the files of a study, and the folders that are empty without it."""
    (folder / study.report).unlink(missing_ok=True)
    for film in study.films:
        (folder / TRUTH / FILMS / f"{film.uid}.png").unlink(missing_ok=True)
        for box in (folder / BOXES).glob(f"{film.uid}_*.xml"):
            box.unlink()
    place = folder / DICOM / study.folder
    for path in _files(place):
        path.unlink()
    for path in sorted(place.glob("*"), reverse=True):
        path.rmdir()
    while place != folder / DICOM:
        with suppress(OSError):  # not empty, or never made
            place.rmdir()
        place = place.parent


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if not path.is_dir())
