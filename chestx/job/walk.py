"""The files below a folder, in the order of their paths."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from chestx.job.rejected import Rejected

OUTPUT_MARKS = frozenset(("run.json", ".lock"))
"""A folder that holds both is an output folder of chestx."""

RESULTS = frozenset(
    (
        "labels.csv", "mentions.parquet", "rejected.csv", "run.json",
        "evaluation.json", "evaluation.md", "errors.csv", "evaluation-paper-gold.json",
    )
)  # fmt: skip


class Found(NamedTuple):
    """A regular file: `name` is its path below the folder, with `/` between the parts."""

    name: str
    path: Path


def walk(folder: Path) -> Iterator[Found | Rejected]:
    """Yield the files below `folder` by path, part by part, in code point order.

    Hidden files and folders are left out. Links are followed unless they lead back to a folder
    above themselves. A folder below that holds both `run.json` and `.lock` is an output folder of
    chestx and left out; where `folder` is one itself, only the results are, as reports may lie
    beside them. Only names wait in memory, those of one folder at each level.
    """
    waiting = [""]
    while waiting:
        name = waiting.pop()
        path = folder / name
        try:
            if name.endswith("/") or not name:
                waiting.extend(_entries(folder, name))
            elif path.is_file():
                yield Found(name, path)
            else:
                yield Rejected("", str(path), "neither a file nor a folder")
        except OSError as error:
            yield Rejected("", str(path), (error.strerror or "cannot be read").lower())


def _entries(folder: Path, name: str) -> list[str]:
    """Return the names in a folder, last first; those of folders end in `/`."""
    results: frozenset[str] = frozenset()
    if all((folder / name / mark).is_file() for mark in OUTPUT_MARKS):
        if name:
            return []
        results = RESULTS
    with os.scandir(folder / name) as entries:
        found = [
            (entry.name, entry.is_dir())
            for entry in entries
            if not entry.name.startswith(".")
            and entry.name not in results
            and not _leads_back(folder, name, entry)
        ]
    found.sort(reverse=True)
    return [name + entry + "/" * is_folder for entry, is_folder in found]


def _leads_back(folder: Path, name: str, entry: os.DirEntry[str]) -> bool:
    if not entry.is_symlink() or not entry.is_dir():
        return False
    parts = name.split("/")[:-1]
    return any(
        folder.joinpath(*parts[:depth]).samefile(entry.path) for depth in range(len(parts) + 1)
    )
