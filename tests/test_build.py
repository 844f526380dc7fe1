"""`chestx build-dataset`: whatever happens to a run, the dataset ends up the same."""

import csv
import hashlib
import importlib
import json
import os
import random
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result
from dicom_films import film, gradient, write_film
from hospital import write_hospital, write_labels

from bench.dataset_mutations import originals
from bench.mutations import write_mutated
from chestx.cli import main
from chestx.dataset.build.build import build_dataset
from chestx.dataset.build.options import Options
from chestx.errors import ChestxError
from chestx.job.output import Output

CHESTX = str(Path(sys.executable).with_name("chestx"))
SIZE = "64"


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hospital")
    write_hospital(folder)
    (folder / "key").write_text("a key for tests, of no other use")
    return folder


def options(hospital: Path, **changed: Any) -> Options:
    chosen = {
        "images": hospital / "dicom",
        "labels": hospital / "labels" / "labels.csv",
        "key_file": hospital / "key",
        "size": 64,
    }
    return Options(**{**chosen, **changed})


def build(hospital: Path, out: Path, **changed: Any) -> str:
    resume = changed.pop("resume", True)
    workers = changed.pop("workers", 1)
    chosen = options(hospital, **changed)
    return str(build_dataset(chosen, out, workers=workers, resume=resume, quiet=True))


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["build-dataset", *map(str, words)])


def command(hospital: Path, out: Path, *words: object) -> list[str]:
    return [
        CHESTX, "build-dataset", "--images", f"{hospital / 'dicom'}", "--labels",
        f"{hospital / 'labels'}", "--key-file", f"{hospital / 'key'}", "--size", SIZE, "-o",
        f"{out}", "--quiet", *map(str, words),
    ]  # fmt: skip


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def crosswalk(out: Path) -> Path:
    return out.with_name(f"{out.name}-crosswalk")


def tree(out: Path) -> dict[str, str]:
    """Return the hash of every file of the dataset and its crosswalk but `run.json`."""
    return {
        f"{folder.name == out.name}:{path.relative_to(folder)}": hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for folder in (out, crosswalk(out))
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("run.json", ".lock")
    }


def test_a_dataset_in_nihs_layout(hospital: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert "12 films developed" in build(hospital, out)
    entries = rows(out / "Data_Entry_2017.csv")
    assert len(entries) == len(list((out / "images").glob("*.png"))) == 12
    names = [entry["Image Index"] for entry in entries]
    assert names == sorted(names)
    way_back = {row["image"]: row for row in rows(crosswalk(out) / "crosswalk.csv")}
    labels = {row["report_id"]: row for row in rows(hospital / "labels" / "labels.csv")}
    for entry in entries:
        row = way_back[entry["Image Index"]]
        assert row["report_ids"] == row["accession_number"]
        assert entry["Finding Labels"] == labels[row["report_ids"]]["Finding Labels"]
        assert (
            entry["Image Index"] == f"{int(row['patient']):08d}_{int(entry['Follow-up #']):03d}.png"
        )
        assert (entry["View Position"], entry["OriginalImage[Width"]) == ("PA", "64")
    follow_ups = {row["accession_number"][-1]: row["image"][-7:-4] for row in way_back.values()}
    assert follow_ups == {"0": "000", "1": "001"}
    for image in rows(out / "manifest.csv"):
        data = (out / "images" / image["image"]).read_bytes()
        assert hashlib.sha256(data).hexdigest() == image["sha256"]
        assert (image["rows"], image["columns"], image["voi"]) == ("96", "64", "LINEAR")
        assert cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED).shape == (64, 64)
    rejected = rows(crosswalk(out) / "rejected.csv")
    assert len(rejected) == 12
    assert all(row["reason"].startswith("not frontal") for row in rejected)
    assert not rows(crosswalk(out) / "unmatched.csv")


