"""Arguments and options that several commands have, and the kinds of paths that they take.

What is said of an option differs from command to command, and is handed in.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])

ANY_PATH = click.Path(path_type=Path)
FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)
EXISTING_PATH = click.Path(path_type=Path, exists=True)
EXISTING_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
EXISTING_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)

run_argument = click.argument("run", type=FOLDER)

label_set_option = click.option(
    "--label-set",
    metavar="NAME|FILE",
    default="chestx-ray14",
    show_default=True,
    help="chestx-ray14, chestx-ray8, chexpert, or a TOML file of your own.",
)
parser_option = click.option(
    "--parser",
    metavar="NAME",
    default="en_core_web_sm",
    show_default=True,
    help="An installed spaCy model with a dependency parser.",
)
workers_option = click.option(
    "--workers", type=click.IntRange(min=1), help="Number of processes.  [default: the cores]"
)
resume_option = click.option(
    "--resume/--no-resume",
    default=True,
    show_default=True,
    help="Go on where an earlier run stopped, or start afresh.",
)
quiet_option = click.option(
    "-q", "--quiet", is_flag=True, help="Say nothing unless records are rejected."
)


def out_option(
    help: str, default: str | None = None, *, type: click.Path = FOLDER
) -> Callable[[_Command], _Command]:
    """`-o`: where to write; `help` says what is chosen where there is no default."""
    return click.option(
        "-o",
        "--out",
        type=type,
        default=None if default is None else Path(default),
        show_default=True,
        help=help,
    )


def seed_option(help: str) -> Callable[[_Command], _Command]:
    """`--seed`: of what is drawn by chance."""
    return click.option("--seed", type=int, default=0, show_default=True, help=help)


def format_option(help: str) -> Callable[[_Command], _Command]:
    """`--format`: that of reports."""
    return click.option(
        "--format",
        type=click.Choice(["auto", "text", "csv", "jsonl", "openi", "mimic-cxr", "fhir"]),
        default="auto",
        show_default=True,
        help=help,
    )


def classes_option(help: str) -> Callable[[_Command], _Command]:
    """`--classes`: a list of names, or None."""
    return click.option("--classes", metavar="A,B,...", callback=_names, help=help)


def _names(context: click.Context, option: click.Parameter, value: str | None) -> list[str] | None:
    return [name.strip() for name in value.split(",")] if value else None


def mirror_option(help: str, default: str | None = None) -> Callable[[_Command], _Command]:
    """`--mirror`: where OpenI's reports are downloaded from."""
    return click.option(
        "--mirror",
        type=click.Choice(["nlm", "pypi"]),
        default=default,
        show_default=True,
        help=help,
    )
