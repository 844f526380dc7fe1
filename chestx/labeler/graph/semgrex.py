"""Patterns over dependency graphs, in a subset of Stanford's Semgrex.

    {mention:true} <prep_of ({lemma:evidence} >neg {word:/no|without/})

A node is `{attribute:value;...}`, `!{...}` for any other node; `=name` after it names it, and a
name that comes again is the same node. Values and relations are plain or a `/regex/` that must
match as a whole. All relations that follow a node hold for that node:

    A >rel B     A governs B                 A . B     A stands right before B
    A <rel B     B governs A                 A - B     A stands right after B
    A >>rel B    A is above B by a chain     A .. B    A stands before B
    A <<rel B    B is above A by a chain     A -- B    A stands after B

A chain's `rel` is that of its lowest edge; without `rel` any will do. `!` before a relation says
that there is none such, `[ ... | ... ]` offers alternatives, and parentheses give the node that a
relation leads to relations of its own. Different nodes of a pattern may match the same node.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

from chestx.errors import ChestxError
from chestx.labeler.graph import semgrex_search as search
from chestx.labeler.graph.dependencies import Graph
from chestx.labeler.graph.semgrex_search import NodePart, Part, Search, Step
from chestx.labeler.graph.semgrex_value import ATTRIBUTES, PLAIN, both_needs, fault

# The parser and the search recurse into a pattern; none that a person can read comes near.
MOST_BRACKETS = 100


class PatternError(ChestxError):
    """A pattern that cannot be read: where the mistake is and what was expected there."""


@dataclass(frozen=True, slots=True)
class Match:
    """`nodes` are the matched nodes, the mention first; `names` tells the named ones.

    `steps` are the relations found, `(from, operator, relation, to)`, in the pattern's order; the
    relation is empty for the operators of text order.
    """

    nodes: tuple[int, ...]
    names: dict[str, int]
    steps: tuple[Step, ...]


class Pattern:
    """A compiled pattern; `str()` gives the text that it was compiled from."""

    __slots__ = (
        "_accepts",
        "_in_order",
        "_run",
        "_slots",
        "_text",
        "needs",
        "ordered",
        "reads_tags",
        "safe",
    )

    def __init__(self, text: str, root: NodePart, slots: int) -> None:
        """`slots` is the number of nodes in the pattern."""
        self._text = text
        self._slots = slots
        self._accepts = root.accepts
        self._run = root.run()
        # What the words of a sentence must hold for a match. An `ordered` pattern uses no relation
        # but that of lists; a `safe` one that matches a graph matches any with more relations.
        self.needs = both_needs(root.own_needs, root.relation_needs)
        self.reads_tags = "tag:" in text
        self.ordered = not self.reads_tags and all(part.ordered for part in root.relations)
        self.safe = not self.reads_tags and all(part.safe for part in root.relations)
        visible = [part for part in root.relations if part.ordered and not part.named]
        self._in_order = root._replace(name="", relations=tuple(visible)).run()

    def __str__(self) -> str:
        return self._text

    def conceivable(self, graph: Graph, index: int) -> bool:
        """Return False where the order of the words alone rules out a match at `index`."""
        node = graph.nodes[index]
        if self.reads_tags:  # which only the parser knows
            return True
        return self._accepts(node) and self._in_order(Search(graph, index, self._slots))

    def match(self, graph: Graph, index: int) -> Match | None:
        """Return the first match whose first node is `index`, None where there is none.

        First: of the relations from left to right, each leads to the earliest node of the text
        that lets all others hold.
        """
        if not self._accepts(graph.nodes[index]):
            return None
        found = Search(graph, index, self._slots)
        if not self._run(found):
            return None
        nodes = dict.fromkeys([index, *(node for *_, node in found.steps)])
        return Match(tuple(nodes), found.names, tuple(found.steps))


def compile_pattern(text: str) -> Pattern:
    """Return the compiled pattern; `PatternError` where `text` is not of the language."""
    parser = _Parser(text)
    return Pattern(text, parser.parse(), parser.slots)


_TOKEN = re.compile(
    rf"(?P<regex>/(?:\\\S|[^/\\\s])+/)|(?P<plain>{PLAIN})|(?P<operator><<|>>|\.\.|--|[<>.-])"
    r"|(?P<sign>[][{}()=:;!&|])|(?P<unknown>\S)"
)


class _Token(NamedTuple):
    kind: str  # of a sign: the sign itself
    text: str
    start: int


def _tokens(text: str) -> list[_Token]:
    tokens = [
        _Token(m[0] if m["sign"] else str(m.lastgroup), m[0], m.start())
        for m in _TOKEN.finditer(text)
    ]
    brackets = [token for token in tokens if token.kind in ("{", "(", "[")]
    if len(brackets) > MOST_BRACKETS:
        raise _error(brackets[MOST_BRACKETS], f"expected at most {MOST_BRACKETS} nodes and groups")
    return [*tokens, _Token("end", "", len(text.rstrip()))]


class _Parser:
    """Recursive descent: a method takes the tokens of what it is named after."""

    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._next = 0
        self._negations = 0
        self.slots = 0

    def parse(self) -> NodePart:
        root = self._node_with_relations()
        self._expect("a relation or the end", "end")
        return root

    def _node_with_relations(self) -> NodePart:
        node = self._operand()
        return search.with_relations(node, self._relations()) if self._at_relation() else node

    def _operand(self) -> NodePart:
        if not self._take("("):
            return self._node()
        node = self._node_with_relations()
        self._expect("a relation or ')'", ")")
        return node

    def _relations(self) -> list[Part]:
        parts = [self._relation()]
        while self._at_relation():
            self._take("&")
            parts.append(self._relation())
        return parts

    def _at_relation(self) -> bool:
        return self._tokens[self._next].kind in ("operator", "!", "[", "&")

    def _relation(self) -> Part:
        if not self._take("!"):
            return self._positive_relation()
        self._negations += 1
        part = self._positive_relation()
        self._negations -= 1
        return search.negation(part)

    def _positive_relation(self) -> Part:
        if self._take("["):
            return self._alternatives()
        operator = self._expect("a relation", "operator").text
        value = self._take("plain", "regex") if operator[0] in "<>" else None
        return search.relation(operator, _checked(value) if value else "", self._operand())

    def _alternatives(self) -> Part:
        lists = [self._relations()]
        while self._expect("a relation, '|' or ']'", "|", "]").kind == "|":
            lists.append(self._relations())
        return search.alternatives(lists)

    def _node(self) -> NodePart:
        slot = self.slots
        self.slots += 1
        negated = self._take("!") is not None
        self._expect("a node in { }", "{")
        attributes: dict[str, str] = {}
        while not self._take("}"):
            if attributes:
                self._expect("';' or '}'", ";")
            attribute = self._attribute(attributes)
            attributes[attribute] = self._value(attribute)
        return search.node(slot, attributes, negated, self._name() if self._take("=") else "")

    def _attribute(self, known: dict[str, str]) -> str:
        what = f"an attribute ({', '.join(ATTRIBUTES)})"
        attribute = self._expect(what, "plain")
        if attribute.text not in ATTRIBUTES:
            raise _error(attribute, f"expected {what}, found {attribute.text!r}")
        if attribute.text in known:
            raise _error(attribute, f"expected another attribute, found {attribute.text!r} again")
        self._expect("':'", ":")
        return attribute.text

    def _value(self, attribute: str) -> str:
        value = self._expect("a value or /regex/", "plain", "regex")
        if attribute == "mention" and value.text not in ("true", "false"):
            raise _error(value, f"expected true or false, found {value.text!r}")
        in_lower_case = attribute in ("word", "lemma") and value.kind == "plain"
        if in_lower_case and value.text != value.text.lower():
            raise _error(value, f"expected lower case, found {value.text!r}")
        return _checked(value)

    def _name(self) -> str:
        name = self._expect("a name", "plain")
        if self._negations:
            raise _error(name, f"expected no name inside a negation, found {name.text!r}")
        return name.text

    def _take(self, *kinds: str) -> _Token | None:
        token = self._tokens[self._next]
        if token.kind not in kinds:
            return None
        self._next += 1
        return token

    def _expect(self, what: str, *kinds: str) -> _Token:
        taken = self._take(*kinds)
        if taken is None:
            token = self._tokens[self._next]
            found = repr(token.text) if token.text else "the end"
            raise _error(token, f"expected {what}, found {found}")
        return taken


def _checked(value: _Token) -> str:
    mistake = fault(value.text[1:-1]) if value.kind == "regex" else ""
    if mistake:
        raise _error(value, f"expected a sound regular expression, found {value.text!r}: {mistake}")
    return value.text


def _error(token: _Token, message: str) -> PatternError:
    return PatternError(f"character {token.start + 1}: {message}")
