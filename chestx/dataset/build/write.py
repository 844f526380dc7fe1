"""Writes what stands beside the images: tables, lists, boxes, description, crosswalk."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chestx import __version__
from chestx.dataset.boxes.nih_list import bbox_header, bbox_line
from chestx.dataset.boxes.place import BoxFilm, PlacedBox, box_keys, place_boxes
from chestx.dataset.boxes.read import read_boxes
from chestx.dataset.build.crosswalk import Row, write_crosswalk
from chestx.dataset.build.options import Options
from chestx.dataset.build.tables import MANIFEST, UNCERTAIN, Image, manifest_text, uncertain_text
from chestx.dataset.description.facts import DatasetFacts
from chestx.dataset.description.write import CARD, CROISSANT, STATS, write_description
from chestx.dataset.identity.names import patient_of
from chestx.dataset.nih.columns import BOX_LIST, DATA_ENTRY, LISTS
from chestx.dataset.nih.entries import data_entry_text
from chestx.dataset.splits import SPLITS, Split
from chestx.dataset.splits.fractions import parse_fractions
from chestx.dataset.splits.lists import list_texts
from chestx.dataset.splits.split_file import apply_split_file, read_split_file
from chestx.dataset.splits.stratify import split_patients
from chestx.dataset.unmatched import Unmatched
from chestx.job.output import Output

NAME = "chest-x-rays"
FILES = (DATA_ENTRY, BOX_LIST, *LISTS.values(), MANIFEST, STATS, CARD, CROISSANT)


@dataclass(frozen=True)
class Contents:
    """What a dataset is made of; `how` tells by what reports were linked."""

    options: Options
    classes: tuple[str, ...]
    images: Sequence[Image]
    known: Sequence[Row]
    how: str
    rejected: int
    unmatched: Sequence[Unmatched]


def write_tables(dataset: Output, crosswalk: Output, contents: Contents) -> list[Unmatched]:
    """Write all but images and `run.json`; return what found no partner, boxes included.

    `crosswalk.csv` comes last: it is what a later run takes for given.
    """
    images = contents.images
    boxes, lost = _boxes(contents)
    splits, unlisted = _splits(contents)
    unmatched = [*contents.unmatched, *lost, *unlisted]
    of_image = {image.name: splits[image.patient] for image in images}
    texts = {
        DATA_ENTRY: data_entry_text(image.entry for image in images),
        BOX_LIST: "".join([bbox_header(), *map(bbox_line, boxes)]),
        MANIFEST: manifest_text(images, contents.options.fit),
        **list_texts(of_image),
    }
    if contents.options.uncertain == "ignore":
        texts[UNCERTAIN] = uncertain_text(images)
    for name, text in texts.items():
        dataset.write(name, text.encode())
    by_split: dict[str, list[str]] = {split: [] for split in SPLITS}
    for name, split in of_image.items():
        by_split[split].append(name)
    entries = [image.entry for image in images]
    write_description(dataset, _facts(contents, unmatched), entries, boxes, by_split)
    write_crosswalk(crosswalk, [_row(image, of_image[image.name]) for image in images])
    return unmatched


def _boxes(contents: Contents) -> tuple[list[PlacedBox], list[Unmatched]]:
    options = contents.options
    if options.boxes is None:
        return [], []
    boxes, faults = read_boxes(options.boxes)
    placed, lost = place_boxes(boxes, _box_films(contents), contents.classes)
    return placed, [*faults, *lost]


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


def _splits(contents: Contents) -> tuple[dict[int, Split], list[Unmatched]]:
    """Return the split of each patient; who was in one before stays there."""
    counts = _counts(contents)
    options = contents.options
    known = {patient_of(row.image): row.split for row in contents.known}
    if options.split_file is not None:
        ids = {image.patient: image.planned.film.patient_id for image in contents.images}
        return apply_split_file(read_split_file(options.split_file), ids)
    return split_patients(counts, parse_fractions(options.split), options.seed, known), []


def _counts(contents: Contents) -> Mapping[int, np.ndarray]:
    """Return, for each patient, the images with each class, and in the last column all."""
    counts: dict[int, np.ndarray] = {}
    columns = {name: column for column, name in enumerate(contents.classes)}
    for image in contents.images:
        row = counts.setdefault(image.patient, np.zeros(len(columns) + 1, np.int64))
        row[-1] += 1
        for name in image.entry.finding_labels.split("|"):
            if name in columns:
                row[columns[name]] += 1
    return counts


def _facts(contents: Contents, unmatched: Sequence[Unmatched]) -> DatasetFacts:
    options, images = contents.options, contents.images
    lost = Counter(one.kind for one in unmatched)
    return DatasetFacts(
        name=NAME,
        classes=contents.classes,
        size=options.size,
        fit=options.fit,
        bits=options.bits,
        uncertain=options.uncertain,
        views=options.views,
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
