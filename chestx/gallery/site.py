"""Writes the data of the gallery: the index of all studies, and chunks of what is in them."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from chestx import __version__
from chestx.gallery.chunks import DATA, LISTED, STUDIES, packed, pieces, script, states
from chestx.gallery.films import SPLITS, Films
from chestx.gallery.mentions import text_and_mentions
from chestx.gallery.predictions import Predictions
from chestx.gallery.spool import Spool
from chestx.gallery.studies import Studies
from chestx.job.output import Output
from chestx.job.progress import Progress


@dataclass(frozen=True, slots=True)
class Contents:
    """All that is shown.

    `texts` and `mentions` are by study, `rules` have source and patterns. Boxes of the truth count
    in images whose edge is `frame` pixels, or in those of the dataset where it is 0.
    """

    label_set: str
    studies: Studies
    films: Films
    frame: int
    texts: Spool
    mentions: Spool
    rules: dict[str, list[str]]
    runs: tuple[Predictions, ...]

    def gallery_id(self) -> str:
        """Return what verdicts are kept under: the same as long as reports and labels are.

        Films without a report and classes of the dataset or a run alone come and go.
        """
        studies = self.studies
        labels = studies.labels[: studies.reports]
        mined = np.flatnonzero(labels.any(axis=0))
        digest = hashlib.blake2b(digest_size=8)
        for id, row in zip(studies.ids[: studies.reports], labels[:, mined], strict=True):
            digest.update(f"{len(id)}:{id}".encode("utf-8", "surrogatepass"))
            digest.update(row.tobytes())
        digest.update(json.dumps([studies.classes[at] for at in mined]).encode())
        return digest.hexdigest()


def write_data(output: Output, contents: Contents, bar: Progress) -> int:
    """Write `data/` anew and return how many reports have their text."""
    output.remove_subfolder(DATA)
    output.make_subfolder(DATA)
    _write(output, "about", about(contents))
    _write_index(output, contents)
    texts = 0
    for number, start, end in pieces(len(contents.studies.ids), STUDIES):
        rows = range(start, end)
        studies = [_study(contents, row) for row in rows]
        texts += sum(study[0] is not None for study in studies)
        _write(output, f"studies-{number}", studies)
        for index, run in enumerate(contents.runs):
            _write(output, f"run-{index}-{number}", _seen(contents.studies, run, rows))
        bar.add(len(rows))
    return texts


def about(contents: Contents) -> dict[str, Any]:
    """Return what the page must know before anything else."""
    studies = contents.studies
    return {
        "version": __version__,
        "gallery": contents.gallery_id(),
        "label_set": contents.label_set,
        "classes": studies.classes,
        "studies": len(studies.ids),
        "reports": studies.reports,
        "chunk": STUDIES,
        "pieces": len(pieces(len(studies.ids), LISTED)),
        "folders": contents.films.folders,
        "splits": SPLITS,
        "runs": [run.name for run in contents.runs],
        "rules": contents.rules,
        "truth": bool(studies.truth.any()),
        "frame": contents.frame,
        "boxes": bool(contents.films.boxed.any()),
    }


def _write_index(output: Output, contents: Contents) -> None:
    studies, films = contents.studies, contents.films
    coded = states(studies.labels, studies.truth, studies.per_study(films.boxed))
    levels = [studies.per_study(run.levels) for run in contents.runs]
    split = [int(films.splits[of[0]]) if of else 0 for of in studies.films]
    for number, start, end in pieces(len(studies.ids), LISTED):
        piece = {
            "ids": studies.ids[start:end],
            "images": [[studies.images[i] for i in of] for of in studies.films[start:end]],
            "splits": split[start:end],
            "states": packed(coded[start:end]),
            "levels": [packed(run[start:end]) for run in levels],
        }
        _write(output, f"index-{number}", piece)


def _study(contents: Contents, row: int) -> list[Any]:
    """Return text, mentions and films of a study."""
    texts, mentions = contents.texts, contents.mentions
    report = (
        text_and_mentions(texts.get(row), mentions.get(row))
        if row < contents.studies.reports
        else (None, [])
    )
    return [*report, [contents.films.facts[film] for film in contents.studies.films[row]]]


def _seen(studies: Studies, run: Predictions, rows: Iterable[int]) -> list[Any]:
    """Return what a model says of each film of each study."""
    return [
        [json.loads(run.films.get(film) or b"null") for film in studies.films[row]] for row in rows
    ]


def _write(output: Output, name: str, content: Any) -> None:
    """Write a script; the site is made again after a power cut, so none need outlive it."""
    with output.writing(f"{DATA}/{name}.js", durable=False) as file:
        file.write(script(name, content))
