"""The reports that are measured on: those of OpenI, and archives made from them."""

import gzip
import json
import random
import re
import shutil
import tarfile
from collections.abc import Iterator
from functools import lru_cache
from itertools import count, islice
from pathlib import Path

from chestx.labeler.fetch import NAME, fetch_openi
from chestx.labeler.readers import read_reports
from chestx.labeler.report import Report

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data" / "openi"
FETCHED = ROOT / "build" / "openi"
TEST_IDS = SHARED / "testset-771.txt"
FEW = 10
_DIGIT = re.compile(r"\d")


@lru_cache(maxsize=1)
def archive() -> Path:
    """Return the OpenI archive, which is downloaded where it is not there."""
    shared = SHARED / NAME
    return shared if shared.exists() else fetch_openi(FETCHED, "pypi")


@lru_cache(maxsize=1)
def reports() -> tuple[Report, ...]:
    """Return the reports of the archive."""
    return tuple(r for r in read_reports([archive()], "openi") if isinstance(r, Report))


def write_whole(target: Path) -> Path:
    """Copy the archive, so that both archives are read from the same place."""
    shutil.copyfile(archive(), target)
    return target


def write_few(target: Path) -> Path:
    """Write an archive of `FEW` reports from all over the archive."""
    with tarfile.open(archive()) as old, tarfile.open(target, "w:gz") as new:
        members = [member for member in old.getmembers() if member.isfile()]
        for member in members[:: len(members) // FEW][:FEW]:
            new.addfile(member, old.extractfile(member))
    return target


def write_many(target: Path, number: int, seed: int = 0) -> None:
    """Write `number` reports as gzipped JSON Lines: those of OpenI over and over.

    Each copy has digits of its own, so that sentences with numbers in them never repeat.
    """
    with gzip.open(target, "wt", compresslevel=1, encoding="utf-8") as file:
        for report in islice(_repeated(random.Random(seed)), number):
            file.write(json.dumps({"report_id": report.id, "text": report.text}) + "\n")


def _repeated(chance: random.Random) -> Iterator[Report]:
    for copy in count():
        for report in (report for report in reports() if report.text):
            text = _DIGIT.sub(lambda _: str(chance.randrange(10)), report.text)
            yield Report(f"{report.id}-{copy}", text)
