"""The pattern language against known answers and against a matcher that tries everything."""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chestx.labeler.graph.dependencies import Graph, Node
from chestx.labeler.graph.semgrex import Match, Pattern, PatternError, compile_pattern

# "No convincing evidence of effusion or pneumonia ; edema cannot be excluded"
SENTENCE = Graph(
    [
        Node("no", "DT"),
        Node("convincing", "JJ"),
        Node("evidence", "NN"),
        Node("effusion", "NN", 0),
        Node("pneumonia", "NN", 1),
        Node("edema", "NN", 2),
        Node("can", "MD"),
        Node("not", "RB"),
        Node("excluded", "VBN"),
    ],
    [
        (2, "neg", 0),
        (2, "amod", 1),
        (2, "prep_of", 3),
        (2, "prep_of", 4),
        (3, "conj_or", 4),
        (2, "parataxis", 8),
        (8, "nsubjpass", 5),
        (8, "md", 6),
        (8, "neg", 7),
    ],
)
NO, EVIDENCE, EFFUSION, PNEUMONIA, EDEMA, EXCLUDED = 0, 2, 3, 4, 5, 8


def matches(pattern: str, graph: Graph = SENTENCE) -> list[int]:
    compiled = compile_pattern(pattern)
    return [index for index in range(len(graph.nodes)) if compiled.match(graph, index)]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{}", list(range(9))),
        ("{word:no}", [NO]),
        ("{lemma:exclude}", [EXCLUDED]),
        ("{word:exclude}", []),
        ("{lemma:/rule|exclude/;tag:/VB.*/}", [EXCLUDED]),
        ("{lemma:/exclud./}", [EXCLUDED]),
        ("{tag:/N|VBN/}", [EXCLUDED]),
        ("{word:/^no|eff$/}", [NO]),  # as a whole: neither "not" nor "effusion"
        ("{mention:true}", [EFFUSION, PNEUMONIA, EDEMA]),
        ("{mention:false;tag:NN}", [EVIDENCE]),
        ("!{tag:/NN|JJ|MD|RB/}", [NO, EXCLUDED]),
        ("!{tag:NN;mention:true}", [0, 1, 2, 6, 7, 8]),
        ("{} >neg {}", [EVIDENCE, EXCLUDED]),
        ("{} >neg {word:no}", [EVIDENCE]),
        ("{} < {}", [0, 1, 3, 4, 5, 6, 7, 8]),
        ("{mention:true} <prep_of {} <conj_or {}", [PNEUMONIA]),
        ("{mention:true} <prep_of {} & <conj_or {}", [PNEUMONIA]),
        ("{} </prep_.*|nsubj.*/ ({} >neg {word:no})", [EFFUSION, PNEUMONIA]),
        ("({mention:true} <prep_of {}) !<conj_or {}", [EFFUSION]),
        ("{mention:true} !<prep_of !{word:report}", [EDEMA]),
        ("{mention:true} ![ <prep_of {} | >conj_or {} ]", [EDEMA]),
        ("{mention:true} [ <nsubjpass {} | <prep_of {} [ <dep {} | <conj_or {} ] ]", [4, 5]),
        ("{} >md {} >neg {}", [EXCLUDED]),
        ("{} >> {word:not}", [EVIDENCE, EXCLUDED]),
        ("{} >>neg {word:not}", [EVIDENCE, EXCLUDED]),
        ("{} >>parataxis {word:not}", []),
        ("{} << {word:effusion}", [PNEUMONIA]),
        ("{} <<nsubjpass {lemma:evidence}", [EDEMA]),
        ("{} <<parataxis {lemma:evidence}", [EXCLUDED]),
        ("{mention:true} . {mention:true}", [EFFUSION, PNEUMONIA]),
        ("{mention:true} - {mention:true}", [PNEUMONIA, EDEMA]),
        ("{mention:true} .. {mention:true}", [EFFUSION, PNEUMONIA]),
        ("{mention:true} -- {word:evidence}", [EFFUSION, PNEUMONIA, EDEMA]),
        ("{} - {} . {}", list(range(1, 8))),
        ("{}=x >prep_of ({}=y >conj_or {}=z) >prep_of {}=z", [EVIDENCE]),
        ("{} >prep_of {}=z >prep_of ({} >conj_or {}=z)", [EVIDENCE]),  # not the first z
        ("{} >prep_of {}=z [ >amod {}=z | >prep_of ({} >conj_or {}=z) ]", [EVIDENCE]),
        ("{}=x >neg {}=y >amod {}=y", []),
        ("{} >prep_of {}=a >prep_of {mention:true}=a >conj_or {}", []),
    ],
)
def test_known_answers(pattern: str, expected: list[int]) -> None:
    assert matches(pattern) == expected
    assert matches(" ".join(pattern.replace("=", " = ").split())) == expected
    assert matches(str(compile_pattern(pattern))) == expected


