"""`chestx demo`, small and without a network: every stage, killed and gone on with."""

import csv
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from chestx import demo
from chestx.cli import main

ROOT = Path(__file__).parents[1]
REPORTS = [
    ("No pleural effusion. Large right pneumothorax.", ["Pneumothorax/right"]),
    ("Cardiomegaly. No focal consolidation.", ["Cardiomegaly/mild"]),
    ("Heart size is normal. The lungs are clear.", ["normal"]),
    ("Atelectasis at the left base. No pneumothorax.", ["Pulmonary Atelectasis/base/left"]),
]
HOSPITAL = [
    "Make up a hospital",
    "Mine the labels of its reports",
    "Judge them by the truth",
    "Build a dataset of its films",
    "as grey as the films",
    "boxes as drawn",
]
OPENI = [
    "Fetch the real reports of OpenI",
    "Mine their labels",
    "Judge the diseases by human annotation",
    "Judge 8 diseases and Normal",
]
MODEL = [
    "Train a toy model on the dataset",
    "Judge it on films of other patients",
    "found in their place",
    "Show all of it in a gallery",
]


def start(folder: Path) -> subprocess.Popen[str]:
    """Start a demo in processes of their own: PyTorch stays out of those of the tests."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.tiny_demo", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        start_new_session=True,
    )


def run(folder: Path) -> str:
    process = start(folder)
    said, wrong = process.communicate()
    assert process.returncode == 0, wrong
    return said


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo's folder, with an archive in it as if it had been downloaded."""
    folder = tmp_path_factory.mktemp("tiny") / "demo"
    archive = folder / demo.ARCHIVE
    archive.parent.mkdir(parents=True)
    with tarfile.open(archive, "w:gz") as tar:
        for number, (findings, majors) in enumerate(REPORTS, 1):
            content = as_xml(number, findings, majors).encode()
            member = tarfile.TarInfo(f"ecgen-radiology/{number}.xml")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return folder


@pytest.fixture(scope="module")
def said(folder: Path) -> str:
    return run(folder)


def as_xml(number: int, findings: str, majors: list[str]) -> str:
    headings = "".join(f"<major>{major}</major>" for major in majors)
    return (
        f'<eCitation><uId id="CXR{number}"/><MedlineCitation><Article><Abstract>'
        f'<AbstractText Label="FINDINGS">{findings}</AbstractText></Abstract></Article>'
        f'</MedlineCitation><MeSH>{headings}</MeSH><parentImage id="CXR{number}_1"/></eCitation>'
    )


def summary(said: str) -> dict[str, list[str]]:
    """Return the cells of the last table by the first of each line."""
    lines = said[said.index("\nStage ") :].splitlines()[3:]
    rows = [
        [cell.strip() for cell in line.split("  ") if cell] for line in lines[: lines.index("")]
    ]
    return {name: cells for name, *cells in rows}


def test_the_summary_and_the_workspace(folder: Path, said: str) -> None:
    rows = summary(said)
    assert list(rows) == [*HOSPITAL, *OPENI, *MODEL]
    assert rows["Make up a hospital"][0] == "30 studies"
    assert rows["Judge them by the truth"][0] == "30 reports"
    assert float(rows["Judge them by the truth"][1][3:-1]) > 90
    films, linked = rows["Build a dataset of its films"][:2]
    assert linked.split()[0] == films.split()[0]
    assert rows["Judge the diseases by human annotation"][:2] == ["4 reports", "F1 100.0%"]
    assert rows["Judge it on films of other patients"][1].startswith("mean AUC ")
    assert said.splitlines()[-1] == f"Open {folder}/gallery/index.html in a browser."
    assert (folder / "gallery" / "models.html").exists()
    with_normal = json.loads((folder / "openi/labels/8-normal/evaluation.json").read_text())
    assert with_normal["classes"]["Normal"]["f1"] == 1


def test_once_more_nothing_is_done_twice(folder: Path, said: str) -> None:
    checkpoint = folder / "runs/mil/checkpoints/last.ckpt"
    trained = checkpoint.stat().st_mtime_ns
    again = run(folder)
    assert again.count("nothing to do") == 4
    assert checkpoint.stat().st_mtime_ns == trained
    first, second = summary(said), summary(again)
    assert [cells[0] for cells in first.values()] == [cells[0] for cells in second.values()]


def test_the_user_goes_on(folder: Path, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    typed = [line.split()[2:] for line in said.splitlines() if line.startswith("$ chestx")]
    for words in typed:
        if words[0] in ("simulate", "mine-labels", "build-dataset"):
            result = CliRunner().invoke(main, words)
            assert "nothing to do" in result.output, result.output
    with (folder / "dataset/Data_Entry_2017.csv").open(newline="") as file:
        image = next(csv.DictReader(file))["Image Index"]
    names = folder / "ids.txt"
    names.write_text(image)
    shown = CliRunner().invoke(main, ["gallery", "--ids", str(names), "-o", "one"])
    assert shown.exit_code == 0, shown.output


def test_killed_it_goes_on_without_a_network(folder: Path, said: str, tmp_path: Path) -> None:
    process = start(tmp_path)
    entries = tmp_path / "dataset" / "Data_Entry_2017.csv"
    while process.poll() is None and not entries.exists():
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    again = run(tmp_path)
    assert again.count("Going on without them: nothing answers") == 1
    assert list(summary(again)) == [*HOSPITAL, OPENI[0], *MODEL]
    for name in ("labels/labels.csv", "truth/boxes.csv"):
        assert digest(tmp_path / name) == digest(folder / name)


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
