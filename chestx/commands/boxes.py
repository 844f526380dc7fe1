"""`chestx boxes`: the round of annotation."""

from pathlib import Path

import click

from chestx.commands.group import Commands
from chestx.commands.options import (
    EXISTING_PATH,
    FOLDER,
    classes_option,
    out_option,
    quiet_option,
    seed_option,
)
from chestx.commands.say import say


@click.group(cls=Commands)
def boxes() -> None:
    """Have radiologists draw boxes, and bring them back."""


@boxes.command("sample")
@click.argument("dataset", default="dataset", type=FOLDER)
@out_option("Folder for the tasks.", "annotation")
@click.option(
    "--per-class",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="Films for each class; 200 in Wang et al. 2017.",
)
@classes_option(
    "Classes to draw for.  [default: the eight of Wang et al. 2017 that the dataset has]"
)
@seed_option("Another one, other films.")
@quiet_option
def _sample(
    dataset: Path, out: Path, per_class: int, classes: list[str] | None, seed: int, quiet: bool
) -> None:
    """Draw films of DATASET on which radiologists are to draw boxes.

    Per class, films whose labels state it, one of a patient. Writes tasks.csv, the images, and
    the tasks for Label Studio and CVAT; README.md there says how to go on.

    \b
    Example:
      chestx boxes sample --per-class 200 --classes Mass,Nodule
    """
    from chestx.dataset.boxes.sample import sample_films

    summary = sample_films(dataset, out, per_class=per_class, classes=classes, seed=seed)
    if summary.short or not quiet:
        say(summary)


@boxes.command("import")
@click.argument("exports", nargs=-1, required=True, type=EXISTING_PATH)
@out_option("Folder for the boxes.", "boxes")
@click.option(
    "--dataset",
    type=FOLDER,
    default=Path("dataset"),
    show_default=True,
    help="The dataset whose images were drawn on.",
)
@click.option("--reader", metavar="NAME", help="Who drew the boxes of files that do not say so.")
@click.option(
    "--iou",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.5,
    show_default=True,
    help="Boxes of two readers are merged from this intersection over union on.",
)
@quiet_option
def _import(
    exports: tuple[Path, ...],
    out: Path,
    dataset: Path,
    reader: str | None,
    iou: float,
    quiet: bool,
) -> None:
    """Bring back what radiologists drew: EXPORTS of Label Studio or CVAT, XML, COCO or CSV.

    Readers get numbers, their boxes are compared and merged, and each lesion becomes an XML file
    for build-dataset. Later imports add to it. Only readers.csv has the readers' names.

    \b
    Example:
      chestx boxes import label-studio.json cvat.zip
    """
    from chestx.dataset.boxes.importing import import_boxes

    summary = import_boxes(exports, out, dataset=dataset, reader=reader, iou=iou)
    if summary.unmatched or not quiet:
        say(summary)
