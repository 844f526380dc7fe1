"""The `chestx` command: parses words and prints; every command is one call of a function."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chestx import __version__
from chestx.errors import ChestxError

if TYPE_CHECKING:
    from chestx.labeler.fetch import Mirror

FORMATS = ("auto", "text", "csv", "jsonl", "openi", "mimic-cxr", "fhir")
ASSERTIONS = ("dependency", "negex", "none")
_DEBUG = "chestx.debug"


def _debug(context: click.Context, option: click.Parameter, value: bool) -> None:
    if value:
        context.meta[_DEBUG] = True


class Commands(click.Group):
    """A group whose commands fail in one line, unless with `--debug`."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command; `--debug` may be given after its name too."""
        cmd.params.append(
            click.Option(
                ["--debug"],
                is_flag=True,
                expose_value=False,
                is_eager=True,
                callback=_debug,
                hidden=True,
            )
        )
        super().add_command(cmd, name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what it raises becomes a line and an exit status."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("interrupted: the same command again goes on where it stopped", err=True)
            ctx.exit(130)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except BrokenPipeError:
            raise  # click ends quietly when `| head` has seen enough
        except Exception as error:
            if _DEBUG in ctx.meta:
                raise
            # Any other message may quote a report.
            line = (
                str(error)
                if isinstance(error, ChestxError)
                else f"unexpected {type(error).__name__}: run with --debug to see where"
            )
            click.echo(f"Error: {line}", err=True)
            ctx.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="chestx")
@click.option(
    "--debug",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_debug,
    help="Show tracebacks, which may quote reports.",
)
def main() -> None:
    """Chest X-ray reports and films to labels, datasets and weakly supervised models.

    For research only: not a medical device.
    """


@main.command("mine-labels")
@click.argument("reports", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("labels"),
    show_default=True,
    help="Folder for the labels.",
)
@click.option(
    "--format", type=click.Choice(FORMATS), default="auto", show_default=True, help="Of REPORTS."
)
@click.option("--text-column", metavar="NAME", help="Column of the text, for csv and jsonl.")
@click.option("--id-column", metavar="NAME", help="Column of the report's id, for csv and jsonl.")
@click.option(
    "--label-set",
    metavar="NAME|FILE",
    default="chestx-ray14",
    show_default=True,
    help="chestx-ray14, chestx-ray8, chexpert, or a TOML file of your own.",
)
@click.option(
    "--assertion",
    type=click.Choice(ASSERTIONS),
    default="dependency",
    show_default=True,
    help="What tells present, negated and uncertain apart.",
)
@click.option(
    "--parser",
    metavar="NAME",
    default="en_core_web_sm",
    show_default=True,
    help="An installed spaCy model with a dependency parser.",
)
@click.option("--umls", is_flag=True, help="Add scispaCy's UMLS linker to the lexicon.")
@click.option(
    "--workers", type=click.IntRange(min=1), help="Number of processes.  [default: the cores]"
)
@click.option(
    "--resume/--no-resume",
    default=True,
    show_default=True,
    help="Go on where an earlier run stopped, or start afresh.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing unless records are rejected.")
def _mine_labels(reports: tuple[str, ...], quiet: bool, **options: Any) -> None:
    """Mine the labels of the radiology reports in REPORTS.

    REPORTS are folders or files, also .gz, .zip or .tgz, or - for jsonl on standard input. Writes
    labels.csv, mentions.parquet, rejected.csv and run.json into the output folder.

    \b
    Example:
      chestx mine-labels reports/ --label-set chexpert -o labels
    """
    from chestx.labeler.batch.mine import mine_labels

    summary = mine_labels(reports, quiet=quiet, **options)
    if summary.rejected or not quiet:
        click.echo(summary)


@main.group(cls=Commands)
def fetch() -> None:
    """Download public data."""


@fetch.command()
@click.option(
    "--mirror",
    type=click.Choice(["nlm", "pypi"]),
    default="nlm",
    show_default=True,
    help="Where to download from.",
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("reports"),
    show_default=True,
    help="Folder for the download.",
)
def openi(out: Path, mirror: "Mirror") -> None:
    """Download the reports of OpenI (Indiana University), 3,955 chest X-ray studies.

    \b
    Example:
      chestx fetch openi -o reports
    """
    from chestx.labeler.fetch import fetch_openi

    click.echo(fetch_openi(out, mirror))


if __name__ == "__main__":
    sys.exit(main())