def test_a_match_tells_its_way() -> None:
    pattern = compile_pattern("{mention:true}=m <prep_of ({}=g >neg {word:no}=cue) >conj_or {}")
    assert pattern.match(SENTENCE, EFFUSION) == Match(
        nodes=(EFFUSION, EVIDENCE, NO, PNEUMONIA),
        names={"m": EFFUSION, "g": EVIDENCE, "cue": NO},
        steps=(
            (EFFUSION, "<", "prep_of", EVIDENCE),
            (EVIDENCE, ">", "neg", NO),
            (EFFUSION, ">", "conj_or", PNEUMONIA),
        ),
    )


def test_a_chain_tells_the_relation_of_its_lowest_edge() -> None:
    match = compile_pattern("{} << {word:evidence} -- {}").match(SENTENCE, EDEMA)
    assert match is not None
    assert match.steps == ((EDEMA, "<<", "nsubjpass", EVIDENCE), (EDEMA, "--", "", NO))


def test_what_failed_leaves_no_step() -> None:
    match = compile_pattern("{} [ >neg {} >md {} | >amod {} ] !>dep {}").match(SENTENCE, EVIDENCE)
    assert match is not None
    assert match.steps == ((EVIDENCE, ">", "amod", 1),)


def test_cycles_end() -> None:
    words = [Node(word, "NN", n) for n, word in enumerate("abc")]
    ring = Graph(words, [(0, "dep", 1), (1, "rcmod", 2), (2, "dep", 0), (0, "dep", 0)])
    assert matches("{word:a} >> {word:a} >> {word:c} << {word:b}", ring) == [0]
    assert matches("{word:b} <<dep {word:b}", ring) == [1]
    assert matches("{} >> {word:x}", ring) == []


