"""What a command has to say, on standard output."""

import os
import sys

import click

from chestx.errors import ChestxError


def say(message: object) -> None:
    """Print a line; where it cannot be written, that is what the user is told."""
    try:
        click.echo(message)
    except BrokenPipeError:
        raise  # click ends quietly when `| head` has seen enough
    except OSError as error:
        # Python would try once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise ChestxError(f"cannot write to standard output ({error.strerror})") from error
