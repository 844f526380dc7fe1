"""A made-up workspace: mined reports, a dataset with boxes, an evaluated model, the truth."""

import base64
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from hospital import CLASSES, write_labels
from PIL import Image

from chestx.dataset.entry import Entry
from chestx.dataset.nih.columns import BOX_HEADER
from chestx.dataset.nih.entries import data_entry_text
from chestx.job.csv_line import csv_line
from chestx.labeler.batch.mine import mine_labels

FINDINGS = {
    "Effusion": ("Small left effusion.", "No pleural effusion.", "Possible small effusion."),
    "Cardiomegaly": ("Enlarged heart.", "No cardiomegaly.", "Cardiomegaly cannot be excluded."),
    "Pneumothorax": ("Apical pneumothorax.", "No pneumothorax.", "Questionable pneumothorax."),
    "Nodule": ("Nodule in the right apex.", "No nodule.", "A nodule may be present."),
    "Pneumonia": ("Pneumonia.", "No evidence of pneumonia.", "May represent pneumonia."),
    "Atelectasis": ("Atelectasis.", "Without atelectasis.", "Possible atelectasis at the base."),
}
"""Present, negated, uncertain."""
NASTY = (
    "FINDINGS: <script>fail()</script> effusion is present. </script><img src=x onerror=fail()>",
    'IMPRESSION: "so" \\ pneumothorax\u2028no effusion\u2029 &lt;b&gt; \U0001fac1 cardiomegaly.',
    "IMPRESSION: No acute disease. " + "The bones are intact. " * 4000 + "Pneumothorax.",
)
SIDE = 8


def report_text(chance: np.random.Generator) -> str:
    said = [
        FINDINGS[name][int(chance.choice(3, p=[0.3, 0.5, 0.2]))]
        for name in FINDINGS
        if chance.random() < 0.8
    ]
    half = (len(said) + 1) // 2
    findings, impression = " ".join(said), " ".join(said[:half])
    return f"FINDINGS: {findings}\nBony thorax is normal.\n\nIMPRESSION: {impression}\n"


def plain_film(number: int) -> np.ndarray:
    return np.full((64, 48), 40 + number % 60, np.uint8) + np.arange(48, dtype=np.uint8)


def write_workspace(
    folder: Path,
    studies: int = 8,
    *,
    nasty: Sequence[str] = NASTY,
    film: Callable[[int], np.ndarray] = plain_film,
    seed: int = 0,
) -> list[str]:
    """Write reports/, labels/, dataset/, crosswalk/, truth/ and runs/mil; return the reports' ids.

    The last reports are the `nasty` ones, with ids as nasty. The first study has two films, and
    the last image has no report.
    """
    chance = np.random.default_rng(seed)
    texts = {f"ACC{number:05d}": report_text(chance) for number in range(studies)}
    texts |= {f"<img src=x onerror=fail()>'\"{number}": text for number, text in enumerate(nasty)}
    write_reports(folder, texts)
    (folder / "labels").parent.mkdir(exist_ok=True)
    mine_labels([folder / "reports"], folder / "labels", workers=1, quiet=True)
    ids = list(texts)
    images = [f"{1 + number // 2:08d}_{number % 2:03d}.png" for number in range(len(ids) + 2)]
    report_of = dict(zip(images, [ids[0], *ids, ""], strict=True))
    write_dataset(folder, images, film, chance)
    lines = [csv_line(["image", "report_ids"])]
    lines += [csv_line([image, report]) for image, report in report_of.items()]
    (folder / "crosswalk").mkdir()
    (folder / "crosswalk" / "crosswalk.csv").write_text("".join(lines), "utf-8")
    truth = {id: {name: int(chance.choice([0, 1])) for name in FINDINGS} for id in ids[:-1]}
    write_labels(folder / "truth" / "labels.csv", truth)
    write_run(folder / "runs" / "mil", images, chance)
    return ids


def write_reports(folder: Path, texts: dict[str, str]) -> None:
    (folder / "reports").mkdir(parents=True)
    lines = (json.dumps({"report_id": id, "text": text}) + "\n" for id, text in texts.items())
    (folder / "reports" / "reports.jsonl").write_text("".join(lines), "utf-8")