def test_possible_is_cheap_and_sound() -> None:
    pattern = compile_pattern(
        "{mention:true} [ <prep_of {lemma:evidence} | <dobj {lemma:/exclud.*/} ] >neg {word:no}"
        " !>amod {word:new} <dep !{word:old}"
    )
    for words, expected in [
        ("no evidence of disease", True),
        ("no evidences of disease", True),
        ("no disease excluded", True),
        ("no disease", False),
        ("disease excluded", False),
    ]:
        assert meets(pattern, frozenset(words.split())) is expected


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("", "character 1: expected a node in { }, found the end"),
        ("{} >neg", "character 8: expected a node in { }, found the end"),
        ("{} >neg >x {}", "character 9: expected a node in { }, found '>'"),
        ("{} {}", "character 4: expected a relation or the end, found '{'"),
        ("{} end", "character 4: expected a relation or the end, found 'end'"),
        ("{} ?>neg {}", "character 4: expected a relation or the end, found '?'"),
        ("{} 1,2>> {}", "character 4: expected a relation or the end, found '1'"),
        ("{} >a {} | >b {}", "character 10: expected a relation or the end, found '|'"),
        ("{} == {}", "character 5: expected a name, found '='"),
        ("{} $+ {}", "character 4: expected a relation or the end, found '$'"),
        ("{} <> {}", "character 5: expected a node in { }, found '>'"),
        ("{} >neg=r {}", "character 8: expected a node in { }, found '='"),
        ("{} .x {}", "character 5: expected a node in { }, found 'x'"),
        ("{} !!>neg {}", "character 5: expected a relation, found '!'"),
        ("{} & >neg {}", "character 4: expected a relation, found '&'"),
        ("{} >a {} &", "character 11: expected a relation, found the end"),
        ("{} [ >a {} & ]", "character 14: expected a relation, found ']'"),
        ("{} [ >a {} | ]", "character 14: expected a relation, found ']'"),
        ("{} [ >a {}", "character 11: expected a relation, '|' or ']', found the end"),
        ("{} >a ({} >b {}", "character 16: expected a relation or ')', found the end"),
        ("{} >a [ {} | {} ]", "character 7: expected a node in { }, found '['"),
        ("{word:no", "character 9: expected ';' or '}', found the end"),
        (
            "{word:no;}",
            "character 10: expected an attribute (word, lemma, tag, mention), found '}'",
        ),
        ("{$}", "character 2: expected an attribute (word, lemma, tag, mention), found '$'"),
        ("{pos:NN}", "character 2: expected an attribute (word, lemma, tag, mention), found 'pos'"),
        ("{tag:NN;tag:JJ}", "character 9: expected another attribute, found 'tag' again"),
        ("{tag NN}", "character 6: expected ':', found 'NN'"),
        ("{word!:no}", "character 6: expected ':', found '!'"),
        ("{word:}", "character 7: expected a value or /regex/, found '}'"),
        ("{word://}", "character 7: expected a value or /regex/, found '/'"),
        ("{word:/no}", "character 7: expected a value or /regex/, found '/'"),
        ("{word:/a b/}", "character 7: expected a value or /regex/, found '/'"),
        ("{word:No}", "character 7: expected lower case, found 'No'"),
        ("{mention:yes}", "character 10: expected true or false, found 'yes'"),
        ("{mention:/true/}", "character 10: expected true or false, found '/true/'"),
        ("{}= >neg {}", "character 5: expected a name, found '>'"),
        ("{} !>neg {}=n", "character 13: expected no name inside a negation, found 'n'"),
        (
            "{}=n ![ >neg ({} > {}=n) ]",
            "character 23: expected no name inside a negation, found 'n'",
        ),
    ],
)
def test_mistakes_are_told_with_their_place(pattern: str, message: str) -> None:
    with pytest.raises(PatternError) as error:
        compile_pattern(pattern)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("regex", "reason"),
    [
        ("(a", "missing ), unterminated subpattern"),
        ("a**", "multiple repeat"),
        ("a{99999999999999999999}", "too large"),
        ("(a+)+", "not a group"),
        ("(a|a)*", "not a group"),
        ("(?:a*){9}", "not a group"),
        ("[(](b[)]*)+", "not a group"),
        ("(a+)(?#)+", "are allowed"),
        ("(?x)(a+) +", ""),
        ("(?i)no", "are allowed"),
    ],
)
@pytest.mark.parametrize("pattern", ["{{word:/{}/}}", "{{}} >/{}/ {{}}"])
def test_regular_expressions_that_fail_or_never_end_are_refused(
    pattern: str, regex: str, reason: str
) -> None:
    with pytest.raises(PatternError) as error:
        compile_pattern(pattern.format(regex))
    assert str(error.value).startswith("character ")
    assert reason in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("regex", [r"\(a\)+", "[()]+", "(non|un)?likely", "(?!no).+", r"and\/or"])
def test_harmless_regular_expressions_are_taken(regex: str) -> None:
    compile_pattern(f"{{word:/{regex}/}}")


@pytest.mark.parametrize("part", ["{} > (", "{} [ ", "{} > {} "])
def test_patterns_beyond_reason_are_refused(part: str) -> None:
    with pytest.raises(PatternError, match="at most 100"):
        compile_pattern(part * 5000)


