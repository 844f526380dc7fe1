"""Simulated studies: the same for the same seed, read as they were meant, scored by their truth."""

import csv
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pydicom
import pytest
from click.testing import CliRunner, Result

from chestx.cli import main
from chestx.dataset import read_xray
from chestx.errors import ChestxError
from chestx.simulation.hospital.dicom import dicom_file
from chestx.simulation.hospital.names import GIVEN, SURNAMES
from chestx.simulation.hospital.readout import read_out
from chestx.simulation.hospital.simulate import simulate
from chestx.simulation.hospital.stations import STATIONS, Station
from chestx.simulation.hospital.studies import Study, studies
from chestx.simulation.scoring.score import score_workspace
from chestx.simulation.study import DrawnFilm, LesionBox

SIZE = 336
STUDIES = 30


def digests(folder: Path) -> dict[str, str]:
    """Return a digest of each file but `run.json` and the lock."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in ("run.json", ".lock")
    }


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hospital")
    simulate(folder, number=STUDIES, tallest=SIZE, workers=1, quiet=True)
    return folder


def test_workers_and_a_kill_change_no_byte(hospital: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "chestx.cli", "simulate", str(tmp_path), "--quiet"]
    command += ["--studies", str(STUDIES), "--size", str(SIZE), "--workers", "2"]
    run = subprocess.Popen(command, start_new_session=True)
    parts = tmp_path / "truth" / ".parts"
    while run.poll() is None and len(list(parts.glob("*.json"))) < 5:
        time.sleep(0.005)
    assert run.poll() is None
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    finished = {path: path.stat().st_mtime_ns for path in parts.glob("*.json")}
    films = {path: path.stat().st_mtime_ns for path in (tmp_path / "truth/films").glob("*.png")}
    assert 5 <= len(finished) < STUDIES
    again = CliRunner().invoke(main, ["simulate", str(tmp_path), *command[6:]])
    assert again.exit_code == 0, again.output
    assert f"{STUDIES - len(finished)} studies simulated" in again.output
    kept = [path for path, at in films.items() if path.stat().st_mtime_ns == at]
    assert len(kept) >= len(finished)
    assert digests(tmp_path) == digests(hospital)


def test_more_studies_leave_the_first_as_they_are(hospital: Path, tmp_path: Path) -> None:
    few = tmp_path / "few"
    simulate(few, number=9, tallest=SIZE, workers=1, quiet=True)
    first = digests(few)
    tables = {name for name in first if name.startswith("truth/") and name.endswith(".csv")}
    starts = {name: (few / name).read_bytes() for name in tables}
    assert simulate(few, number=STUDIES, tallest=SIZE, workers=1, quiet=True).made == STUDIES - 9
    after = digests(few)
    assert after == digests(hospital)
    assert all(after[name] == digest for name, digest in first.items() if name not in tables)
    assert all((few / name).read_bytes().startswith(start) for name, start in starts.items())


def test_boxes_of_a_share_of_the_studies(hospital: Path, tmp_path: Path) -> None:
    simulate(tmp_path, number=STUDIES // 2, tallest=SIZE, boxed=0.4, workers=1, quiet=True)
    some = rows(tmp_path / "truth" / "boxes.csv")
    every = rows(hospital / "truth" / "boxes.csv")[: len(some)]
    assert [{**box, "drawn": ""} for box in some] == [{**box, "drawn": ""} for box in every]
    drawn = sum(box["drawn"] == "1" for box in some)
    assert 0 < drawn < sum(box["drawn"] == "1" for box in every)
    assert len(list((tmp_path / "boxes").iterdir())) == drawn
    share = sum(study.is_boxed for study in studies(0, 1000, SIZE, 0.4)) / 1000
    assert 0.35 < share < 0.45


def test_files_of_others_and_other_options_are_refused(hospital: Path, tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "mine.txt").write_text("No pneumothorax.")
    with pytest.raises(ChestxError, match="not made by chestx simulate"):
        simulate(tmp_path, number=1, tallest=SIZE, quiet=True)
    copy = tmp_path / "copy"
    shutil.copytree(hospital, copy)
    with pytest.raises(ChestxError, match="--no-resume"):
        simulate(copy, number=STUDIES, tallest=SIZE, seed=1, quiet=True)
    with pytest.raises(ChestxError, match="more studies"):
        simulate(copy, number=2, tallest=SIZE, quiet=True)
    (copy / "truth" / "boxes.csv").unlink()
    with pytest.raises(ChestxError, match="was changed"):
        simulate(copy, number=STUDIES, tallest=SIZE, quiet=True)
    simulate(copy, number=2, tallest=SIZE, seed=1, resume=False, quiet=True)
    fresh = tmp_path / "fresh"
    simulate(fresh, number=2, tallest=SIZE, seed=1, quiet=True)
    assert digests(copy) == digests(fresh)


@pytest.mark.parametrize("station", STATIONS, ids=lambda station: station.name)
def test_a_station_stores_what_was_drawn(station: Station, tmp_path: Path) -> None:
    number = STATIONS.index(station)
    study = next(s for s in studies(0, 4 * len(STATIONS), SIZE) if s.station == station)
    y, x = np.mgrid[0 : 1 : SIZE * 1j, 0 : 1 : 256 * 1j]
    waves = (0.5 + 0.5 * np.sin(6 * x + 4 * y + number)).astype(np.float32)
    readout = read_out(DrawnFilm(waves, (LesionBox("Mass", 3, 4, 50, 60),)), station)
    path = tmp_path / "film"
    path.write_bytes(dicom_file(study, replace(study.films[0], view="AP"), readout))
    film = read_xray(path)
    off = film.pixels - 255 * readout.brightness.astype(np.float64)
    limit = 4.0 if station.syntax.name.startswith("JPEG Baseline") else 1.0
    assert np.abs(off).max() <= limit
    assert abs(off.mean()) < 0.3
    assert (film.view.kind, film.view.position) == ("frontal", "AP")
    header = pydicom.dcmread(path)
    assert header.file_meta.TransferSyntaxUID == station.syntax
    assert (header.BitsStored, header.PixelRepresentation) == (station.bits, station.signed)
    assert str(header.PatientName) == study.patient.name
    left, top = (readout.boxes[0].x - 3, readout.boxes[0].y - 4)
    shown = readout.brightness[round(top) : round(top) + SIZE, round(left) : round(left) + 256]
    assert (
        np.abs(shown - waves).max() < 1 if station.voi == "NONE" else np.array_equal(shown, waves)
    )


def test_stations_have_all_that_archives_have() -> None:
    assert len({station.syntax for station in STATIONS}) == 8
    assert {station.bits for station in STATIONS} == {8, 10, 12, 14, 16}
    for value in ("modality", "inverted", "signed", "voi", "view_said", "burned_in"):
        assert len({getattr(station, value) for station in STATIONS}) > 1
    assert all(not s.signed and s.voi != "NONE" for s in STATIONS if s.modality == "DX")
    used = {study.station for study in studies(0, STUDIES, SIZE)}
    assert used == set(STATIONS)


@pytest.mark.skipif(shutil.which("dcmj2pnm") is None, reason="DCMTK is not installed")
def test_dcmtk_shows_the_same(hospital: Path, tmp_path: Path) -> None:
    compared = 0
    for film in rows(hospital / "truth" / "links.csv"):
        path = hospital / "dicom" / film["source"]
        header = pydicom.dcmread(path, stop_before_pixels=True)
        ls = header.file_meta.TransferSyntaxUID.name.startswith("JPEG-LS")
        if header.file_meta.TransferSyntaxUID.name.startswith("JPEG 2000"):
            continue
        if "WindowCenter" not in header:
            continue
        shown = tmp_path / "shown.pgm"
        program = "dcml2pnm" if ls else "dcmj2pnm"
        subprocess.run([program, "+Wi", "1", "+op", str(path), str(shown)], check=True)
        theirs = cv2.imread(str(shown), cv2.IMREAD_GRAYSCALE).astype(int)
        assert np.abs(theirs - read_xray(path).pixels).max() <= 1
        compared += 1
    assert compared >= 8


def test_the_day_of_a_user(hospital: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(hospital, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    run("mine-labels", "reports/", "--quiet")
    run("build-dataset", "--size", "256", "--workers", "2")
    score = score_workspace()
    assert score.reports == STUDIES
    assert score.micro_f1 >= 0.9
    assert score.links.films >= STUDIES
    assert score.links.right == score.links.films
    assert score.links.wrong == 0
    assert score.images.images == score.links.films
    assert score.images.most <= 1
    assert score.images.largest <= 4
    assert score.boxes.strange == 0
    mined = {row["report_id"]: row for row in rows(tmp_path / "labels" / "labels.csv")}
    report_of = {
        row["sop_instance_uid"]: row["report_id"] for row in rows(tmp_path / "truth/links.csv")
    }
    drawn = [row for row in rows(tmp_path / "truth" / "boxes.csv") if row["drawn"] == "1"]
    fit = [box for box in drawn if mined[report_of[box["sop_instance_uid"]]][box["label"]] == "1"]
    assert score.boxes.placed == len(fit) > 0
    reasons = {row["reason"] for row in rows(tmp_path / "crosswalk" / "rejected.csv")}
    assert any("(CT)" in reason for reason in reasons)
    assert any("truncated" in reason for reason in reasons)
    assert any("lateral" in reason for reason in reasons)
    assert len(score.rows()) == 8
    assert_unnamed(tmp_path / "dataset", studies(0, STUDIES, SIZE))


def assert_unnamed(dataset: Path, known: list[Study]) -> None:
    """Look for all that names a patient or a visit, in every way that DICOM writes it."""
    secrets = {part for study in known for part in study.patient.name.split("^")}
    secrets |= {film.uid for study in known for film in study.films}
    for study in known:
        secrets |= {study.accession, study.patient.id, study.uid, f"{study.visit.day:%Y%m%d}"}
    sought = {s.encode(c, "ignore") for s in secrets for c in ("utf-8", "latin-1")}
    files = [path for path in dataset.rglob("*") if path.is_file()]
    assert len(files) > len(known)
    for path in files:
        content = path.read_bytes()
        if path.suffix == ".png" and path.parent.name == "images":
            content = content[:64] + content[-64:]  # what is between is compressed pixels
        assert not [secret for secret in sought if len(secret) > 3 and secret in content], path.name


def test_names_are_planted_where_they_should_not_be(hospital: Path) -> None:
    places = set()
    for film in rows(hospital / "truth" / "links.csv"):
        header = pydicom.dcmread(hospital / "dicom" / film["source"], stop_before_pixels=True)
        surname = header.PatientName.family_name
        assert surname in SURNAMES
        places |= {element.tag for element in header if surname in str(element.value)}
    assert len(places) == 5


def run(*words: str) -> Result:
    done = CliRunner().invoke(main, [*words])
    assert done.exit_code == 0, done.output
    return done


def test_names_are_told_apart_from_words() -> None:
    assert all(len(name) >= 5 for name in SURNAMES)
    assert len(set(SURNAMES)) == len(SURNAMES) > 40
    assert min(map(len, GIVEN.values())) >= 15


def test_findings_are_as_common_as_they_should_be() -> None:
    many = studies(0, 3000, SIZE)
    without = sum(not study.visit.findings for study in many) / len(many)
    assert 0.33 < without < 0.42
    for seed in range(3):
        found = {f.label for study in studies(seed, 400, SIZE) for f in study.visit.findings}
        assert len(found) == 14
