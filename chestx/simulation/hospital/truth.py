"""The truth of the simulated studies, as tables and pictures beside them."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from chestx.dataset.films.png import encode_png
from chestx.dataset.nih.columns import CLASSES
from chestx.job.csv_line import csv_line
from chestx.simulation.hospital.readout import Readout
from chestx.simulation.hospital.studies import Film, Study
from chestx.simulation.study import LesionBox

TRUTH, FILMS, README = "truth", "films", "README.md"
LABELS, FINDINGS, BOXES, LINKS = "labels.csv", "findings.csv", "boxes.csv", "links.csv"
EDGE = 256
"""Rows and columns of the pictures."""

HEADERS: Mapping[str, tuple[str, ...]] = {
    LABELS: ("report_id", *CLASSES),
    FINDINGS: ("report_id", "label", "side", "zone", "extent", "number"),
    BOXES: ("sop_instance_uid", "label", "x", "y", "width", "height", "drawn"),
    LINKS: ("sop_instance_uid", "report_id", "view", "source", "rows", "columns"),
}

TEXT = """\
# The truth of simulated studies

Everything here is made up by `chestx simulate`: patients, films, reports. No medical use.

| file | a row is | columns |
|---|---|---|
| `labels.csv` | a report | what it says of each class: 1 present, -1 uncertain, 0 negated, empty \
for not mentioned; a gold for `chestx evaluate-labels --gold` |
| `findings.csv` | a finding on the films of a report | class, side of the patient, zone of the \
lung, extent from 0 to 1, number of lesions; it may be missing in the report, or hedged there |
| `boxes.csv` | a lesion on a film | left and upper edge, width and height in pixels of the film; \
`drawn` is 1 where a radiologist drew it, so that a file in `boxes/` has it |
| `links.csv` | a film | its report, its view, its path below `dicom/`, its size |
| `films/UID.png` | a film | its brightness, averaged over the areas of 256 x 256 pixels; 0 is \
black |

Files below `dicom/` that are not in `links.csv` are no films: a CT, a file that broke off.
"""


def lines_of(study: Study, states: Mapping[str, int]) -> dict[str, list[str]]:
    """Return the lines of a study that are not about single films, by table."""
    said = (str(states.get(name, "")) for name in CLASSES)
    found = (
        (study.accession, f.label, f.side, f.zone, f"{f.extent:g}", str(f.number))
        for f in study.visit.findings
    )
    return {
        LABELS: [csv_line([study.accession, *said])],
        FINDINGS: [csv_line(fields) for fields in found],
    }


def box_lines(film: Film, boxes: Iterable[tuple[LesionBox, bool]]) -> list[str]:
    """Return the lines of boxes, each with whether a reader has drawn it."""
    return [
        csv_line([film.uid, box.label, *(f"{edge:.2f}" for edge in box[1:]), str(int(drawn))])
        for box, drawn in boxes
    ]


def link_line(study: Study, film: Film, readout: Readout) -> str:
    """Return the line of a film."""
    size = map(str, readout.brightness.shape)
    return csv_line([film.uid, study.accession, film.view, film.source, *size])


def picture(readout: Readout) -> bytes:
    """Return the PNG of what the film shows."""
    import cv2

    brightness: Any = cv2.resize(readout.brightness, (EDGE, EDGE), interpolation=cv2.INTER_AREA)
    return encode_png(np.rint(brightness.clip(0, 1) * 255).astype(np.uint8))
