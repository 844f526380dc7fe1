"""`chestx explain`."""

import sys
from pathlib import Path

import click

from chestx.commands.options import FILE, label_set_option, parser_option
from chestx.commands.say import say


@click.command()
@click.argument("text")
@label_set_option
@parser_option
@click.option("--html", metavar="FILE", type=FILE, help="Draw it as a page instead.")
def explain(text: str, label_set: str, parser: str, html: Path | None) -> None:
    """Show why TEXT gets its labels: words, dependency graph, mentions and rules.

    TEXT is a sentence or a whole report, or - for standard input.

    \b
    Examples:
      chestx explain "clear of focal airspace disease, pneumothorax, or pleural effusion"
      chestx explain - --html why.html < report.txt
    """
    from chestx.labeler.explanation.explain import explain as explain_text
    from chestx.labeler.readers.decode import decode
    from chestx.labeler.text.language import foreign_report

    if text == "-":
        text = decode(sys.stdin.buffer.read())
    explanation = explain_text(text, label_set, parser=parser)
    if language := foreign_report(text):
        told = f"note: this seems to be in {language}: only English is read, mine-labels rejects it"
        click.echo(told, err=True)
    if html is None:
        from chestx.labeler.explanation.terminal import as_text

        say(as_text(explanation))
    else:
        from chestx.labeler.explanation.page import write_page

        say(write_page(explanation, html))
