"""The command line: every help has an example, every failure is a line and an exit status."""

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args, get_type_hints

import click
import pytest
from click.testing import CliRunner, Result

from chestx.cli import main
from chestx.commands.group import Resumable

OPENI = Path(__file__).parents[2] / "shared/data/openi"
needs_openi = pytest.mark.skipif(
    not OPENI.exists(), reason="../shared/data/openi, the OpenI reports, is not here"
)


def cli(*arguments: object, input: str | None = None) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)), input=input)


def commands(group: click.Group, *before: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *before, name)
        else:
            yield (*before, name)


@pytest.mark.parametrize("command", list(commands(main)), ids=" ".join)
def test_help_has_an_example_that_the_command_understands(command: tuple[str, ...]) -> None:
    result = cli(*command, "--help")
    assert result.exit_code == 0
    lines = iter(result.output.splitlines())
    next(line for line in lines if line.strip() in ("Example:", "Examples:"))
    assert next(lines).strip().startswith(f"chestx {' '.join(command)}")


def test_options_of_train_are_fields_of_its_configuration() -> None:
    from chestx.model.training.config import TrainConfig

    kinds = get_type_hints(TrainConfig)
    others = {"config_file", "out", "resume", "quiet", "debug", "method", "classes"}
    for option in main.commands["train"].params:
        if option.name in others:
            continue
        kind = kinds[option.name or ""]
        if isinstance(option.type, click.Choice):
            assert kind is str or get_args(kind) == tuple(option.type.choices), option.name
        else:
            assert option.type == click.types.convert_type(kind), option.name


def test_what_can_be_resumed_says_so_when_interrupted() -> None:
    for name, command in main.commands.items():
        if any(option.name == "resume" for option in command.params):
            assert isinstance(command, Resumable), name


def test_help_loads_no_library_that_takes_time() -> None:
    code = (
        "import sys; from chestx.cli import main; main(['--help'], standalone_mode=False);"
        "print(sorted({'spacy', 'numpy', 'pandas', 'pyarrow', 'nltk', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


TYPO = '[[rule]]\nid = "own.x"\nstatus = "negatd"\nsource = "s"\npatterns = ["{}"]\nexamples = []\n'


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("explain", "Mass.", "--label-set", "nih"), "unknown label set 'nih': give one of chestx"),
        (("explain", "Mass.", "--parser", "en_core_sci_xl"), "'en_core_sci_xl' is not installed"),
        (("mine-labels", "reports.txt", "--label-set", "nih"), "unknown label set 'nih'"),
        (("mine-labels", "reports.txt", "--parser", "en_none"), "'en_none' is not installed"),
        (("rules", "test", "rules.toml"), "rules.toml: rule 1 (own.x): status must be one of"),
        (("rules", "test", "reports.txt"), "reports.txt: is not valid TOML"),
        (("evaluate-labels", "--gold", "gold.csv"), "labels"),
        (("evaluate-labels", "labels.csv", "--gold", "gold.csv", "--classes", "Mas"), "Mas must"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_is_one_line_and_status_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("reports.txt").write_text("No effusion.")
    Path("rules.toml").write_text(TYPO)
    for name in ("gold.csv", "labels.csv"):
        Path(name).write_text("report_id,Mass\na,1\nb,0\n")
    result = cli(*arguments)
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert said in line
    assert "Traceback" not in result.output
    debug = cli(*arguments, "--debug")
    assert debug.exception is not None
    assert said in str(debug.exception)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("no-such-command",),
        ("explain",),
        ("explain", "Mass.", "--colour"),
        ("evaluate-labels",),
        ("evaluate-labels", "--gold", "no-such-file"),
        ("rules", "test", "no-such-file"),
        ("mine-labels", "no-such-file"),
        ("demo", "--mirror", "elsewhere"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_status_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli(*arguments).exit_code == 2
    assert not list(tmp_path.iterdir())


def test_evaluate_labels_on_a_csv(tmp_path: Path) -> None:
    labels, gold = tmp_path / "labels.csv", tmp_path / "gold.csv"
    labels.write_text("report_id,Mass,Edema\na,1,0\nb,0,1\nc,1,\n")
    gold.write_text("report_id,Mass,Edema\na,1,0\nb,1,1\nc,0,0\n")
    result = cli("evaluate-labels", labels, "--gold", gold, "--classes", "Mass, Edema")
    assert result.exit_code == 0, result.output
    rows = {line.split("  ")[0]: line.split() for line in result.output.splitlines() if line}
    assert rows["Mass"][1:5] == ["2", "50.0", "50.0", "50.0"]
    assert rows["Edema"][1:5] == ["1", "100.0", "100.0", "100.0"]
    ids = tmp_path / "ids.txt"
    ids.write_text("a\n")
    out = tmp_path / "out"
    chosen = cli("evaluate-labels", labels, "--gold", gold, "--ids", ids, "-o", out)
    assert "1 reports judged" in chosen.output
    assert {path.name for path in out.iterdir()} >= {"evaluation.json", "errors.csv"}


@needs_openi
def test_evaluate_labels_on_the_reports_behind_table_18(tmp_path: Path) -> None:
    archive, ids = OPENI / "NLMCXR_reports.tgz", OPENI / "testset-771.txt"
    labels = tmp_path / "labels"
    assert cli("mine-labels", archive, "-o", labels, "--workers", 1, "-q").exit_code == 0
    result = cli(
        "evaluate-labels", labels, "--gold", archive, "--ids", ids, "--compare", "--ablation"
    )
    assert result.exit_code == 0, result.output
    assert result.output.count("771 reports judged.") == 2
    table = result.output[result.output.index("Assertion") :].splitlines()
    assert [line.split("  ")[0] for line in table[2:]] == [
        "dependency rules", "NegEx (negspaCy)", "no assertion",
    ]  # fmt: skip
    judged = next(line for line in result.output.splitlines() if line.startswith("Total"))
    # The ablation's first row is the labels that were mined, judged again.
    assert judged.split()[3:6] == table[2].split()[2:5]
    with (labels / "errors.csv").open(newline="") as file:
        assert all(row["sentence"] or row["report"] for row in csv.DictReader(file))


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is Linux's own")
@pytest.mark.parametrize("command", [("explain", "Mass."), ("mine-labels", "a.csv", "-o", "out")])
def test_a_full_standard_output_is_one_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "a.csv").write_text("id,text\na,No effusion.\n")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "chestx.cli", *command],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        )
    line = "Error: cannot write to standard output (No space left on device)"
    assert (done.returncode, done.stderr.splitlines()) == (1, [line])


@pytest.mark.parametrize(
    ("name", "called", "resumes"),
    [
        ("explain", "chestx.labeler.explanation.explain.explain", False),
        ("mine-labels", "chestx.labeler.batch.mine.mine_labels", True),
        ("demo", "chestx.demo.run_demo", True),
    ],
)
def test_only_what_resumes_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, called: str, resumes: bool
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(called, interrupt)
    stopped = cli(name, tmp_path)
    assert stopped.exit_code == 130
    assert stopped.stderr.startswith("interrupted")
    assert ("goes on where it stopped" in stopped.stderr) == resumes