def test_patients_are_split_whole(hospital: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(hospital, out, split="50,25,25")
    lists = {
        name: (out / f"{name}_list.txt").read_text().split()
        for name in ("train", "val", "test", "train_val")
    }
    assert sorted(lists["train"] + lists["val"]) == lists["train_val"]
    patients = {name: {image[:8] for image in images} for name, images in lists.items()}
    assert sum(len(patients[name]) for name in ("train", "val", "test")) == 8
    assert all(patients[name] for name in patients)


@pytest.mark.parametrize("changed", [{}, {"fit": "pad", "bits": 16, "views": "all"}])
def test_same_bytes_whatever_the_workers(
    hospital: Path, tmp_path: Path, changed: dict[str, Any]
) -> None:
    build(hospital, tmp_path / "1" / "out", workers=1, **changed)
    build(hospital, tmp_path / "3" / "out", workers=3, **changed)
    assert tree(tmp_path / "1" / "out") == tree(tmp_path / "3" / "out")


def test_a_second_run_does_nothing(hospital: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(hospital, out)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    assert build(hospital, out).startswith("nothing to do")
    assert before == {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    whole = tree(out)
    next((out / "images").glob("*.png")).unlink()
    assert "1 film developed" in build(hospital, out)
    (out / "train_list.txt").write_text("")
    shutil.rmtree(out / "figures")
    assert "0 films developed" in build(hospital, out)
    assert tree(out) == whole


def test_other_options_are_refused_and_a_fresh_start_is_not(hospital: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(hospital, out)
    with pytest.raises(ChestxError, match=r"made with other options \(size\): use --no-res"):
        build(hospital, out, size=32)
    build(hospital, out, size=32, resume=False)
    build(hospital, tmp_path / "fresh" / "out", size=32)
    assert tree(out) == tree(tmp_path / "fresh" / "out")


def test_new_patients_leave_names_numbers_and_splits_alone(tmp_path: Path) -> None:
    write_hospital(tmp_path, 6)
    (tmp_path / "key").write_text("a key for tests, of no other use")
    out = tmp_path / "out"
    build(tmp_path, out)
    first = {row["source"]: row for row in rows(crosswalk(out) / "crosswalk.csv")}
    times = {path.name: path.stat().st_mtime_ns for path in (out / "images").iterdir()}
    older = write_film(
        tmp_path / "dicom" / "a.dcm",
        PatientID="MRN-0",
        AccessionNumber="ACC9",
        StudyDate="20010101",
    )
    write_film(tmp_path / "dicom" / "b.dcm", PatientID="NEW", AccessionNumber="ACC8")
    labels = rows(tmp_path / "labels" / "labels.csv")
    states = {row["report_id"]: {c: int(s) for c, s in row.items() if s in ("0", "1", "-1")}
              for row in labels}  # fmt: skip
    write_labels(tmp_path / "labels" / "labels.csv", {**states, "ACC9": {}, "ACC8": {"Mass": 1}})
    assert "2 films developed" in build(tmp_path, out)
    second = {row["source"]: row for row in rows(crosswalk(out) / "crosswalk.csv")}
    assert {source: second[source] for source in first} == first
    assert second[older.name]["image"][-7:] == "001.png"
    kept = {name: (out / "images" / name).stat().st_mtime_ns for name in times}
    assert kept == times
    older.unlink()
    with pytest.raises(ChestxError, match="made from other films"):
        build(tmp_path, out)


PLANTED = {
    "PatientName": "Zebulon^Quackenbush",
    "PatientID": "MRN-ZQ-7781",
    "PatientBirthDate": "19310229",
    "PatientAddress": "Quackenbush Lane 5",
    "InstitutionName": "Quackenbush Memorial",
    "InstitutionAddress": "Zebulon Road 9",
    "ReferringPhysicianName": "Zacharias^Quackenbush",
    "PerformingPhysicianName": "Perpetua^Quackenbush",
    "OperatorsName": "Ottokar^Quackenbush",
    "StationName": "QUACKENBUSH-CR1",
    "StudyDescription": "Lungs QUACKENBUSH",
    "SeriesDescription": "PA Quackenbush",
    "StudyID": "QST-1",
    "AccessionNumber": "ACCQ99",
    "StudyDate": "20170829",
    "StudyTime": "235958",
    "DeviceSerialNumber": "QSERIAL-5",
    "PatientComments": "Quackenbush is waiting",
    "PatientAge": "097Y",
    "IssuerOfPatientID": "QISSUER",
}


def test_nothing_names_the_patient_but_the_crosswalk(tmp_path: Path) -> None:
    planted = film(gradient(), **PLANTED)
    secrets = [value for value in PLANTED.values() if value != "097Y"]
    secrets += [
        part for value in secrets for part in value.replace("^", " ").split() if len(part) > 4
    ]
    secrets += [planted.SOPInstanceUID, planted.StudyInstanceUID, planted.SeriesInstanceUID]
    secrets += ["2017-08-29", "Müster", "quack-file", "quack-folder"]
    folder = tmp_path / "dicom" / "quack-folder"
    write_film(folder / "quack-file.dcm", gradient(), **PLANTED)
    write_film(folder / "quack-file2.dcm", gradient(), **{**PLANTED, "ViewPosition": "LL"})
    write_film(tmp_path / "dicom" / "other.dcm", PatientID="other", AccessionNumber="B")
    (folder / "quack.txt").write_text("Quackenbush")
    write_labels(tmp_path / "labels.csv", {"ACCQ99": {"Mass": 1}, "B": {}, "QUACKENBUSH": {}})
    (tmp_path / "boxes").mkdir()
    (tmp_path / "boxes" / "quack-box.csv").write_text(
        "Image Index,Finding Label,x,y,w,h\n"
        "quack-file.dcm,Mass,1,2,30,40\n"
        "Quackenbush,Mass,1,2,3,4\n"
    )
    out = tmp_path / "out"
    result = run(
        "--images", tmp_path / "dicom", "--labels", tmp_path / "labels.csv", "--size", SIZE,
        "--boxes", tmp_path / "boxes" / "quack-box.csv", "-o", out,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert len(rows(out / "BBox_List_2017.csv")) == 1
    ages = [row["Patient Age"] for row in rows(out / "Data_Entry_2017.csv")]
    assert sorted(ages) == ["61", "90"]
    written = {
        path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()
    }
    assert len(written) > 12
    told = {"": result.output.replace(str(tmp_path), "").encode(), **written}
    for path, data in told.items():
        for secret in secrets:
            for spelling in {secret, secret.upper(), secret.lower()}:
                assert spelling.encode() not in data, (path, spelling)
        if str(path).endswith(".png") and str(path).startswith("images"):
            assert [kind for kind, _ in chunks(data)] == [b"IHDR", b"IDAT", b"IEND"]
    found = (crosswalk(out) / "crosswalk.csv").read_text()
    assert all(PLANTED[name] in found for name in ("PatientID", "AccessionNumber", "StudyDate"))


def chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(png):
        length = int.from_bytes(png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_the_crosswalk_is_its_owners_alone(hospital: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(hospital, out, key_file=None)
    private = crosswalk(out)
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    files = [path for path in private.rglob("*") if path.is_file()]
    assert {path.name for path in files} >= {"key", "crosswalk.csv", "run.json", "rejected.csv"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_the_key_makes_the_numbers(hospital: Path, tmp_path: Path) -> None:
    one, two, three = (tmp_path / name / "out" for name in "123")
    build(hospital, one, key_file=None)
    build(hospital, two, key_file=None)
    assert (
        not set(tree(one))
        & set(tree(two))
        & {f"True:images/{p.name}" for p in (one / "images").iterdir()}
    )
    build(hospital, three, key_file=crosswalk(one) / "key")
    assert {k: v for k, v in tree(one).items() if k != "False:key"} == tree(three)
    (crosswalk(one) / "key").unlink()
    for resume in (True, False):
        with pytest.raises(ChestxError, match=r"the key of .* is not there: give it by --key-file"):
            build(hospital, one, key_file=None, resume=resume)
    shutil.rmtree(crosswalk(two))
    with pytest.raises(ChestxError, match=r"the crosswalk of .* is not at .*: put it back"):
        build(hospital, two, key_file=None)


@pytest.mark.parametrize("name", ["Data_Entry_2017.csv", "notes.txt", "images/a.png", "run.json"])
def test_folders_of_others_are_left_alone(hospital: Path, tmp_path: Path, name: str) -> None:
    for folder in (tmp_path / "mine", tmp_path / "out-crosswalk"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text('{"command": "mine-labels"}')
    for out in (tmp_path / "mine", tmp_path / "out"):
        for resume in (True, False):
            with pytest.raises(ChestxError, match="were not made by chestx build-dataset"):
                build(hospital, out, resume=resume)
    assert (tmp_path / "mine" / name).read_text() == '{"command": "mine-labels"}'
    assert len(list((tmp_path / "mine").rglob("*"))) == name.count("/") + 1


def test_places_that_would_mix_are_refused(tmp_path: Path) -> None:
    write_hospital(tmp_path, 2)
    key = {"key_file": None}
    with pytest.raises(ChestxError, match=r"the films in .* lie where"):
        build(tmp_path, tmp_path / "dicom", **key)
    build(tmp_path, tmp_path / "out", **key)
    with pytest.raises(ChestxError, match="lies in a dataset"):
        build(tmp_path, tmp_path / "out" / "dataset", **key)
    with pytest.raises(ChestxError, match=r"the films in .* lie where"):
        build(tmp_path, tmp_path / "out", images=tmp_path / "out" / "images", **key)


def test_films_may_lie_around_the_dataset(tmp_path: Path) -> None:
    write_hospital(tmp_path, 2)
    for said in ("3 films developed", "nothing to do"):
        assert said in build(tmp_path, tmp_path / "out", images=tmp_path, key_file=None)


def states_of(labels: Path) -> dict[str, dict[str, int]]:
    return {
        row["report_id"]: {
            name: int(cell) for name, cell in row.items() if cell in ("0", "1", "-1")
        }
        for row in rows(labels)
    }


def names_of(out: Path) -> dict[str, str]:
    return {row["source"]: row["image"] for row in rows(crosswalk(out) / "crosswalk.csv")}


def test_labels_are_read_afresh_and_films_are_not(tmp_path: Path) -> None:
    write_hospital(tmp_path, 4)
    out, labels = tmp_path / "out", tmp_path / "labels" / "labels.csv"
    build(tmp_path, out, labels=labels.parent, key_file=None)
    (labels.parent / "run.json").touch()  # as mine-labels leaves its folder
    (labels.parent / ".lock").touch()
    states, names = states_of(labels), names_of(out)
    gone, *kept = states
    write_labels(labels, {report: {"Hernia": 1} for report in kept})
    assert build(tmp_path, out, labels=labels.parent, key_file=None).startswith("0 films")
    entries = rows(out / "Data_Entry_2017.csv")
    assert {entry["Finding Labels"] for entry in entries} == {"Hernia"}
    assert names_of(out) == {s: n for s, n in names.items() if gone not in s}
    assert len(list((out / "images").iterdir())) == len(entries) == len(kept)
    write_labels(labels, states)
    assert build(tmp_path, out, labels=labels.parent, key_file=None).startswith("1 film")
    assert names_of(out) == names


def test_a_name_never_means_two_films(tmp_path: Path) -> None:
    for number in (1, 2):
        write_film(tmp_path / "dicom" / f"{number}.dcm", AccessionNumber=f"A{number}",
                   StudyDate=f"2019030{number}")  # fmt: skip
    out, labels = tmp_path / "out", tmp_path / "labels" / "labels.csv"
    write_labels(labels, {"A1": {}, "A2": {}})
    build(tmp_path, out, key_file=None)
    second = names_of(out)["2.dcm"]
    write_labels(labels, {"A1": {}})
    build(tmp_path, out, key_file=None)
    write_film(tmp_path / "dicom" / "3.dcm", AccessionNumber="A3", StudyDate="20190303")
    write_labels(labels, {"A1": {}, "A3": {}})
    build(tmp_path, out, key_file=None)
    assert names_of(out)["3.dcm"] > second
    (tmp_path / "dicom" / "1.dcm").unlink()
    with pytest.raises(ChestxError, match="made from other films: 1 file changed or went since"):
        build(tmp_path, out, key_file=None)
    names = names_of(out)
    build(tmp_path, out, key_file=None, resume=False)
    assert names_of(out) == {"3.dcm": names["3.dcm"]}


def test_a_fresh_start_keeps_patients_in_their_splits(tmp_path: Path) -> None:
    write_hospital(tmp_path, 20)
    out = tmp_path / "out"

    def splits() -> dict[str, str]:
        return {row["patient"]: row["split"] for row in rows(crosswalk(out) / "crosswalk.csv")}

    build(tmp_path, out, key_file=None)
    first = splits()
    shutil.rmtree(tmp_path / "dicom" / "p1")
    build(tmp_path, out, key_file=None, resume=False)
    assert splits().items() < first.items()
    build(tmp_path, out, key_file=None, resume=False, seed=1)
    assert not splits().items() <= first.items()


def test_copies_of_a_film(tmp_path: Path) -> None:
    films = tmp_path / "dicom"
    original = write_film(films / "m.dcm", AccessionNumber="A")
    write_labels(tmp_path / "labels" / "labels.csv", {"A": {}})
    out = tmp_path / "out"
    (films / "a.dcm").write_bytes(original.read_bytes()[:-400])
    build(tmp_path, out, key_file=None)
    names = names_of(out)
    assert list(names) == ["m.dcm"]
    assert [row["source"] for row in rows(crosswalk(out) / "rejected.csv")] == ["a.dcm"]
    shutil.copyfile(original, films / "b.dcm")
    assert "0 films developed" in build(tmp_path, out, key_file=None)
    assert names_of(out) == names
    reasons = {row["source"]: row["reason"] for row in rows(crosswalk(out) / "rejected.csv")}
    assert reasons["b.dcm"] == "the same image as another file"


def here(function: Any, items: Any, *_: Any, **__: Any) -> Iterator[Any]:
    """Do in this process what workers do, which would not know of what is patched."""
    yield from map(function, items)


@pytest.mark.parametrize("at", ["header", "develop"])
def test_what_cannot_be_read_now_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    write_film(tmp_path / "dicom" / "a.dcm", AccessionNumber="A")
    write_film(tmp_path / "dicom" / "b.dcm", AccessionNumber="B", PatientID="other")
    write_labels(tmp_path / "labels" / "labels.csv", {"A": {}, "B": {}})
    module = "header.read_header" if at == "header" else "develop.develop"
    with monkeypatch.context() as patched:
        name = f"chestx.dataset.films.{module}"
        patched.setattr(name, refusing("b.dcm", name))
        for room in ("scan", "develop"):
            patched.setattr(f"chestx.dataset.build.{room}.ordered_map", here)
        said = build(tmp_path, tmp_path / "out", key_file=None)
    assert "1 film developed" in said
    assert "1 file could not be read this time" in said
    assert "1 film developed" in build(tmp_path, tmp_path / "out", key_file=None)


def refusing(name: str, target: str) -> Any:
    module, _, function = target.rpartition(".")
    genuine = getattr(importlib.import_module(module), function)

    def read(path: Path, *rest: Any, **named: Any) -> Any:
        if path.name == name:
            raise OSError(5, "Input/output error")
        return genuine(path, *rest, **named)

    return read


class Kill(BaseException):
    """What no handler expects, as SIGKILL."""


@pytest.mark.parametrize("case", ["fresh", "added", "afresh", "labels"])
def test_killed_between_any_two_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, soak: bool, case: str
) -> None:
    monkeypatch.setattr("chestx.dataset.description.write.draw_figures", lambda *_: None)
    write_hospital(tmp_path, 3)
    (tmp_path / "key").write_text("a key for tests, of no other use")
    labels = tmp_path / "labels" / "labels.csv"
    broken = write_film(tmp_path / "dicom" / "c.dcm", AccessionNumber="C", PatientID="MRN-1")
    broken.write_bytes(broken.read_bytes()[:-300])
    write_labels(labels, {**states_of(labels), "C": {}, "N": {"Mass": 1}})
    start, whole, out = (tmp_path / name / "out" for name in ("start", "whole", "killed"))
    changed: dict[str, Any] = {}
    if case != "fresh":
        build(tmp_path, start)
        write_film(tmp_path / "dicom" / "a.dcm", AccessionNumber="N", StudyDate="20010101")
    if case == "labels":
        write_labels(labels, {r: {"Mass": 1} for r in [*states_of(labels)][1:]})
    if case == "afresh":
        changed = {"resume": False, "fit": "pad"}
    if start.exists():
        shutil.copytree(start.parent, whole.parent)
    build(tmp_path, whole, **changed)
    left = -1

    def write(self: Output, *rest: Any) -> None:
        nonlocal left
        if (left := left - 1) == 0:
            raise Kill
        genuine(self, *rest)

    genuine = Output.write
    monkeypatch.setattr(Output, "write", write)
    for at in range(2, 100, 1 if soak else 4):  # before the first write nothing has begun
        shutil.rmtree(out.parent, ignore_errors=True)
        if start.exists():
            shutil.copytree(start.parent, out.parent)
        left = at
        try:
            build(tmp_path, out, **changed)
        except Kill:
            pass
        else:
            break
        left = -1
        build(tmp_path, out, **{**changed, "resume": True})
        assert tree(out) == tree(whole), f"killed at write {at}"
    assert at > 12


@pytest.mark.parametrize("group", [False, True])
@pytest.mark.parametrize("workers", [1, 2])
def test_killed_and_resumed_is_as_undisturbed(
    hospital: Path, tmp_path: Path, group: bool, workers: int, soak: bool
) -> None:
    whole = tmp_path / "whole" / "out"
    build(hospital, whole)
    chance = random.Random(workers + 2 * group)
    out = tmp_path / "killed" / "out"
    kills = 0
    for _ in range(20 if soak else 3):
        process = subprocess.Popen(
            command(hospital, out, "--workers", workers), start_new_session=True
        )
        wait_for_images(process, out, chance.randrange(12), chance.uniform(0, 0.02))
        made = images(out)
        if process.poll() is None:
            kills += 1
            (os.killpg if group else os.kill)(process.pid, signal.SIGKILL)
        process.wait()
        made = {name: entry for name, entry in images(out).items() if name in made}
        subprocess.run(command(hospital, out, "--workers", workers), check=True)
        assert tree(out) == tree(whole)
        assert {name: images(out)[name] for name in made} == made  # nothing was made twice
        shutil.rmtree(out)
        shutil.rmtree(crosswalk(out))
    assert kills


def images(out: Path) -> dict[str, tuple[int, int]]:
    found = {}
    for path in (out / "images").glob("*.png") if (out / "images").exists() else ():
        status = path.stat()
        found[path.name] = (status.st_ino, status.st_mtime_ns)
    return found


def wait_for_images(
    process: "subprocess.Popen[bytes]", out: Path, number: int, more: float
) -> None:
    while process.poll() is None and len(images(out)) < number:
        time.sleep(0.001)
    time.sleep(more)


@pytest.mark.skipif(sys.platform != "linux", reason="file size limits are POSIX")
def test_a_full_disk_says_so_and_the_next_run_goes_on(hospital: Path, tmp_path: Path) -> None:
    out = tmp_path / "full" / "out"
    full = subprocess.run(
        command(hospital, out),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000)),
    )
    assert full.returncode == 1
    assert [line[:24] for line in full.stderr.splitlines()] == ["Error: no space left for"]
    build(hospital, out)
    build(hospital, tmp_path / "whole" / "out")
    assert tree(out) == tree(tmp_path / "whole" / "out")


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_a_read_only_folder_is_one_line(hospital: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir(mode=0o555)
    result = run("--images", hospital / "dicom", "--labels", hospital / "labels", "-o", out)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: cannot write to")
    assert result.stderr.count("\n") == 1


def test_what_finds_no_partner_is_listed(tmp_path: Path) -> None:
    write_film(tmp_path / "dicom" / "a.dcm", AccessionNumber="A")
    write_film(tmp_path / "dicom" / "b.dcm", AccessionNumber="B")
    write_film(tmp_path / "dicom" / "l.dcm", AccessionNumber="L", ViewPosition="LL")
    write_labels(tmp_path / "labels" / "labels.csv", {"A": {}, "L": {}, "Z": {}})
    out = tmp_path / "out"
    build(tmp_path, out, key_file=None)
    unmatched = rows(crosswalk(out) / "unmatched.csv")
    found = {(row["kind"], row["source"] or row["id"]) for row in unmatched}
    assert found == {("film", "b.dcm"), ("report", "L"), ("report", "Z")}


def test_uncertain_labels_are_zeros_ones_or_listed(tmp_path: Path) -> None:
    write_film(tmp_path / "dicom" / "a.dcm", AccessionNumber="A")
    write_labels(tmp_path / "labels" / "labels.csv", {"A": {"Mass": 1, "Edema": -1}})
    for policy, expected in (("zeros", "Mass"), ("ones", "Mass|Edema"), ("ignore", "Mass")):
        out = tmp_path / policy
        build(tmp_path, out, key_file=None, uncertain=policy)
        assert rows(out / "Data_Entry_2017.csv")[0]["Finding Labels"] == expected
    (row,) = rows(tmp_path / "ignore" / "uncertain_labels.csv")
    assert row["Uncertain Labels"] == "Edema"


def test_no_usable_film_is_one_line_and_a_list(tmp_path: Path) -> None:
    write_labels(tmp_path / "labels" / "labels.csv", {"A": {}})
    (tmp_path / "dicom").mkdir()
    with pytest.raises(ChestxError, match="there are no files below"):
        build(tmp_path, tmp_path / "out", key_file=None)
    (tmp_path / "dicom" / "page.dcm").write_text("<html>Not found</html>")
    with pytest.raises(ChestxError, match=r"none of the 1 file could be used \(.*\): see"):
        build(tmp_path, tmp_path / "out", key_file=None)
    assert rows(crosswalk(tmp_path / "out") / "rejected.csv")[0]["source"] == "page.dcm"
    write_film(tmp_path / "dicom" / "film.dcm", AccessionNumber="A")
    assert "1 film developed" in build(tmp_path, tmp_path / "out", key_file=None)


@pytest.mark.filterwarnings("ignore")  # pydicom's, of the faulty films that it brings
def test_broken_films_are_rejected_with_a_reason(tmp_path: Path, soak: bool) -> None:
    number = 2000 if soak else 120
    write_mutated(originals(), tmp_path / "dicom" / "broken", number, seed=1)
    good = write_film(tmp_path / "dicom" / "good.dcm", AccessionNumber="A0")
    names = [str(path.relative_to(tmp_path / "dicom")) for path in good.parent.rglob("*.dcm")]
    (tmp_path / "links.csv").write_text(
        "report_id,image\n" + "".join(f"A{at},{name}\n" for at, name in enumerate(names))
    )
    write_labels(tmp_path / "labels" / "labels.csv", {f"A{at}": {} for at in range(len(names))})
    out = tmp_path / "out"
    build(tmp_path, out, key_file=None, link=tmp_path / "links.csv", workers=2)
    rejected = {row["source"]: row["reason"] for row in rows(crosswalk(out) / "rejected.csv")}
    made = {row["source"] for row in rows(crosswalk(out) / "crosswalk.csv")}
    assert all(rejected.values())
    assert "good.dcm" in made
    assert made | rejected.keys() == set(names)
    assert not made & rejected.keys()


def test_run_json_tells_no_path(hospital: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build(hospital, out)
    public = (out / "run.json").read_text()
    assert str(tmp_path) not in public
    assert str(hospital) not in public
    facts = json.loads(public)
    assert facts["finished"]
    assert facts["counts"]["images"] == 12
    assert set(facts["seconds"]) == {"list", "scan", "link", "develop", "write"}
