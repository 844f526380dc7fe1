"""What models say of the films: `predictions.jsonl` of each evaluation."""

import json
import tomllib
from base64 import b64decode
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from chestx.errors import ChestxError
from chestx.gallery.spool import Spool, Spools
from chestx.gallery.studies import Bytes
from chestx.gallery.workspace import CONFIG, OF_RUN, PREDICTIONS

LEVELS = 254
"""Scores are listed as 1 to 255, 0 is for a film without one; the film itself shows all digits."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """A run by the name of its folder: `levels` [images, C], and what is drawn of each film.

    The bytes of a film are JSON: `[rows, columns]`, the scores in the order of the classes (null
    where the model does not know one), findings and heatmaps by the numbers of their classes.
    """

    name: str
    levels: Bytes
    films: Spool


def classes_of_runs(runs: Sequence[Path]) -> list[str]:
    """Return the classes of the first film of each run."""
    found: dict[str, None] = {}
    for run in runs:
        path = run / OF_RUN / PREDICTIONS
        if path.is_file():
            with path.open("rb") as lines:
                first = lines.readline()
            if first.strip():
                found.update(dict.fromkeys(_parsed(first, path)["scores"]))
    return list(found)


def frame_of_boxes(runs: Sequence[Path]) -> int:
    """Return `boxes_in` of the first run that was told it, 0 where none was."""
    for run in runs:
        with suppress(OSError, ValueError):
            settings = tomllib.loads((run / CONFIG).read_text("utf-8"))
            if isinstance(settings.get("boxes_in"), int) and settings["boxes_in"] > 0:
                return int(settings["boxes_in"])
    return 0


def read_predictions(
    run: Path, images: Sequence[str], classes: Sequence[str], spools: Spools
) -> Predictions | None:
    """Read the predictions of a run for these images; None where it has none."""
    path = run / OF_RUN / PREDICTIONS
    if not path.is_file():
        return None
    number_of = {image: i for i, image in enumerate(images)}
    at = {name: i for i, name in enumerate(classes)}
    levels = np.zeros((len(images), len(classes)), np.uint8)
    spool = Spool(spools, len(images))
    with path.open("rb") as lines:
        for line in lines:
            film = _parsed(line, path)
            number = number_of.get(film["image"])
            if number is None:
                continue
            try:
                levels[number], drawn = _film(film, at)
                data = json.dumps(drawn, separators=(",", ":"), allow_nan=False).encode()
            except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
                raise _damaged(path) from None
            spool.put(number, data)
    return Predictions(run.resolve().name, levels, spool)


def _film(film: Mapping[str, Any], at: Mapping[str, int]) -> tuple[Bytes, list[Any]]:
    levels = np.zeros(len(at), np.uint8)
    scores: list[float | None] = [None] * len(at)
    for name, score in film["scores"].items():
        if name in at:
            scores[at[name]] = round(float(score), 6)
            levels[at[name]] = 1 + round(LEVELS * min(max(float(score), 0.0), 1.0))
    findings = {
        at[name]: [_boxes(one.get("boxes", ())), _boxes(one.get("region") or ())]
        for name, one in film.get("findings", {}).items()
        if name in at
    }
    heatmaps = {
        at[name]: _heatmap(one) for name, one in film.get("heatmaps", {}).items() if name in at
    }
    return levels, [[int(film["rows"]), int(film["columns"])], scores, findings, heatmaps]


def _boxes(boxes: Sequence[Sequence[float]]) -> list[list[float]]:
    found = [[round(float(edge), 2) for edge in box] for box in boxes]
    if any(len(box) != 4 for box in found):
        raise ValueError("a box has four numbers")
    return found


def _heatmap(one: Mapping[str, Any]) -> list[Any]:
    side, values = int(one["side"]), str(one["values"])
    if len(b64decode(values, validate=True)) != side * side:
        raise ValueError("a heatmap is square")
    return [side, float(one["low"]), float(one["high"]), values]


def _parsed(line: bytes, path: Path) -> dict[str, Any]:
    try:
        film = json.loads(line)
        if isinstance(film["image"], str) and isinstance(film["scores"], dict):
            return dict(film)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise _damaged(path)


def _damaged(path: Path) -> ChestxError:
    return ChestxError(f"'{path}' is damaged: run chestx evaluate again")
