"""`chestx explain`: what it shows is what the labeler did, and the drawing hides nothing."""

import re
import stat
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from chestx.cli import main
from chestx.labeler import Labeler
from chestx.labeler.explanation.arcs import Arc, centres, courses, ports
from chestx.labeler.explanation.explain import Explanation, explain
from chestx.labeler.explanation.page import as_html
from chestx.labeler.explanation.path import path_edges
from chestx.labeler.explanation.reason import citation, english
from chestx.labeler.graph.dependencies import Graph, Node

SENTENCE = "clear of focal airspace disease, pneumothorax, or pleural effusion"
REPORT = """INDICATION: Rule out pneumonia.
FINDINGS: No change in the small left effusion. Bony structures are intact. Opacity which
may represent pneumonia, likely atelectasis. The heart is seen. Heart size is normal.
IMPRESSION: History of tuberculosis. Borderline heart size. Atelectasis versus pneumonia.
No evidence of focal consolidation, pneumothorax, large pleural effusion or pulmonary edema, but a
nodule in the right upper lobe which was seen on the CT of the chest could represent a granuloma.
"""
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def explanation() -> Explanation:
    return explain(REPORT)


def invoke(*arguments: object, input: bytes | None = None) -> str:
    result = CliRunner().invoke(main, ["explain", *map(str, arguments)], input=input)
    assert result.exit_code == 0, result.stderr
    return result.output


def test_the_example() -> None:
    lines = [" ".join(line.split()) for line in invoke(SENTENCE).splitlines()]
    for line in (
        "clear of disease , disease , or disease",
        "3 airspace disease <prep_of clear",
        "8 pleural effusion <prep_of clear <conj_or airspace disease",
        "pleural effusion negated; Pleural effusion, label Effusion",
        "why negated by rule negated.clear-of: 'clear' governs 'pneumothorax' through 'of' (Wang",
        "et al. 2017, Table 6)",
        "path pneumothorax <prep_of clear",
        "negated.clear-of",
        "source Wang et al. 2017, Table 6: clear, free, disappearance prep_of DISEASE",
        "Effusion 0 negated",
        "Normal yes (no disease is present or uncertain)",
    ):
        assert line in lines
    assert any(line.startswith("pattern {} </prep_(of|from)/ {lemma:/clear|") for line in lines)


def test_it_shows_what_the_labeler_says(explanation: Explanation) -> None:
    result = Labeler()(REPORT)
    assert explanation.result == result
    shown = [row for s in explanation.sentences for m in s.mentions for row in m.rows]
    assert sorted(shown, key=lambda row: row.start) == list(result.mentions)
    for sentence in explanation.sentences:
        assert REPORT[sentence.start : sentence.end] == sentence.text
        assert (sentence.graph is None) == (not sentence.mentions)
        for mention in sentence.mentions:
            assert REPORT[mention.start : mention.end] == mention.text
            for row in mention.rows:
                assert mention.fired is None or mention.fired.evidence == row.evidence
                assert mention.fired is None or mention.fired.rule.id in (row.rule, "")
    by_text = {m.text: m for s in explanation.sentences for m in s.mentions}
    assert "tuberculosis" in by_text
    assert by_text["tuberculosis"].verdict == "not asserted"
    assert by_text["heart"].why.startswith("not asserted: no rule matched")
    assert by_text["Opacity"].why == "present: no rule matched"
    assert not any("Rule out" in sentence.text for sentence in explanation.sentences)


def test_it_says_how_the_label_set_reads_a_hedge(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        'name = "own"\npresent = ["definite", "likely", "lexicon.borderline_heart"]\n'
        '[classes]\nAtelectasis = ["atelectasis"]\nHeart = ["borderline_heart"]\n'
    )
    sentences = explain("Likely atelectasis. Possible atelectasis. Borderline heart size.", own)
    likely, possible, heart = (s.mentions[0] for s in sentences.sentences)
    assert likely.why.startswith("uncertain (likely) by rule likely.")
    assert likely.why.endswith("; own counts 'likely' as present")
    assert possible.why.startswith("uncertain (possible) by rule possible.")
    assert possible.why.endswith(")")
    assert heart.why.endswith("(lexicon.borderline_heart); own counts it as present")


def test_the_path_of_a_rule_runs_along_edges_of_the_graph(explanation: Explanation) -> None:
    for sentence in explanation.sentences:
        for mention in sentence.mentions:
            assert sentence.graph
            steps = mention.fired.steps if mention.fired else ()
            relations = [step for step in steps if step[1] in ("<", ">", "<<", ">>")]
            edges = path_edges(sentence.graph, steps)
            assert len(edges) >= len(relations)
            for governor, relation, dependent in edges:
                assert (relation, dependent) in sentence.graph.dependents[governor]


def test_a_chain_is_followed_from_its_lowest_edge() -> None:
    nodes = [Node(word, "") for word in "abcd"]
    graph = Graph(nodes, [(0, "x", 1), (1, "y", 2), (2, "z", 3), (3, "back", 1), (0, "z", 2)])
    down = [(2, "z", 3), (0, "z", 2)]
    assert path_edges(graph, [(0, ">>", "z", 3)]) == down
    assert path_edges(graph, [(3, "<<", "z", 0)]) == down
    assert path_edges(graph, [(0, "..", "", 3)]) == []


