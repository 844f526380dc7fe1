"""Writes what stands beside the images: tables, lists, boxes, description, crosswalk."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chestx import __version__
from chestx.dataset.boxes.nih_list import bbox_header, bbox_line
from chestx.dataset.boxes.place import BoxFilm, box_keys, place_boxes
from chestx.dataset.build.crosswalk import Row, write_crosswalk
from chestx.dataset.build.inputs import Inputs
from chestx.dataset.build.memory import Memory
from chestx.dataset.build.options import Options
from chestx.dataset.build.tables import (
    Image,
    manifest_text,
    uncertain_text,
    view_of,
)
from chestx.dataset.description.about import MANIFEST, UNCERTAIN
from chestx.dataset.description.facts import DatasetFacts
from chestx.dataset.description.write import CARD, CROISSANT, STATS, write_description
from chestx.dataset.labels import NO_FINDING
from chestx.dataset.nih.columns import BOX_LIST, DATA_ENTRY, LISTS
from chestx.dataset.nih.entries import data_entry_text
from chestx.dataset.splits import SPLITS, Split
from chestx.dataset.splits.lists import list_texts
from chestx.dataset.splits.split_file import apply_split_file
from chestx.dataset.splits.stratify import split_patients
from chestx.dataset.unmatched import Unmatched
from chestx.job.output import Output

NAME = "chest-x-rays"
FILES = (DATA_ENTRY, BOX_LIST, *LISTS.values(), MANIFEST, STATS, CARD, CROISSANT)


@dataclass(frozen=True)
class Contents:
    """What a dataset is made of; `how` tells by what reports were linked."""

    options: Options
    inputs: Inputs
    images: Sequence[Image]
    how: str
    rejected: int
    unmatched: Sequence[Unmatched]


def write_tables(
    dataset: Output, crosswalk: Output, memory: Memory, contents: Contents
) -> list[Unmatched]:
    """Write all but images and `run.json`; return what found no partner, boxes included."""
    options, images = contents.options, contents.images
    classes = contents.inputs.labels.classes
    boxes, lost = place_boxes(contents.inputs.boxes, _box_films(contents), classes)
    splits, unlisted = _splits(contents, memory)
    unmatched = [*contents.unmatched, *contents.inputs.faults, *lost, *unlisted]
    of_image = {image.name: splits[image.patient] for image in images}
    texts = {
        DATA_ENTRY: data_entry_text(image.entry for image in images),
        BOX_LIST: "".join([bbox_header(), *map(bbox_line, boxes)]),
        MANIFEST: manifest_text(images, options.fit),
        **list_texts(of_image),
    }
    if options.uncertain == "ignore":
        texts[UNCERTAIN] = uncertain_text(images)
    else:
        (dataset / UNCERTAIN).unlink(missing_ok=True)
    for name, text in texts.items():
        dataset.write(name, text.encode())
    by_split: dict[str, list[str]] = {split: [] for split in SPLITS}
    for name, split in of_image.items():
        by_split[split].append(name)
    write_description(
        dataset,
        _facts(contents, unmatched),
        [image.entry for image in images],
        boxes,
        by_split,
        [view_of(image) for image in images],
    )
    write_crosswalk(crosswalk, [_row(image, of_image[image.name]) for image in images])
    return unmatched


def _box_films(contents: Contents) -> dict[str, BoxFilm]:
    size = (contents.options.size, contents.options.size)
    return {
        image.name: BoxFilm(
            image=image.name,
            columns=image.developed.columns,
            rows=image.developed.rows,
            placement=image.developed.placement,
            size=size,
            present=frozenset(image.entry.finding_labels.split("|")),
            keys=box_keys(
                image.name, image.planned.film.sop_instance_uid, image.planned.film.source
            ),
        )
        for image in contents.images
    }


def _splits(contents: Contents, memory: Memory) -> tuple[dict[int, Split], list[Unmatched]]:
    """Return the split of each patient; who was in one before stays there."""
    options, inputs = contents.options, contents.inputs
    if inputs.split_file is not None:
        ids = {image.patient: image.planned.film.patient_id for image in contents.images}
        return apply_split_file(inputs.split_file, ids)
    split_by = f"{inputs.fractions} {options.seed}"
    counts, known = _counts(contents), memory.splits_by(split_by)
    splits = split_patients(counts, inputs.fractions, options.seed, known)
    memory.keep_splits(split_by, splits)
    return splits, []


def _counts(contents: Contents) -> Mapping[int, np.ndarray]:
    """Return, for each patient, the images with each class and none, and in the last column all."""
    counts: dict[int, np.ndarray] = {}
    names = (*contents.inputs.labels.classes, NO_FINDING)
    columns = {name: column for column, name in enumerate(names)}
    for image in contents.images:
        row = counts.setdefault(image.patient, np.zeros(len(columns) + 1, np.int64))
        row[-1] += 1
        for name in image.entry.finding_labels.split("|"):
            row[columns[name]] += 1
    return counts


def _facts(contents: Contents, unmatched: Sequence[Unmatched]) -> DatasetFacts:
    options, images = contents.options, contents.images
    lost = Counter(one.kind for one in unmatched)
    return DatasetFacts(
        name=NAME,
        classes=contents.inputs.labels.classes,
        size=options.size,
        fit=options.fit,
        bits=options.bits,
        uncertain=options.uncertain,
        views=options.views,
        split=options.public()["split"],
        link=contents.how,
        version=__version__,
        burned_in=Counter(image.planned.film.burned_in for image in images),
        windowing=Counter(image.developed.windowing.voi for image in images),
        unmatched_films=lost["film"],
        unmatched_reports=lost["report"],
        unmatched_boxes=lost["box"],
        rejected=contents.rejected,
        patients_by_study=len({image.patient for image in images if image.planned.by_study}),
    )


def _row(image: Image, split: Split) -> Row:
    film = image.planned.film
    return Row(
        image=image.name,
        patient=str(image.patient),
        split=split,
        source=film.source,
        sop_instance_uid=film.sop_instance_uid,
        study_instance_uid=film.study_instance_uid,
        accession_number=film.accession_number,
        patient_id=film.patient_id,
        issuer_of_patient_id=film.issuer,
        patient_from="study" if image.planned.by_study else "patient id",
        study_date=film.study_date,
        report_ids="|".join(image.planned.reports),
    )
