"""Optional modules stay out of the way, and come when they are called."""

import importlib
import importlib.util
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from chestx.labeler.lean_import import without

ROOT = Path(__file__).parents[1]


def run(code: str, *path: Path) -> str:
    """Run code in an interpreter of its own, since this one has loaded much."""
    return subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": ":".join(map(str, (ROOT, *path))), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    name = "chestx_optional_probe"
    (tmp_path / f"{name}.py").write_text("loaded = True\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, name, raising=False)
    return name


def test_a_module_is_missing_inside_and_there_afterwards(module: str) -> None:
    finders = list(sys.meta_path)
    with without(module):
        with pytest.raises(ModuleNotFoundError, match=module) as refused:
            importlib.import_module(module)
        assert refused.value.name == module
        assert importlib.util.find_spec(module)
    assert sys.meta_path == finders
    assert module not in sys.modules
    assert importlib.import_module(module).loaded
    with without(module):
        assert importlib.import_module(module).loaded


def test_other_threads_import_freely(module: str) -> None:
    with without(module):
        thread = threading.Thread(target=importlib.import_module, args=(module,))
        thread.start()
        thread.join()
    assert module in sys.modules


def test_spacy_does_not_touch_an_installed_torch(tmp_path: Path) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise SystemExit('torch was imported')\n")
    code = """
from chestx.labeler.lean_import import SPACY_EXTRAS, without
with without(*SPACY_EXTRAS):
    import spacy
try:
    import torch
except SystemExit as reached:
    print(spacy.__name__, reached)
"""
    assert run(code, tmp_path) == "spacy torch was imported\n"


def test_sentences_load_nltk_without_scipy() -> None:
    pytest.importorskip("scipy")
    code = """
import sys
import chestx.labeler.text.sentences
print(sorted({"matplotlib", "pandas", "scipy", "sklearn"} & set(sys.modules)))
import scipy.stats
print(scipy.stats.norm.cdf(0))
"""
    assert run(code) == "[]\n0.5\n"


def test_nltk_is_whole_for_those_who_import_it_later() -> None:
    code = """
import sys
import chestx.labeler.text.sentences
print([name for name in sys.modules if name.partition(".")[0] == "nltk"])
import nltk
print(nltk.tokenize.PunktSentenceTokenizer().tokenize("Clear. Normal."))
"""
    assert run(code) == "[]\n['Clear.', 'Normal.']\n"


def test_spacy_comes_without_its_command_line_until_that_is_used(tmp_path: Path) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise SystemExit('torch was imported')\n")
    code = """
import sys
from chestx.labeler.lean_import import import_spacy
import_spacy()
import spacy
print(sorted({"pydantic.v1", "torch", "typer", "weasel"} & set(sys.modules)))
print(spacy.info(silent=True)["spacy_version"] == spacy.__version__)
print(callable(spacy.cli.download), "typer" in sys.modules)
"""
    assert run(code, tmp_path) == "[]\nTrue\nTrue True\n"