@given(st.text(alphabet="{}()[]<>=:;!&|./- \nanword?$#'\\", max_size=30))
@settings(max_examples=500, deadline=None)
def test_any_text_is_a_pattern_or_a_mistake(text: str) -> None:
    try:
        compile_pattern(text).match(SENTENCE, EFFUSION)
    except PatternError as error:
        message = str(error)
    else:
        return
    assert message.startswith("character ")
    assert "\n" not in message


# --- The reference: every choice of nodes for every relation, and only then the names -----------

Solution = tuple[list[tuple[int, str, str, int]], list[tuple[str, int]]]


class Described(NamedTuple):
    """A node with its relations; `attributes` are (name, plain value or values)."""

    attributes: dict[str, frozenset[str]]
    negated: bool
    name: str
    relations: list["Relation"]

    def text(self, outer: bool = True) -> str:
        values = {
            key: "|".join(sorted(value)) if len(value) == 1 else f"/{'|'.join(sorted(value))}/"
            for key, value in self.attributes.items()
        }
        node = "{" + "; ".join(f"{key}:{value}" for key, value in values.items()) + "}"
        node = "!" * self.negated + node + (f"={self.name}" if self.name else "")
        node = " ".join([node, *(relation.text() for relation in self.relations)])
        return node if outer or not self.relations else f"({node})"

    def accepts(self, node: Node) -> bool:
        has = {
            "word": {node.word},
            "lemma": node.lemmas,
            "tag": {node.tag},
            "mention": {"true" if node.mention >= 0 else "false"},
        }
        return self.negated != all(has[key] & value for key, value in self.attributes.items())

    def solutions(self, graph: Graph, index: int) -> Iterator[Solution]:
        if not self.accepts(graph.nodes[index]):
            return
        own = [(self.name, index)] if self.name else []
        for choice in product(*(list(r.solutions(graph, index)) for r in self.relations)):
            yield (
                [step for steps, _ in choice for step in steps],
                own + [name for _, names in choice for name in names],
            )


class Edge(NamedTuple):
    operator: str
    wanted: frozenset[str]
    target: Described

    def text(self) -> str:
        labels = "|".join(sorted(self.wanted))
        labels = f"/{labels}/" if len(self.wanted) > 1 else labels
        return f"{self.operator}{labels} {self.target.text(outer=False)}"

    def solutions(self, graph: Graph, index: int) -> Iterator[Solution]:
        for other in range(len(graph.nodes)):
            for label in sorted(labels_between(graph, index, self.operator, other)):
                if not self.wanted or label in self.wanted:
                    for steps, names in self.target.solutions(graph, other):
                        yield [(index, self.operator, label, other), *steps], names


class Not(NamedTuple):
    relation: "Relation"

    def text(self) -> str:
        return f"!{self.relation.text()}"

    def solutions(self, graph: Graph, index: int) -> Iterator[Solution]:
        if not list(self.relation.solutions(graph, index)):
            yield [], []


class Either(NamedTuple):
    lists: list[list["Relation"]]

    def text(self) -> str:
        return f"[{' | '.join(' & '.join(r.text() for r in parts) for parts in self.lists)}]"

    def solutions(self, graph: Graph, index: int) -> Iterator[Solution]:
        for parts in self.lists:
            yield from Described({}, False, "", parts).solutions(graph, index)


Relation = Edge | Not | Either


def labels_between(graph: Graph, a: int, operator: str, b: int) -> set[str]:
    if operator in ("<", "<<"):
        return labels_between(graph, b, {"<": ">", "<<": ">>"}[operator], a)
    if operator == ">":
        return {label for label, other in graph.dependents[a] if other == b}
    if operator == ">>":
        above = {a}
        for _ in graph.nodes:
            above |= {other for node in above for _, other in graph.dependents[node]}
        return {label for node in above for label, other in graph.dependents[node] if other == b}
    holds = {".": a + 1 == b, "-": a - 1 == b, "..": a < b, "--": a > b}[operator]
    return {""} if holds else set()