@pytest.mark.parametrize(
    ("step", "clause"),
    [
        ((0, "<", "prep_of", 1), "'b' governs 'a' through 'of'"),
        ((0, ">", "prep_due_to", 1), "'a' governs 'b' through 'due to'"),
        ((0, ">", "neg", 1), "'b' negates 'a'"),
        ((0, "<", "nsubjpass", 1), "'a' is the subject of the passive 'b'"),
        ((0, "<", "conj_or", 1), "'a' is joined to 'b' by 'or'"),
        ((0, "-", "", 1), "'a' stands right after 'b'"),
        ((0, "<<", "amod", 1), "'a' stands below 'b'"),
        ((0, ">", "dep", 1), "'a' governs 'b' as dep"),
    ],
)
def test_a_step_in_english(step: tuple[int, str, str, int], clause: str) -> None:
    assert english([step], ["a", "b"]) == clause


def test_a_citation_has_no_brackets_inside_its_own() -> None:
    assert citation("NegEx (Chapman et al. 2001): no, denies") == "NegEx, Chapman et al. 2001"


def test_standard_input_and_what_could_command_a_terminal() -> None:
    shown = invoke("-", input=b"No effusion\x1b[2J\x07 or\tmass \xe9.")
    assert "No effusion?[2J? or mass \xe9." in shown
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", shown)


def test_an_empty_text_is_one_line() -> None:
    result = CliRunner().invoke(main, ["explain", " "])
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)


def drawings(html: str) -> list[ElementTree.Element]:
    # The page is made so that its drawings are XML too.
    return [ElementTree.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>",
            html.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" '))]  # fmt: skip


def test_the_page_asks_for_nothing_and_runs_nothing(tmp_path: Path) -> None:
    evil = "<script>alert('x')</script> \"effusion\" & <img src=https://evil.example/x> mass"
    file = tmp_path / "why.html"
    assert invoke(evil, "--html", file).strip() == str(file)
    html = file.read_text(encoding="utf-8")
    assert not re.search(r"<script|<img|<link|<iframe|\son\w+=|url\(|@import|javascript:", html)
    assert "default-src 'none'" in html
    # The only address is in the text, as text.
    assert re.findall(r"\S*https?://\S*", html.replace("&lt;", " ")) == [
        "src=https://evil.example/x&gt;"
    ] * html.count("https://")
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; &quot;" in html
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]
    refused = CliRunner().invoke(main, ["explain", "Mass.", "--html", str(tmp_path / "no" / "x")])
    assert (refused.exit_code, len(refused.stderr.splitlines())) == (1, 1)


def test_the_page_shows_all_words_relations_and_paths(explanation: Explanation) -> None:
    html = as_html(explanation)
    texts = [text.text or "" for svg in drawings(html) for text in svg.iter(f"{SVG}text")]
    for sentence in explanation.sentences:
        if sentence.graph is None:
            continue
        for governor, edges in enumerate(sentence.graph.dependents):
            for relation, _ in edges:
                assert any(relation in text for text in texts), governor
        assert set(texts).issuperset(node.word for node in sentence.graph.nodes if node.mention < 0)
    assert "Atelectasis" in texts
    assert html.count('class="arc lit') >= 5
    assert "prefers-color-scheme: dark" in html
    assert "@media print" in html


def test_no_text_of_a_drawing_hides_another(explanation: Explanation) -> None:
    for svg in drawings(as_html(explanation)):
        labels = list(svg.iter(f"{SVG}rect"))
        boxes = [tuple(float(r.get(k, "")) for k in ("x", "y", "width", "height")) for r in labels]
        for (x1, y1, w1, h1), (x2, y2, w2, h2) in combinations(boxes, 2):
            assert x1 + w1 <= x2 + 0.2 or x2 + w2 <= x1 + 0.2 or y1 + h1 <= y2 or y2 + h2 <= y1
        _, _, width, height = map(float, svg.get("viewBox", "").split())
        assert all(x >= 0 and x + w <= width and 0 <= y <= height - h for x, y, w, h in boxes)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.floats(4, 120), min_size=2, max_size=12).flatmap(
        lambda widths: st.tuples(
            st.just(widths),
            st.lists(
                st.tuples(
                    st.integers(0, len(widths) - 1),
                    st.integers(0, len(widths) - 1),
                    st.floats(5, 90),
                ).filter(lambda arc: arc[0] != arc[1]),
                max_size=15,
            ),
        )
    )
)
def test_arcs_never_overlap(drawn: tuple[list[float], list[tuple[int, int, float]]]) -> None:
    widths, ends = drawn
    arcs = [Arc(min(a, b), max(a, b), width) for a, b, width in ends]
    offsets = ports(arcs)
    middles = centres(widths, arcs, offsets)
    ways = courses(arcs, middles, offsets)
    for (left, w1), (right, w2) in zip(
        zip(middles, widths, strict=True), list(zip(middles, widths, strict=True))[1:], strict=False
    ):
        assert left + w1 / 2 < right - w2 / 2
    for arc, way in zip(arcs, ways, strict=True):
        assert way.start <= way.label - arc.width / 2
        assert way.label + arc.width / 2 <= way.end
    for a, b in combinations(range(len(arcs)), 2):
        if ways[a].level == ways[b].level:
            assert ways[a].end < ways[b].start or ways[b].end < ways[a].start
        ends_apart = {ways[a].start, ways[a].end} & {ways[b].start, ways[b].end}
        assert not ends_apart
