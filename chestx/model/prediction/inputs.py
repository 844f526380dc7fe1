"""What was named on the command line becomes a list of films to read."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from chestx.errors import ChestxError
from chestx.job.names import printable
from chestx.job.rejected import Rejected
from chestx.job.walk import Found, walk


class Source(NamedTuple):
    """A file: `image` is what it is called in the output, `short` its name without typed folders.

    `image` is the path below the folder if the user named one folder and nothing else, otherwise
    the path as typed.
    """

    image: str
    short: str
    path: Path


def list_sources(paths: Sequence[Path]) -> tuple[list[Source], list[Rejected]]:
    """Return the files of `paths`, folders by name, and what in a folder cannot be listed.

    A file that is named twice counts once. Raises `ChestxError` for a path that is not there, or
    where there is no file.
    """
    for path in paths:
        if not path.exists():
            raise ChestxError(f"there is no '{path}': name image files, or folders of them")
    sources: dict[str, Source] = {}
    rejected: list[Rejected] = []
    for path in paths:
        if not path.is_dir():
            image = printable(str(path))
            sources.setdefault(image, Source(image, printable(path.name), path))
            continue
        for found in walk(path):
            if isinstance(found, Found):
                short = printable(found.name)
                image = short if len(paths) == 1 else printable(str(found.path))
                sources.setdefault(image, Source(image, short, found.path))
            else:
                rejected.append(found)
    if not sources and not rejected:
        raise ChestxError("there are no files in what was named: give PNG, JPEG or DICOM images")
    return list(sources.values()), rejected
