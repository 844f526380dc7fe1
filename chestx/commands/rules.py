"""`chestx rules`: work on the assertion rules."""

from pathlib import Path

import click

from chestx.commands.group import Commands
from chestx.commands.options import EXISTING_FILE, parser_option
from chestx.commands.say import say


@click.group(cls=Commands)
def rules() -> None:
    """Work on the assertion rules."""


@rules.command("test")
@click.argument("file", required=False, type=EXISTING_FILE)
@parser_option
@click.pass_context
def _test(context: click.Context, file: Path | None, parser: str) -> None:
    """Run the examples and counterexamples of the shipped rules, or of those in FILE.

    The rules of FILE are tried before the shipped ones; one with the id of a shipped rule takes
    its place. The exit status is 1 where an example fails.

    \b
    Example:
      chestx rules test my-rules.toml
    """
    from chestx.labeler.assertion.examples import check_rules

    check = check_rules(file, parser=parser)
    for failure in check.failures:
        say(failure)
    say(check.summary)
    if check.failures:
        context.exit(1)
