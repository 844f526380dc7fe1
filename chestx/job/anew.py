"""An output folder that a command makes anew each time, and its `run.json`."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from chestx import __version__
from chestx.job.ledger import library_versions
from chestx.job.output import RUN, Output, claim


def begin(
    output: Output,
    command: str,
    facts: Mapping[str, Any],
    *,
    libraries: Iterable[str],
    files: Collection[str],
    folders: Collection[str],
    own: bool = False,
) -> None:
    """Take the folder, and take away the `files` and `folders` that an earlier call left in it.

    Raises `ChestxError` for a folder that another command has made. In a folder that can only be
    the command's `own`, what is called like its files is so too, whatever `run.json` says.
    """
    claim(output, command, (*files, *folders) if own else ())
    note(output, command, facts, libraries=libraries, finished=False)
    with output.told_plainly():
        for name in files:
            (output / name).unlink(missing_ok=True)
    for name in folders:
        output.remove_subfolder(name)


def note(
    output: Output,
    command: str,
    facts: Mapping[str, Any],
    *,
    libraries: Iterable[str],
    finished: bool,
) -> None:
    """Write `run.json`: versions and what is known of the call, without a name."""
    run = {
        "version": __version__,
        "command": command,
        "finished": finished,
        **facts,
        "libraries": library_versions(libraries),
    }
    output.write(RUN, (json.dumps(run, indent=2) + "\n").encode())
