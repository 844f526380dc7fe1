"""Every rule against its own examples, and how `chestx rules test` reports on a user's rules."""

from functools import lru_cache
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chestx.cli import main
from chestx.labeler.assertion.examples import Failure, check_rules, examples_of
from chestx.labeler.assertion.rules import Rule, load_rules

OWN = """
[[rule]]
id = "{id}"
status = "negated"
source = "Of this test"
patterns = ['{pattern}']
examples = [{examples}]
counterexamples = [{counterexamples}]
"""


@lru_cache(maxsize=1)  # one parse for all rules
def failures() -> tuple[Failure, ...]:
    return check_rules().failures


@pytest.mark.parametrize("rule", load_rules(), ids=lambda rule: rule.id)
def test_rule_decides_its_examples(rule: Rule) -> None:
    failed = [str(failure) for failure in failures() if failure.example.rule == rule.id]
    assert not failed, "\n".join(failed)


def test_examples_are_located_without_their_brackets() -> None:
    for rule in load_rules():
        for example in examples_of(rule):
            marked = f"[{example.text[example.start : example.end]}]"
            assert marked in example.written
            assert example.written.replace("[", "").replace("]", "") == example.text


def rules_test(
    path: Path,
    *,
    id: str = "own.ruled-out",
    pattern: str = "{} . {word:begone}",
    examples: str = '"The [effusion] begone."',
    counterexamples: str = '"The [effusion]."',
) -> Result:
    path.write_text(
        OWN.format(id=id, pattern=pattern, examples=examples, counterexamples=counterexamples)
    )
    return CliRunner().invoke(main, ["rules", "test", str(path)])


def test_all_pass(tmp_path: Path) -> None:
    result = rules_test(tmp_path / "own.toml")
    assert (result.exit_code, result.output) == (0, "1 rule, 2 examples: all pass\n")


@pytest.mark.parametrize(
    ("examples", "counterexamples", "failure"),
    [
        ('"The [effusion]."', "", "example 'The [effusion].': no rule matches it"),
        ('"No [effusion]."', "", "decided by negated.no instead, by effusion >neg no"),
        ('"The effusion [begone]."', "", "the bracket is on no mention"),
        ('"An [effusion] begone."', '"[Mass] begone."', "the rule decides it, by Mass . begone"),
    ],
)
def test_what_fails_and_why(
    tmp_path: Path, examples: str, counterexamples: str, failure: str
) -> None:
    result = rules_test(tmp_path / "own.toml", examples=examples, counterexamples=counterexamples)
    line, summary = result.output.splitlines()
    assert line.startswith("own.ruled-out: ")
    assert failure in line
    assert summary.endswith("1 fails")
    assert result.exit_code == 1


def test_own_rules_come_first_and_take_the_place_of_their_namesakes(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    assert rules_test(file, pattern="{} >neg {}", examples='"No [effusion]."').exit_code == 0
    shipped = next(rule for rule in load_rules() if rule.id == "negated.no")
    replaced = rules_test(
        file, id=shipped.id, pattern="{} . {word:begone}", examples='"[Effusion] begone."'
    )
    assert replaced.exit_code == 0
    one_fewer = rules_test(file, id=shipped.id, examples='"No [effusion]."')
    assert "no rule matches it" in one_fewer.output


@pytest.mark.parametrize("file", ["absent.toml", "folder"])
def test_unreadable_file(tmp_path: Path, file: str) -> None:
    (tmp_path / "folder").mkdir()
    result = CliRunner().invoke(main, ["rules", "test", str(tmp_path / file)])
    assert result.exit_code == 2
    assert file in result.stderr


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [("{} >neg {wrod:no}", "wrod"), ("{} >neg (", "found the end"), ("", "expected a node")],
)
def test_a_typo_is_one_line(tmp_path: Path, pattern: str, complaint: str) -> None:
    result = rules_test(tmp_path / "own.toml", pattern=pattern)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: own.toml: rule 1 (own.ruled-out): pattern")
    assert complaint in line
