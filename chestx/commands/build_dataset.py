"""`chestx build-dataset`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chestx.commands.group import Resumable
from chestx.commands.options import (
    ANY_PATH,
    EXISTING_FILE,
    EXISTING_PATH,
    out_option,
    quiet_option,
    resume_option,
    seed_option,
    workers_option,
)
from chestx.commands.say import say

if TYPE_CHECKING:
    from chestx.dataset.build.options import Way


@click.command(cls=Resumable)
@click.option(
    "--images",
    metavar="DIR",
    type=ANY_PATH,
    default=Path("dicom"),
    show_default=True,
    help="Folder of the films: DICOM, PNG or JPEG.",
)
@click.option(
    "--labels",
    metavar="FILE",
    type=ANY_PATH,
    default=Path("labels/labels.csv"),
    show_default=True,
    help="The labels that mine-labels wrote.",
)
@click.option(
    "--boxes",
    metavar="PATH",
    type=EXISTING_PATH,
    help="Boxes of radiologists: a folder of XML files, a CSV or COCO JSON."
    "  [default: boxes/ if it is there]",
)
@click.option(
    "--link",
    metavar="accession|study|patient-date|FILE",
    help="What a report's id is, or a table that says which films it is of."
    "  [default: what links most reports]",
)
@click.option(
    "--size",
    type=click.IntRange(min=16, max=8192),
    default=1024,
    show_default=True,
    help="Width and height of the images.",
)
@click.option(
    "--fit",
    type=click.Choice(["squash", "pad"]),
    default="squash",
    show_default=True,
    help="Make films square by squashing, as the paper did, or by black bars.",
)
@click.option(
    "--views",
    type=click.Choice(["frontal", "all"]),
    default="frontal",
    show_default=True,
    help="Which films to take; one whose view is not known is taken and flagged.",
)
@click.option(
    "--bits",
    type=click.Choice(["8", "16"]),
    default="8",
    show_default=True,
    help="Bits of a pixel of the images.",
)
@click.option(
    "--split",
    metavar="TRAIN,VAL,TEST",
    default="70,10,20",
    show_default=True,
    help="Shares of the patients, stratified by class.",
)
@seed_option("Of the split.")
@click.option(
    "--split-file",
    metavar="FILE",
    type=EXISTING_PATH,
    help="A list that says who is in which split, instead.",
)
@click.option(
    "--key-file",
    metavar="FILE",
    type=EXISTING_FILE,
    help="Secret for the patients' numbers.  [default: made once, kept with the crosswalk]",
)
@click.option(
    "--uncertain",
    type=click.Choice(["zeros", "ones", "ignore"]),
    default="zeros",
    show_default=True,
    help="What an uncertain label counts as; ignore lists them in uncertain_labels.csv.",
)
@out_option(
    "Folder for the dataset; what leads back to patients goes into a crosswalk beside it.",
    "dataset",
)
@workers_option
@resume_option
@quiet_option
def build_dataset(
    boxes: Path | None,
    link: str | None,
    bits: str,
    out: Path,
    workers: int | None,
    resume: bool,
    quiet: bool,
    **options: Any,
) -> None:
    """Make a dataset in the layout of ChestX-ray14 out of films and mined labels.

    Films are windowed as DICOM says, fitted to one size and saved without a name; reports are
    linked to them, patients split, boxes placed. OUT can be handed on once someone has looked
    for names in the pictures. The crosswalk beside it cannot.

    \b
    Example:
      chestx build-dataset --images dicom --labels labels/labels.csv
    """
    from chestx.dataset.build.build import build_dataset as build
    from chestx.dataset.build.options import Options

    if boxes is None and Path("boxes").is_dir():
        boxes = Path("boxes")
    chosen = Options(boxes=boxes, link=_linking(link), bits=8 if bits == "8" else 16, **options)
    summary = build(chosen, out, workers=workers, resume=resume, quiet=quiet)
    if summary.rejected or summary.unmatched or not quiet:
        say(summary)


def _linking(link: str | None) -> "Way | Path | None":
    """Return a way of linking by its name, or the table that the user named."""
    from chestx.dataset.build.options import WAYS

    if link is None:
        return None
    for way in WAYS:
        if link == way:
            return way
    path = Path(link)
    if not path.is_file():
        raise click.BadParameter(
            f"'{link}' is neither accession, study nor patient-date, nor a file",
            param_hint="'--link'",
        )
    return path
