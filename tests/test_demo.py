"""`chestx demo` on a small archive that is there already, so that nothing is downloaded."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from chestx.cli import main
from chestx.errors import ChestxError
from chestx.labeler import fetch

REPORTS = [
    ("No pleural effusion. Large right pneumothorax.", ["Pneumothorax/right"]),
    ("Cardiomegaly. No focal consolidation.", ["Cardiomegaly/mild"]),
    ("Heart size is normal. The lungs are clear.", ["normal"]),
    ("Atelectasis at the left base. No pneumothorax.", ["Pulmonary Atelectasis/base/left"]),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for the demo with an archive in it."""
    archive = tmp_path / "demo" / "reports" / fetch.NAME
    archive.parent.mkdir(parents=True)
    with tarfile.open(archive, "w:gz") as tar:
        for number, (findings, majors) in enumerate(REPORTS, 1):
            content = as_xml(number, findings, majors).encode()
            member = tarfile.TarInfo(f"ecgen-radiology/{number}.xml")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    monkeypatch.setattr(fetch, "SHA256", hashlib.sha256(archive.read_bytes()).hexdigest())
    return tmp_path / "demo"


def as_xml(number: int, findings: str, majors: list[str]) -> str:
    headings = "".join(f"<major>{major}</major>" for major in majors)
    return (
        f'<eCitation><uId id="CXR{number}"/><MedlineCitation><Article><Abstract>'
        f'<AbstractText Label="FINDINGS">{findings}</AbstractText></Abstract></Article>'
        f'</MedlineCitation><MeSH>{headings}</MeSH><parentImage id="CXR{number}_1"/></eCitation>'
    )


def test_all_stages_and_once_more(folder: Path) -> None:
    for run in range(2):
        result = CliRunner().invoke(main, ["demo", str(folder)])
        assert result.exit_code == 0, result.output
        assert ("nothing to do" in result.output) == bool(run)
    lines = result.output.splitlines()
    summary = lines[next(n for n, line in enumerate(lines) if line.startswith("Stage")) :]
    assert [line.split("  ")[0] for line in summary[2:6]] == [
        "Fetch the reports of OpenI",
        "Mine their labels",
        "Judge the diseases by human annotation",
        "Judge 8 diseases and Normal",
    ]
    assert "4 reports  F1 100.0" in summary[4]
    assert "Paper, 771 P / R / F1" in result.output
    assert "Paper, 8+Normal P / R / F1" in result.output
    diseases = json.loads((folder / "labels" / "evaluation.json").read_text())
    assert diseases["n_reports"] == 4
    assert "Normal" not in diseases["classes"]
    with_normal = json.loads((folder / "labels" / "8-normal" / "evaluation.json").read_text())
    assert with_normal["classes"]["Normal"]["f1"] == 1


def test_interrupted_it_goes_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("chestx.demo.run_evaluation", interrupt)
        result = CliRunner().invoke(main, ["demo", str(folder)])
    assert result.exit_code == 130
    again = CliRunner().invoke(main, ["demo", str(folder)])
    assert again.exit_code == 0
    assert "nothing to do" in again.output


def interrupt(*_: object, **__: object) -> str:
    raise KeyboardInterrupt


def test_labels_of_another_version_are_mined_again(folder: Path) -> None:
    CliRunner().invoke(main, ["demo", str(folder)])
    run = folder / "labels" / "run.json"
    facts = json.loads(run.read_text())
    facts["resume"]["fingerprint"] = "another"
    run.write_text(json.dumps(facts))
    result = CliRunner().invoke(main, ["demo", str(folder)])
    assert result.exit_code == 0
    assert "mining them again" in result.output


@pytest.mark.parametrize("mirror", [None, "nlm"])
def test_where_nlm_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mirror: str | None
) -> None:
    def silent() -> bytes:
        raise ChestxError("openi.nlm.nih.gov cannot be reached: use --mirror pypi")

    monkeypatch.setitem(fetch.MIRRORS, "nlm", silent)
    monkeypatch.setitem(fetch.MIRRORS, "pypi", lambda: b"damaged")
    options = ["--mirror", mirror] if mirror else []
    result = CliRunner().invoke(main, ["demo", str(tmp_path), *options])
    assert result.exit_code == 1
    assert ("copy on PyPI" in result.stdout) == (mirror is None)
    expected = "cannot be reached" if mirror else "arrived damaged"
    assert expected in result.stderr
    assert len(result.stderr.splitlines()) == 1
