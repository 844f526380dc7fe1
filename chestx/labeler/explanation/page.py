"""An explanation as a page: one HTML file that asks for nothing else."""

from html import escape
from importlib.resources import files
from pathlib import Path

from chestx import __version__
from chestx.errors import ChestxError
from chestx.labeler.explanation.explain import (
    STATES,
    ExplainedMention,
    ExplainedSentence,
    Explanation,
)
from chestx.labeler.explanation.svg import draw

LEGEND = {
    "present": "present",
    "negated": "negated",
    "uncertain": "uncertain",
    "unasserted": "not asserted",
}


def as_html(explanation: Explanation) -> str:
    """Return the explanation as a page, for light and dark screens and for paper."""
    sentences = "".join(
        _sentence(sentence, number) for number, sentence in enumerate(explanation.sentences, 1)
    )
    legend = "".join(f'<li><mark class="{s}">{name}</mark></li>' for s, name in LEGEND.items())
    return (
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        " style-src 'unsafe-inline'\">"
        f"<title>chestx explain</title><style>{_style()}</style></head>\n<body><main>"
        f'<header><h1>Why these labels</h1><ul class="legend">{legend}</ul></header>\n'
        f"{_labels(explanation)}\n{sentences}"
        f"<footer>chestx {__version__}. For research only: not a medical device.</footer>"
        "</main></body></html>\n"
    )


def write_page(explanation: Explanation, file: Path) -> Path:
    """Write the page, which holds the text, for its owner only; return where it is."""
    partial = file.with_name(f".{file.name}.partial")
    try:
        partial.touch(mode=0o600)
        try:
            partial.write_text(as_html(explanation), encoding="utf-8", errors="replace")
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise ChestxError(
            f"{file} cannot be written ({error.strerror}): give --html another place"
        ) from None
    return file


def _labels(explanation: Explanation) -> str:
    result = explanation.result
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td class="number">{value:d}</td>'
        f'<td><mark class="{STATES[value]}">{STATES[value]}</mark></td></tr>'
        for name, value in result.labels.items()
    )
    normal = "yes" if result.normal else "no"
    return (
        f'<section class="labels"><h2>Labels <small>{escape(explanation.label_set)}</small></h2>'
        f'<table>{rows}<tr><th scope="row">Normal</th><td class="number">{normal}</td>'
        f"<td>{escape(explanation.normal_because)}</td></tr></table></section>"
    )


def _sentence(sentence: ExplainedSentence, number: int) -> str:
    head = f"<h2>Sentence {number} <small>{escape(sentence.section)}</small></h2>"
    said = f'<p class="said">{_marked(sentence)}</p>'
    if sentence.graph is None:
        return f'<section class="bare">{head}{said}<p class="none">No mention.</p></section>\n'
    figure = f"<figure>{draw(sentence, sentence.graph)}</figure>"
    mentions = "".join(map(_mention, sentence.mentions))
    return (
        f"<section>{head}{said}{figure}"
        f'<ol class="mentions">{mentions}</ol>{_rules(sentence)}</section>\n'
    )


def _marked(sentence: ExplainedSentence) -> str:
    """Return the sentence with its mentions in the colours of their status."""
    parts, at = [], 0
    for mention in sentence.mentions:
        start = mention.start - sentence.start
        parts.append(escape(sentence.text[at:start]))
        parts.append(f'<mark class="{mention.status}">{escape(mention.text)}</mark>')
        at = mention.end - sentence.start
    return "".join([*parts, escape(sentence.text[at:])])


def _mention(mention: ExplainedMention) -> str:
    path = ""
    if mention.fired:
        path = f'<p class="path"><code>{escape(mention.fired.evidence)}</code></p>'
    return (
        f'<li class="{mention.status}"><p class="what"><mark class="{mention.status}">'
        f"{escape(mention.text)}</mark> <b>{escape(mention.verdict)}</b>"
        f" <span>{escape(mention.meaning)}</span></p>"
        f'<p class="why">{escape(mention.why)}</p>{path}</li>'
    )


def _rules(sentence: ExplainedSentence) -> str:
    if not sentence.fired:
        return ""
    rules = "".join(
        f"<div><dt>{escape(one.rule.id)}</dt><dd>{escape(one.rule.source)}</dd>"
        f"<dd><code>{escape(one.pattern)}</code></dd></div>"
        for one in sentence.fired
    )
    return f'<dl class="rules">{rules}</dl>'


def _style() -> str:
    return (files("chestx.labeler.explanation") / "page.css").read_text("utf-8")
