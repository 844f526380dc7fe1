"""The documents tell the truth: their files are written, their commands run, their tables tried."""

import doctest
import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import click
import pytest
from hospital import write_hospital
from workplace import Workplace

import chestx
from chestx.cli import main
from chestx.labeler import Labeler
from chestx.labeler.assertion.decide import DependencyAssertion
from chestx.labeler.concepts.lexicon import load_modifiers
from chestx.labeler.concepts.matcher import Matcher
from chestx.labeler.concepts.phrases import compile_phrase
from chestx.labeler.graph.dependencies import Graph
from chestx.labeler.graph.semgrex import compile_pattern
from chestx.labeler.sentence import Sentence
from chestx.labeler.text.sentences import tokenize

ROOT = Path(__file__).parents[1]
CHESTX = ROOT / "chestx"
README = ROOT / "README.md"
CONTRIBUTING = ROOT / "CONTRIBUTING.md"
CHANGELOG = ROOT / "CHANGELOG.md"
RULES = CHESTX / "rules" / "README.md"
DATASET = CHESTX / "dataset" / "README.md"
DOCUMENTS = (README, CONTRIBUTING, CHANGELOG, RULES, DATASET)

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(document: Path, *languages: str) -> list[tuple[str, str]]:
    """Return language and content of the fenced blocks, in their order."""
    found = BLOCK.findall(document.read_text("utf-8"))
    return [(language, content) for language, content in found if language in languages]


def table(document: Path, first: str) -> list[list[str]]:
    """Return the rows of the table whose header begins with `first`, without backticks."""
    lines = iter(document.read_text("utf-8").splitlines())
    next(line for line in lines if line.startswith(f"| {first} |"))
    next(lines)
    rows = []
    for line in lines:
        if not line.startswith("|"):
            break
        cells = re.split(r"(?<!\\)\|", line)[1:-1]
        rows.append([cell.strip().replace("\\|", "|") for cell in cells])
    assert rows
    return rows


