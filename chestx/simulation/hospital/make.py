"""The files of one study, made by a worker: a study is finished when its part is written."""

import json
from functools import lru_cache
from pathlib import Path

from chestx.job.output import Output
from chestx.simulation.film.body import Body, make_body
from chestx.simulation.film.draw import draw_film
from chestx.simulation.hospital.box_files import box_files, drawn_by_reader
from chestx.simulation.hospital.dicom import dicom_file
from chestx.simulation.hospital.foreign import foreign_files
from chestx.simulation.hospital.readout import read_out
from chestx.simulation.hospital.studies import DICOM, Film, Study
from chestx.simulation.hospital.truth import (
    BOXES,
    FILMS,
    LINKS,
    TRUTH,
    box_lines,
    lines_of,
    link_line,
    picture,
)
from chestx.simulation.report.write import write_report
from chestx.simulation.study import DrawnFilm, Sex, SimulatedReport

PARTS = ".parts"


class StudyMaker:
    """Makes studies in the folder `workspace`."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace

    def warm_up(self) -> None:
        """Import what the workers are to share."""
        import cv2
        import imagecodecs  # noqa: F401

        cv2.setNumThreads(1)

    def __call__(self, study: Study) -> None:
        """Write all files of a study, its lines of the tables last."""
        report = report_of(study)
        lines = lines_of(study, report.states) | {BOXES: [], LINKS: []}
        self._write(study.report, report.text.encode())
        for film in study.films:
            readout = read_out(_drawn(study, film), study.station)
            drawn = [
                (box, study.is_boxed and drawn_by_reader(film, box, report.states))
                for box in readout.boxes
            ]
            files = [
                (f"{DICOM}/{film.source}", dicom_file(study, film, readout)),
                (f"{TRUTH}/{FILMS}/{film.uid}.png", picture(readout)),
                *box_files(film, readout, [box for box, by_reader in drawn if by_reader]),
            ]
            if film.place == 1:
                files += ((f"{DICOM}/{at}", file) for at, file in foreign_files(study, readout))
            for path, content in files:
                self._write(path, content)
            lines[BOXES] += box_lines(film, drawn)
            lines[LINKS].append(link_line(study, film, readout))
        self._write(part_of(study), json.dumps(lines).encode())

    def _write(self, path: str, content: bytes) -> None:
        output = Output(self.workspace)
        with output.told_plainly():
            (self.workspace / path).parent.mkdir(parents=True, exist_ok=True)
        with output.writing(path, durable=False) as file:
            file.write(content)


def report_of(study: Study) -> SimulatedReport:
    """Return the report of a study."""
    return write_report(
        study.visit.findings,
        view=study.visit.frontal,
        sex=study.patient.sex,
        age=study.age,
        previous=study.previous,
        seed=study.report_seed,
    )


def part_of(study: Study) -> str:
    """Return the path of the study's lines of the tables, in the workspace."""
    return f"{TRUTH}/{PARTS}/{study.number:08d}.json"


def _drawn(study: Study, film: Film) -> DrawnFilm:
    patient = study.patient
    body = _body(study.body_seed, patient.sex, patient.age_on(patient.visits[0].day))
    return draw_film(
        body,
        study.visit.findings,
        view=film.view,
        rows=film.rows,
        columns=film.columns,
        seed=film.seed,
    )


@lru_cache(maxsize=4)
def _body(seed: int, sex: Sex, age: int) -> Body:
    """Return a patient's chest, which is the same at all visits."""
    return make_body(seed=seed, sex=sex, age=age)
