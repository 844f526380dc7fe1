"""A group of commands: what they raise becomes a line and an exit status."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from chestx.errors import ChestxError

_Command = TypeVar("_Command", bound=Callable[..., Any])
_DEBUG = "chestx.debug"


def debug_option(*, hidden: bool) -> Callable[[_Command], _Command]:
    """`--debug`: what is raised is shown as it is."""
    return click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_debug,
        hidden=hidden,
        help="Show tracebacks, which may quote reports.",
    )


def _debug(context: click.Context, option: click.Parameter, value: bool) -> None:
    if value:
        context.meta[_DEBUG] = True


class Resumable(click.Command):
    """A command that goes on where it was interrupted, if it is given once more."""


class Commands(click.Group):
    """A group whose commands fail in one line, unless with `--debug`."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command; `--debug` may be given after its name too."""
        super().add_command(debug_option(hidden=True)(cmd), name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what it raises becomes a line and an exit status."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            resumes = isinstance(self.commands.get(ctx.invoked_subcommand or ""), Resumable)
            goes_on = ": the same command again goes on where it stopped"
            click.echo(f"interrupted{goes_on if resumes else ''}", err=True)
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