def code(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.mark.parametrize("document", [README, RULES, DATASET], ids=["README", "rules", "dataset"])
def test_blocks_do_what_is_shown(document: Path, tmp_path: Path) -> None:
    workplace = Workplace(tmp_path)
    if document == DATASET:
        write_hospital(tmp_path)
    found = blocks(document, "toml", "console")
    assert found
    for language, content in found:
        (workplace.write if language == "toml" else workplace.run)(content)


def test_python_of_the_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_hospital(tmp_path)
    monkeypatch.chdir(tmp_path)
    Workplace(tmp_path).run("$ chestx build-dataset --quiet\n")
    (content,) = (content for _, content in blocks(DATASET, "python"))
    found: dict[str, Any] = {}
    exec(content, found)
    assert found["targets"].shape == (12, 14)
    assert found["film"].pixels.shape == (found["film"].rows, found["film"].columns)


def test_python_in_the_readme() -> None:
    (content,) = (content for _, content in blocks(README, "python"))
    test = doctest.DocTestParser().get_doctest(content, {}, "README", str(README), 0)
    assert doctest.DocTestRunner().run(test).failed == 0


@lru_cache(maxsize=1)
def labeler() -> Labeler:
    return Labeler()


def analysed(text: str) -> tuple[Sentence, Graph]:
    sentence = labeler().reader.analyse(text)
    assertion = labeler().reader.assertion
    assert sentence is not None
    assert isinstance(assertion, DependencyAssertion)
    return sentence, assertion.graph(sentence.masked)


def matches(pattern: str, example: str) -> bool:
    """Tell whether a pattern matches at the mention in square brackets."""
    before, _, rest = example.partition("[")
    sentence, graph = analysed(before + rest.replace("]", ""))
    (head,) = (
        head
        for head, match in zip(sentence.masked.heads, sentence.matches, strict=True)
        if sentence.spans[match.start][0] <= len(before) < sentence.spans[match.end - 1][1]
    )
    return compile_pattern(pattern).match(graph, head) is not None


@pytest.mark.parametrize("row", table(RULES, "pattern"), ids=lambda row: row[0])
def test_patterns_decide_and_leave_alone(row: list[str]) -> None:
    (pattern,) = code(row[0])
    assert matches(pattern, row[1])
    assert not matches(pattern, row[2])


def test_the_notation_of_patterns() -> None:
    for row in table(RULES, "you write"):
        for written in code(row[0]):
            pattern = re.sub(r"\b[ABC]\b", "{}", written)
            compile_pattern(pattern if pattern[0] in "{!" else f"{{}} {pattern}")


@pytest.mark.parametrize("row", table(RULES, "relation"), ids=lambda row: row[0])
def test_relations_are_in_the_graph_of_their_phrase(row: list[str]) -> None:
    (relation,), phrase, (path,) = code(row[0]), row[1], code(row[2])
    start, step, end = path.split()
    operator, found = step[0], step[1:]
    assert found == relation
    sentence, graph = analysed(phrase)
    spans = [sentence.spans[match.start] for match in sentence.matches]
    names = [
        phrase[slice(*spans[node.mention])] if node.mention >= 0 else node.word
        for node in graph.nodes
    ]
    edges = (graph.dependents if operator == ">" else graph.governors)[names.index(start)]
    assert (relation, names.index(end)) in edges


@pytest.mark.parametrize("row", table(RULES, "notation"), ids=lambda row: row[0])
def test_phrases_match_what_they_say(row: list[str]) -> None:
    (phrase,) = code(row[1])
    matcher = Matcher(compile_phrase(phrase, 0), load_modifiers().filler)
    for text in row[2].split(", "):
        words = [w for start, end in tokenize(text) if (w := text[start:end].lower()) != "-"]
        assert [(match.start, match.end) for match in matcher.find(words)] == [(0, len(words))]


@lru_cache(maxsize=3)
def of_set(name: str) -> Labeler:
    return Labeler(name)


@pytest.mark.parametrize("row", table(RULES, "the report says"), ids=lambda row: row[0])
def test_grades_and_what_they_count_for(row: list[str]) -> None:
    text, grade, *wanted = row
    column = "Cardiomegaly" if "heart" in text else "Pneumonia"
    for names, value in zip((("chestx-ray14", "chestx-ray8"), ("chexpert",)), wanted, strict=True):
        for name in names:
            result = of_set(name)(text)
            assert str(result.labels.get(column, "")) == value
            assert [m.certainty for m in result.mentions if m.label == column] == [grade] * (
                grade != ""
            )


def test_every_rule_file_is_described() -> None:
    folder = CHESTX / "rules"
    said = {name for row in table(RULES, "here") for name in code(row[0])}
    there = {p.name + "/" * p.is_dir() for p in folder.iterdir() if p.name[0] not in "._"}
    assert said == there - {RULES.name}
    assert {name for row in table(RULES, "file") for name in code(row[0])} == {
        path.name for path in (folder / "assertion").glob("*.toml")
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", text):
        assert (document.parent / target).exists(), target


def command_names(group: click.Group, *before: str) -> Iterator[str]:
    for name, command in group.commands.items():
        yield " ".join((*before, name))
        if isinstance(command, click.Group):
            yield from command_names(command, *before, name)


def test_the_readme_names_every_command_and_no_other() -> None:
    known = set(command_names(main))
    known -= {name.split()[0] for name in known if " " in name}  # groups of commands
    named = set()
    for row in table(README, "command"):
        for command in code(row[0]):
            _, *words = command.split()
            named.add(" ".join(words[:2]) if " ".join(words[:2]) in known else words[0])
    assert named == known


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def test_contributing_names_every_dependency_and_only_those() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    needed = [*project["dependencies"], *(one for extra in extras for one in extra)]
    names = {re.split(r"[<>=!~;\[ ]", one)[0] for one in needed} - {"chestx"}
    said = [row[0] for row in table(CONTRIBUTING, "package")]
    said += [row[1] for row in table(CONTRIBUTING, "extra")]
    assert {name for cell in said for name in code(cell)} == names


def test_contributing_names_targets_that_exist() -> None:
    text = CONTRIBUTING.read_text("utf-8") + README.read_text("utf-8")
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= make_targets()


IMPORT = re.compile(r"^\s*(?:from|import) chestx((?:\.\w+)*)", re.MULTILINE)
OPEN = {"", "errors", "labeler/lean_import", "labeler/report", "labeler/toml_file"}


def room(path: Path) -> str:
    """Return the folder of a module below the package; a stage's own files are one room."""
    parts = path.relative_to(CHESTX).with_suffix("").parts
    staged = ("labeler", "dataset", "model", "simulation")
    name = "/".join(parts[:2]) if parts[0] in staged else parts[0]
    return name if name in OPEN or (CHESTX / name).is_dir() else "/".join([*parts[:-1], "*.py"])


def test_rooms_import_what_the_table_allows() -> None:
    allowed = {
        place: set(code(row[2])) for row in table(CONTRIBUTING, "room") for place in code(row[0])
    }
    for path in CHESTX.rglob("*.py"):
        here = room(path)
        if here in {*OPEN, "*.py", "commands"} or path.name == "__init__.py":
            continue
        for dotted in IMPORT.findall(path.read_text("utf-8")):
            module = CHESTX.joinpath(*dotted.split(".")[1:])
            there = room(module / "__init__.py" if module.is_dir() else module.with_suffix(".py"))
            if (
                dotted in ("", ".labeler", ".dataset", ".model", ".simulation")
                or there in OPEN
                or there == here
            ):
                continue
            assert there in allowed[here], f"{path.relative_to(ROOT)} imports from {there}"


def test_every_file_of_the_commands_is_listed_or_described() -> None:
    listed = {f"{name.replace('-', '_')}.py" for name in main.commands}
    described = {name for row in table(CONTRIBUTING, "file") for name in code(row[0])}
    there = {path.name for path in (CHESTX / "commands").glob("*.py")} - {"__init__.py"}
    assert listed | described == there


def test_changelog_has_the_version() -> None:
    assert f"\n## [{chestx.__version__}]" in CHANGELOG.read_text("utf-8")
