"""The rules, label sets and lexicon of `chestx/rules/` as pages: made from the files themselves."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from chestx.labeler.assertion.rules import Rule, read_rules
from chestx.labeler.concepts.lexicon import Concept, read_concepts, shipped_concepts
from chestx.labeler.label_set import LabelSet, load_label_set, shipped_label_sets
from chestx.labeler.toml_file import RULES, read_toml

Cell = str | nodes.Node | Sequence[nodes.Node]


class _Reference(SphinxDirective):
    """A directive whose content is made from rule files."""

    files = ""

    def run(self) -> list[nodes.Node]:
        """Return what is made, and note of which files."""
        for path in RULES.glob(self.files):
            self.env.note_dependency(str(path))
        return list(self.made())

    def made(self) -> Iterable[nodes.Node]:
        """Return the nodes."""
        raise NotImplementedError

    def section(self, title: nodes.Node, *content: nodes.Node) -> nodes.section:
        """Return a section that can be linked to by its title."""
        name = nodes.fully_normalize_name(title.astext())
        found = nodes.section(ids=[nodes.make_id(name)], names=[name])
        found += [nodes.title("", "", title), *content]
        self.state.document.note_implicit_target(found, found)
        return found


class AssertionRules(_Reference):
    """```{assertion-rules}```: every rule with its source, patterns and examples."""

    files = "assertion/*.toml"

    def made(self) -> Iterable[nodes.Node]:
        """Return a section for each file, and in it one for each rule, in their order."""
        for path in sorted(RULES.glob(self.files)):
            rules = [self._rule(rule, path) for rule in read_rules(path)]
            yield self.section(nodes.Text(path.name), _paragraph(_comment(path)), *rules)

    def _rule(self, rule: Rule, path: Path) -> nodes.section:
        grade = f"{rule.status}, {rule.certainty}"
        if rule.applies_to == "observation":
            grade += "; for parts of the body"
        texts = [entry["patterns"] for entry in read_toml(path)["rule"] if entry["id"] == rule.id]
        parts = nodes.definition_list("", _part("Patterns", ([_code(text)] for text in texts[0])))
        parts += _part("Decides", map(_marked, rule.examples))
        if rule.counterexamples:
            parts += _part("Does not decide", map(_marked, rule.counterexamples))
        said = nodes.paragraph("", "", nodes.strong(text=grade), nodes.Text(f". {rule.source}."))
        return self.section(_code(rule.id), said, parts)


class LabelSets(_Reference):
    """```{label-sets}```: the columns of each shipped label set and what they stand for."""

    files = "*/*.toml"

    def made(self) -> Iterable[nodes.Node]:
        """Return a section for each set."""
        for name in shipped_label_sets():
            chosen = load_label_set(name)
            source = read_toml(RULES / "label_sets" / f"{name}.toml")["source"]
            yield self.section(
                _code(name),
                _paragraph(f"{_comment(RULES / 'label_sets' / f'{name}.toml')} After {source}."),
                _bullets(_readings(chosen)),
                _table(("column", "findings", "phrases"), _columns(chosen)),
            )


class Lexicon(_Reference):
    """```{lexicon}```: how many entries each file of findings has."""

    files = "findings/*.toml"

    def made(self) -> Iterable[nodes.Node]:
        """Return the table."""
        rows = []
        for path in sorted(RULES.glob(self.files)):
            entries = read_concepts(read_toml(path), path)
            kinds = [[e for e in entries if e.kind == kind] for kind in _KINDS]
            phrases = sum(len(entry.phrases) for entry in entries)
            rows.append([_paragraph(_comment(path)), *(str(len(k)) for k in kinds), f"{phrases:,}"])
        yield _table(("file", *(f"{kind}s" for kind in _KINDS), "phrases"), rows)


_KINDS = ("finding", "observation", "exclusion")


def _comment(path: Path) -> str:
    """Return the first paragraph of the comment at the head of a file."""
    lines = []
    for line in path.read_text("utf-8").splitlines():
        if not line.startswith("# "):
            break
        lines.append(line.removeprefix("# "))
    return " ".join(lines)


def _readings(chosen: LabelSet) -> Iterable[list[nodes.Node]]:
    yield [
        nodes.Text(
            "Reads all sections."
            if chosen.sections == "all"
            else "Reads the Impression alone, where there is one."
        )
    ]
    counted: list[nodes.Node] = [nodes.Text("Counts as present: ")]
    for name in sorted(chosen.present):
        counted += [_code(name), nodes.Text(", ")]
    yield [*counted[:-1], nodes.Text("; all else that is hedged is uncertain.")]
    if chosen.no_finding:
        yield [
            _code(chosen.no_finding),
            nodes.Text(" is computed: 1 where no other column but "),
            *(_code(name) for name in sorted(chosen.not_a_disease)),
            nodes.Text(" is 1 or -1."),
        ]


def _columns(chosen: LabelSet) -> Iterable[list[Cell]]:
    known = {concept.id: concept for concept in shipped_concepts()}
    for column, ids in chosen.classes.items():
        findings = [known[id_] for id_ in ids]
        phrases = sum(len(finding.phrases) for finding in findings)
        yield [
            _code(column),
            _paragraph(", ".join(map(_named, findings)) or "computed"),
            str(phrases) if findings else "",
        ]


def _named(finding: Concept) -> str:
    return f"{finding.name} ({finding.cui})" if finding.cui else finding.name


def _part(title: str, items: Iterable[Iterable[nodes.Node]]) -> nodes.definition_list_item:
    found = _bullets(items)
    found["classes"] = ["of-a-rule"]
    return nodes.definition_list_item("", nodes.term(text=title), nodes.definition("", found))


def _code(text: str) -> nodes.literal:
    return nodes.literal(text=text)


def _marked(text: str) -> Iterable[nodes.Node]:
    """Yield an example with its mention, which stands in brackets, set off."""
    for part in re.split(r"(\[.*?\])", text):
        if part.startswith("["):
            yield nodes.strong(text=part[1:-1], classes=["mention"])
        elif part:
            yield nodes.Text(part)


def _paragraph(text: str) -> nodes.paragraph:
    return nodes.paragraph(text=text)


def _bullets(items: Iterable[Iterable[nodes.Node]]) -> nodes.bullet_list:
    return nodes.bullet_list(
        "", *(nodes.list_item("", nodes.paragraph("", "", *item)) for item in items)
    )


def _table(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> nodes.table:
    group = nodes.tgroup("", cols=len(header))
    group += [nodes.colspec(colwidth=1) for _ in header]
    group += nodes.thead("", _row(header))
    group += nodes.tbody("", *map(_row, rows))
    return nodes.table("", group)


def _row(cells: Sequence[Cell]) -> nodes.row:
    row = nodes.row()
    for cell in cells:
        content = nodes.paragraph(text=cell) if isinstance(cell, str) else cell
        if isinstance(content, nodes.literal):
            content = nodes.paragraph("", "", content)
        row += nodes.entry("", content)
    return row


def setup(app: Sphinx) -> dict[str, bool]:
    """Add the directives."""
    app.add_directive("assertion-rules", AssertionRules)
    app.add_directive("label-sets", LabelSets)
    app.add_directive("lexicon", Lexicon)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
