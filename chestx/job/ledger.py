"""Which inputs an output folder was made from: what a resumed run may keep.

Inputs are worked on in batches: those of the first run, then those that were added later.
`run.json` keeps the ledger; it holds digests of the inputs' names, sizes and times, no names.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from importlib import metadata
from pathlib import Path
from platform import python_version
from types import MappingProxyType
from typing import Any

from chestx import __version__
from chestx.errors import ChestxError
from chestx.job.output import RUN, Output

Input = tuple[str, int, int]
"""Name, size and time of change (ns) of an input."""


@dataclass
class Ledger:
    """What is finished (`done`) and what was begun (`doing`), as digests of inputs.

    `written` says how much of the output files belongs to `done`, in the command's own measures.
    """

    fingerprint: str
    done: tuple[str, ...] = ()
    doing: tuple[str, ...] = ()
    written: dict[str, int] = field(default_factory=dict)

    def batches(self, digests: Sequence[str], folder: Path) -> list[tuple[str, ...]]:
        """Return what is left to do: the batch that was begun, then the inputs that are new."""
        begun, known = set(self.doing), {*self.done, *self.doing}
        if not known <= set(digests):
            raise other_options(folder, what="inputs")
        current = tuple(digest for digest in digests if digest in begun)
        added = tuple(digest for digest in digests if digest not in known)
        return [batch for batch in (current, added) if batch]

    def finish(self, written: Mapping[str, int]) -> None:
        """Note that the batch is in the output files, which now amount to `written`."""
        self.done += self.doing
        self.doing = ()
        self.written = dict(written)


def digests_of(inputs: Iterable[Input]) -> list[str]:
    """Return what stands for each input in a ledger; equal entries are told apart by count."""
    seen: Counter[Input] = Counter()
    digests = []
    for entry in inputs:
        seen[entry] += 1
        text = "\0".join(map(str, (seen[entry], *entry)))
        digests.append(blake2b(text.encode("utf-8", "surrogateescape"), digest_size=12).hexdigest())
    return digests


def fingerprint_of(**options: object) -> str:
    """Return a digest of all that decides what the output looks like, this version included."""
    text = json.dumps({"version": __version__, **options}, sort_keys=True)
    return blake2b(text.encode(), digest_size=16).hexdigest()


def new_ledger(output: Output, fingerprint: str, files: Iterable[str]) -> Ledger:
    """Return an empty ledger; raise `ChestxError` if one of `files` is there without a ledger."""
    if not (output / RUN).exists():
        for name in files:
            if (output / name).exists():
                raise ChestxError(
                    f"'{output / name}' was not made by chestx: move it away or use another -o"
                )
    return Ledger(fingerprint)


def read_ledger(
    output: Output,
    fingerprint: str,
    files: Iterable[str],
    options: Mapping[str, Any] = MappingProxyType({}),
    *,
    otherwise: str = "options",
) -> Ledger:
    """Return the folder's ledger, or a new one if none of the output `files` is there.

    Files of unknown origin are never overwritten. Raises `ChestxError` where the folder was made
    in another way; it says by which of the `options`, where `run.json` has others, and else that it
    is `otherwise` that differ.
    """
    path = output / RUN
    if not path.exists():
        return new_ledger(output, fingerprint, files)
    try:
        run = json.loads(path.read_bytes())
        kept, earlier, version = run["resume"], dict(run.get("options", {})), run["version"]
        ledger = Ledger(
            fingerprint=kept["fingerprint"],
            done=tuple(kept["done"].split()),
            doing=tuple(kept["doing"].split()),
            written={name: int(count) for name, count in kept["written"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise other_options(output.folder) from None
    if version != __version__:
        raise other_version(output.folder)
    if ledger.fingerprint != fingerprint:
        which = changed(earlier, options)
        raise other_options(output.folder, which, "options" if which else otherwise)
    return ledger


def write_run(
    output: Output, ledger: Ledger, facts: Mapping[str, Any], libraries: Iterable[str]
) -> None:
    """Write `run.json`: the command's own facts, versions, and the ledger."""
    run = {
        "version": __version__,
        "finished": not ledger.doing,
        **facts,
        "libraries": library_versions(libraries),
        "resume": asdict(ledger) | {"done": " ".join(ledger.done), "doing": " ".join(ledger.doing)},
    }
    output.write(RUN, (json.dumps(run, indent=2) + "\n").encode())


def changed(earlier: Mapping[str, Any], options: Mapping[str, Any]) -> list[str]:
    """Return the names of the `options` that are not as `run.json` has them."""
    return [name for name, value in options.items() if earlier.get(name) != value]


def other_options(folder: Path, which: Iterable[str] = (), what: str = "options") -> ChestxError:
    """Return the error for an output folder that does not fit what was asked, by `which` options.

    Where none is named it is not known. `what` says what else than options differs.
    """
    named = f" ({', '.join(which)})" if which else ""
    return ChestxError(
        f"'{folder}' was made with other {what}{named}: use --no-resume or another -o"
    )


def other_version(folder: Path) -> ChestxError:
    """Return the error for an output folder that another version of chestx has made."""
    return ChestxError(
        f"'{folder}' was made by another version of chestx: use --no-resume or another -o"
    )


def library_versions(libraries: Iterable[str]) -> dict[str, str]:
    """Return the versions of Python and of those of the libraries that are installed."""
    return {"python": python_version(), **dict(_versions(libraries))}


def _versions(libraries: Iterable[str]) -> Iterator[tuple[str, str]]:
    for name in libraries:
        try:
            yield name, metadata.version(name)
        except metadata.PackageNotFoundError:
            continue  # an extra that is not installed had no part in the run