def first_match(pattern: Described, graph: Graph, index: int) -> Match | None:
    for steps, names in pattern.solutions(graph, index):
        if len(set(names)) == len(dict(names)):
            nodes = dict.fromkeys([index, *(end for *_, end in steps)])
            return Match(tuple(nodes), dict(names), tuple(steps))
    return None


def meets(pattern: Pattern, words: frozenset[str]) -> bool:
    """Tell whether `words`, wherever they stand, are all that the pattern needs."""
    return any(all(any(map(atom.test, words)) for atom in atoms) for atoms in pattern.needs)


WORDS, TAGS, LABELS = ("no", "rule", "ruled", "rules", "see"), ("NN", "VB"), ("neg", "prep_of")
nodes = st.builds(Node, st.sampled_from(WORDS), st.sampled_from(TAGS), st.sampled_from([-1, 0]))


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    n = draw(st.integers(1, 5))
    position = st.integers(0, n - 1)
    edges = st.tuples(position, st.sampled_from(LABELS), position)
    return Graph(draw(st.lists(nodes, min_size=n, max_size=n)), draw(st.lists(edges, max_size=14)))


def some(values: tuple[str, ...]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), min_size=1, max_size=2)


attributes: st.SearchStrategy[dict[str, frozenset[str]]] = st.one_of(
    st.just({}),
    st.fixed_dictionaries(
        {},
        optional={
            "word": some(WORDS),
            "lemma": some(WORDS),
            "tag": some(TAGS),
            "mention": st.sampled_from([frozenset({"true"}), frozenset({"false"})]),
        },
    ),
)


@st.composite
def described(draw: st.DrawFn, depth: int = 2, names: bool = True) -> Described:
    count = draw(st.sampled_from([0, 1, 2, 2][: 2 + depth]))
    return Described(
        draw(attributes),
        draw(st.integers(0, 9)) == 9,
        draw(st.sampled_from(["", "a", "a", "b"])) if names else "",
        [draw(relations(depth - 1, names)) for _ in range(count)],
    )


@st.composite
def relations(draw: st.DrawFn, depth: int, names: bool) -> Relation:
    kind = draw(st.integers(0, 7))
    if kind == 6 and names:
        return Not(draw(relations(depth, False).filter(lambda part: not isinstance(part, Not))))
    if kind == 7 and depth > 0:
        lists = st.lists(relations(depth - 1, names), min_size=1, max_size=2)
        return Either(draw(st.lists(lists, min_size=1, max_size=2)))
    return draw(edges_to(draw(described(max(depth, 0), names))))


@st.composite
def edges_to(draw: st.DrawFn, target: Described) -> Edge:
    operator = draw(st.sampled_from([">", "<", ">>", "<<", ".", "-", "..", "--"]))
    wanted = draw(st.one_of(st.just(frozenset()), some(LABELS))) if operator[0] in "<>" else ""
    return Edge(operator, frozenset(wanted), target)


@st.composite
def tied(draw: st.DrawFn) -> Described:
    """Draw a pattern that often has to revise its first choice for the node `=a`."""

    def edge(name: str, *relations: Relation) -> Edge:
        return draw(edges_to(Described({}, False, name, list(relations))))

    again = draw(
        st.sampled_from(
            [edge("", edge("a")), Either([[edge("b", edge("a"))], [edge("", edge("a"))]])]
        )
    )
    return Described({}, False, "", [edge("a"), edge("b"), again])


@given(st.one_of(described(), tied()), graphs())
@settings(max_examples=600, deadline=None)
def test_the_matcher_agrees_with_trying_everything(pattern: Described, graph: Graph) -> None:
    compiled: Pattern = compile_pattern(pattern.text())
    words = frozenset(node.word for node in graph.nodes)
    for index in range(len(graph.nodes)):
        expected = first_match(pattern, graph, index)
        assert compiled.match(graph, index) == expected
        # Whatever the graph, its words give the relations that it has.
        assert meets(compiled, words | {"no", "of"}) or expected is None