def write_dataset(
    folder: Path,
    images: Sequence[str],
    film: Callable[[int], np.ndarray] = plain_film,
    chance: np.random.Generator | None = None,
) -> None:
    chance = chance or np.random.default_rng(0)
    data = folder / "dataset"
    (data / "images").mkdir(parents=True)
    entries, boxes = [], [csv_line(BOX_HEADER)]
    for number, image in enumerate(images):
        pixels = film(number)
        Image.fromarray(pixels).save(data / "images" / image)
        rows, columns = pixels.shape
        name = CLASSES[number % 8]
        patient, follow_up = image.removesuffix(".png").split("_")
        entries.append(
            Entry(image, name, int(follow_up), int(patient), 40 + number % 50, "FM"[number % 2],
                  ("PA", "AP")[number % 3 == 0], 2000, 2400, (0.14, 0.14))
        )  # fmt: skip
        if number % 2 == 0:
            x, y = chance.uniform(0.1, 0.5, 2) * (columns, rows)
            box = (x, y, columns * 0.3, rows * 0.25)
            boxes.append(csv_line([image, name, *(f"{edge:.2f}" for edge in box)]))
    (data / "Data_Entry_2017.csv").write_text(data_entry_text(entries), "utf-8")
    (data / "BBox_List_2017.csv").write_text("".join(boxes), "utf-8")
    half = len(images) // 2 // 2 * 2
    (data / "train_val_list.txt").write_text("\n".join(images[:half]))
    (data / "train_list.txt").write_text("\n".join(images[:half]))
    (data / "test_list.txt").write_text("\n".join(images[half:]))


def write_run(run: Path, images: Sequence[str], chance: np.random.Generator) -> None:
    folder = run / "evaluation"
    folder.mkdir(parents=True)
    with (folder / "predictions.jsonl").open("w") as file:
        for number, image in enumerate(images):
            file.write(json.dumps(prediction(image, CLASSES[number % 8], chance)) + "\n")
    auc = {"value": 0.81, "low": 0.74, "high": 0.88, "n_pos": 5, "n_neg": 6, "value_200": 0.8}
    hits = {"0.1": {name: {"accuracy": 0.6, "afp": None, "n": 3} for name in CLASSES[:8]}}
    metrics = {
        "split": "test", "n_images": len(images), "n_patients": 6, "n_boxes": 6,
        "auc": dict.fromkeys(CLASSES, auc), "mean_auc": 0.8, "mean_auc_low": 0.7,
        "mean_auc_high": 0.9, "mean_auc_200": 0.8,
        "localization": {"kind": "regions", "iou": hits, "iobb": hits, "grid_ceiling": {}},
    }  # fmt: skip
    (folder / "metrics.json").write_text(json.dumps(metrics))
    Image.new("L", (64, 64), 255).save(folder / "roc.png")


def prediction(image: str, name: str, chance: np.random.Generator) -> dict[str, object]:
    """Return a line of predictions.jsonl as `chestx evaluate` writes it; films are 1000 squared."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    at = chance.uniform(2, 5, 2)
    heat = np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / 6)
    values = np.rint(255 * heat / heat.max()).astype(np.uint8)
    packed = base64.b64encode(values.tobytes()).decode()
    cell = 1000 / SIDE
    region = [
        [round(cell * edge, 2) for edge in (hot[0], row, len(hot), 1)]
        for row in range(SIDE)
        if len(hot := np.flatnonzero(values[row] > 150))
    ]
    box = [cell * (at[0] - 1), cell * (at[1] - 1), 3 * cell, 3 * cell]
    return {
        "image": image, "rows": 1000, "columns": 1000,
        "scores": {one: round(float(chance.uniform(0.01, 0.99)), 6) for one in CLASSES},
        "findings": {name: {"boxes": [[round(float(edge), 2) for edge in box]], "region": region}},
        "heatmaps": {
            name: {"side": SIDE, "low": 0.0, "high": 0.93, "values": packed},
        },
    }  # fmt: skip
