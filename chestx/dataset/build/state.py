"""What a run may take over from earlier ones, and where it may write at all."""

import json
from pathlib import Path
from typing import Any

from chestx import __version__
from chestx.dataset.build.options import Options
from chestx.dataset.identity.key import KEY, open_key
from chestx.errors import ChestxError
from chestx.job.count import count
from chestx.job.ledger import Ledger, changed, other_options, other_version, read_ledger
from chestx.job.output import RUN, Output, claim

COMMAND = "build-dataset"


def check_place(dataset: Output, crosswalk: Output, films: Path) -> None:
    """Raise `ChestxError` where the dataset would mix with files of others."""
    out = dataset.folder.resolve()
    for above in out.parents:
        if kept(Output(above)).get("command") == COMMAND:
            raise ChestxError(f"'{dataset.folder}' lies in a dataset: use another -o")
    for folder in (out, crosswalk.folder.resolve()):
        if films.resolve().is_relative_to(folder):
            raise ChestxError(
                f"the films in '{films}' lie where '{dataset.folder}' is to be written: use "
                "another -o"
            )
    claim(dataset, COMMAND)
    claim(crosswalk, COMMAND, {KEY})


def choose_key(crosswalk: Output, key_file: Path | None) -> bytes:
    """Return the key; refuse to make a new one for a dataset that has patients' numbers."""
    stored = crosswalk / KEY
    if key_file is None and (crosswalk / RUN).exists() and not stored.exists():
        raise ChestxError(
            f"the key of '{crosswalk.folder}' is not there: give it by --key-file, or use "
            "another -o"
        )
    if stored.exists():
        with crosswalk.told_plainly():
            stored.chmod(0o600)
    return open_key(crosswalk, key_file)


def open_ledger(
    dataset: Output,
    crosswalk: Output,
    fingerprint: str,
    options: Options,
    *,
    resume: bool,
) -> tuple[Ledger, bool]:
    """Return the ledger to go on with, and whether all is to be made afresh.

    The ledger lies in the crosswalk, since it is of the inputs. A run that ended before a film was
    developed binds no one.
    """
    run = kept(crosswalk)
    if not run and (dataset / RUN).exists():
        raise ChestxError(
            f"the crosswalk of '{dataset.folder}' is not at '{crosswalk.folder}': put it back, or "
            "use another -o"
        )
    if not resume or not run or not _has_begun(dataset):
        return Ledger(fingerprint), True
    try:
        return read_ledger(crosswalk, fingerprint, ()), bool(run.get("starting"))
    except ChestxError:
        if run.get("version") != __version__:
            raise other_version(dataset.folder) from None
        earlier = kept(dataset).get("options", {})
        raise other_options(dataset.folder, changed(earlier, options.public())) from None


def check_films(ledger: Ledger, digests: list[str], dataset: Output) -> tuple[str, ...]:
    """Return the digests of what is left to do; raise `ChestxError` where films are gone."""
    known = {*ledger.done, *ledger.doing}
    if gone := known - set(digests):
        raise ChestxError(
            f"'{dataset.folder}' was made from other films: {count(len(gone), 'file')} changed "
            "or went since; use --no-resume, which keeps names and splits, or another -o"
        )
    done = set(ledger.done)
    return tuple(digest for digest in digests if digest not in done)


def kept(folder: Output) -> dict[str, Any]:
    """Return the `run.json` of a folder, nothing where there is none that can be read."""
    try:
        run = json.loads((folder / RUN).read_bytes())
    except (OSError, ValueError):
        return {}
    return run if isinstance(run, dict) else {}


def _has_begun(dataset: Output) -> bool:
    return any((dataset / "images").glob("*.png"))
