"""A workspace of any size for the gallery: no report of it was mined, no film developed."""

import base64
import json
import os
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from chestx.dataset.nih.columns import BOX_HEADER, CLASSES, ENTRY_HEADER
from chestx.job.csv_line import csv_line

PHRASES = {1: "There is {}.", 0: "No evidence of {}.", -1: "Possible {}."}
STATUS = {1: "present", 0: "negated", -1: "uncertain"}
RULE, EVIDENCE = {1: "", 0: "negated.no-evidence", -1: "possible.adjective"}, "{} <prep_of evidence"
SIDE, PIXELS = 16, 256
LINKS = 10_000
"""One file has so many names, more than which no file system must give it."""
FRAME = "The bones and soft tissues are unremarkable. "


def write_workspace(folder: Path, studies: int, *, seed: int = 0) -> None:
    """Write labels/, reports/, dataset/, crosswalk/ and runs/mil of so many studies."""
    chance = random.Random(seed)
    for name in ("labels", "reports", "dataset/images", "crosswalk", "runs/mil/evaluation"):
        (folder / name).mkdir(parents=True)
    shade = np.add.outer(np.arange(PIXELS), np.arange(PIXELS)) // 2
    picture = Image.fromarray(shade.astype(np.uint8))
    columns: dict[str, list[object]] = {name: [] for name in _MENTION}
    with (
        (folder / "labels" / "labels.csv").open("w") as labels,
        (folder / "reports" / "reports.jsonl").open("w") as reports,
        (folder / "dataset" / "Data_Entry_2017.csv").open("w") as entries,
        (folder / "dataset" / "BBox_List_2017.csv").open("w") as boxes,
        (folder / "crosswalk" / "crosswalk.csv").open("w") as crosswalk,
        (folder / "runs/mil/evaluation/predictions.jsonl").open("w") as predictions,
    ):
        labels.write(csv_line(["report_id", "Finding Labels", "Normal", *CLASSES]))
        entries.write(csv_line(ENTRY_HEADER))
        boxes.write(csv_line(BOX_HEADER))
        crosswalk.write("image,report_ids\n")
        for number in range(studies):
            id, image = f"ACC{number:08d}", f"{1 + number // 4:08d}_{number % 4:03d}.png"
            states = {n: chance.choice([1, 0, 0, -1]) for n in CLASSES if chance.random() < 0.4}
            found = "|".join(n for n in states if states[n] == 1) or "No Finding"
            cells = [str(states.get(name, "")) for name in CLASSES]
            labels.write(csv_line([id, found, "0", *cells]))
            text = _report(id, states, columns)
            reports.write(json.dumps({"report_id": id, "text": text}) + "\n")
            facts = [str(number % 4), str(1 + number // 4), "50", "FM"[number % 2], "PA"]
            entries.write(csv_line([image, found, *facts, "2000", "2400", "0.14", "0.14"]))
            if number % 10 == 0:
                boxes.write(csv_line([image, CLASSES[number % 8], "40", "60", "90", "70"]))
            crosswalk.write(f"{image},{id}\n")
            predictions.write(json.dumps(_seen(image, number, chance)) + "\n")
            path = folder / "dataset" / "images" / image
            if number % LINKS == 0:
                film = path
                picture.save(film)
            else:
                os.link(film, path)
    pq.write_table(pa.table(columns), folder / "labels" / "mentions.parquet")


_MENTION = (
    "report_id", "section", "start", "end", "text", "label", "concept", "status", "certainty",
    "rule", "evidence",
)  # fmt: skip


def _report(id: str, states: dict[str, int], columns: dict[str, list[object]]) -> str:
    """Return the text, its mentions added to the columns."""
    text = "FINDINGS: "
    for name, state in states.items():
        words = name.lower().replace("_", " ")
        start = len(text) + PHRASES[state].index("{")
        text += PHRASES[state].format(words) + " " + FRAME
        row = (
            id, "findings", start, start + len(words), words, name, name, STATUS[state],
            "possible" if state < 0 else "definite", RULE[state], EVIDENCE.format(words),
        )  # fmt: skip
        for key, cell in zip(_MENTION, row, strict=True):
            columns[key].append(cell)
    return text


def _seen(image: str, number: int, chance: random.Random) -> dict[str, object]:
    name = CLASSES[number % 8]
    values = base64.b64encode(chance.randbytes(SIDE * SIDE)).decode()
    heatmap = {"side": SIDE, "low": 0.0, "high": 1.0, "values": values}
    return {
        "image": image, "rows": PIXELS, "columns": PIXELS,
        "scores": {one: round(chance.random(), 6) for one in CLASSES},
        "findings": {name: {"boxes": [[50, 60, 80, 70]]}},
        "heatmaps": {name: heatmap},
    }  # fmt: skip
