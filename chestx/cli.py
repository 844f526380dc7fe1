"""The `chestx` command: parses words and prints; every command is one call of a function."""

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

from chestx import __version__
from chestx.errors import ChestxError

if TYPE_CHECKING:
    from chestx.dataset.build.options import Way
    from chestx.labeler.fetch import Mirror
    from chestx.model.training.config import MethodName

FORMATS = ("auto", "text", "csv", "jsonl", "openi", "mimic-cxr", "fhir")
ASSERTIONS = ("dependency", "negex", "none")
_DEBUG = "chestx.debug"
_RESUMABLE = ("mine-labels", "build-dataset", "train", "demo")


def _debug(context: click.Context, option: click.Parameter, value: bool) -> None:
    if value:
        context.meta[_DEBUG] = True


def _say(message: object) -> None:
    try:
        click.echo(message)
    except BrokenPipeError:
        raise  # click ends quietly when `| head` has seen enough
    except OSError as error:
        # Python would try once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise ChestxError(f"cannot write to standard output ({error.strerror})") from error


class Commands(click.Group):
    """A group whose commands fail in one line, unless with `--debug`."""

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Add a command; `--debug` may be given after its name too."""
        cmd.params.append(
            click.Option(
                ["--debug"],
                is_flag=True,
                expose_value=False,
                is_eager=True,
                callback=_debug,
                hidden=True,
            )
        )
        super().add_command(cmd, name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what it raises becomes a line and an exit status."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            goes_on = ": the same command again goes on where it stopped"
            resumes = ctx.invoked_subcommand in _RESUMABLE
            click.echo(f"interrupted{goes_on if resumes else ''}", err=True)
            ctx.exit(130)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except BrokenPipeError:
            raise  # click ends quietly when `| head` has seen enough
        except Exception as error:
            if _DEBUG in ctx.meta:
                raise
            # Any other message may quote a report.
            line = (
                str(error)
                if isinstance(error, ChestxError)
                else f"unexpected {type(error).__name__}: run with --debug to see where"
            )
            click.echo(f"Error: {line}", err=True)
            ctx.exit(1)


_LABEL_SET = click.option(
    "--label-set",
    metavar="NAME|FILE",
    default="chestx-ray14",
    show_default=True,
    help="chestx-ray14, chestx-ray8, chexpert, or a TOML file of your own.",
)
_PARSER = click.option(
    "--parser",
    metavar="NAME",
    default="en_core_web_sm",
    show_default=True,
    help="An installed spaCy model with a dependency parser.",
)

_WORKERS = click.option(
    "--workers", type=click.IntRange(min=1), help="Number of processes.  [default: the cores]"
)
_RESUME = click.option(
    "--resume/--no-resume",
    default=True,
    show_default=True,
    help="Go on where an earlier run stopped, or start afresh.",
)
_QUIET = click.option(
    "-q", "--quiet", is_flag=True, help="Say nothing unless records are rejected."
)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="chestx")
@click.option(
    "--debug",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_debug,
    help="Show tracebacks, which may quote reports.",
)
def main() -> None:
    """Chest X-ray reports and films to labels, datasets and weakly supervised models.

    For research only: not a medical device.
    """
    # What is remembered of sentences lives on; to look through it every 700 objects takes an
    # eighth of the time.
    gc.set_threshold(100_000, 20, 100)
    # A worker is a process: threads of the BLAS would only fight over the cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@main.command("mine-labels")
@click.argument("reports", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("labels"),
    show_default=True,
    help="Folder for the labels.",
)
@click.option(
    "--format", type=click.Choice(FORMATS), default="auto", show_default=True, help="Of REPORTS."
)
@click.option("--text-column", metavar="NAME", help="Column of the text, for csv and jsonl.")
@click.option("--id-column", metavar="NAME", help="Column of the report's id, for csv and jsonl.")
@_LABEL_SET
@click.option(
    "--assertion",
    type=click.Choice(ASSERTIONS),
    default="dependency",
    show_default=True,
    help="What tells present, negated and uncertain apart.",
)
@_PARSER
@click.option("--umls", is_flag=True, help="Add scispaCy's UMLS linker to the lexicon.")
@_WORKERS
@_RESUME
@_QUIET
def _mine_labels(reports: tuple[str, ...], quiet: bool, **options: Any) -> None:
    """Mine the labels of the radiology reports in REPORTS.

    REPORTS are folders or files, also .gz, .zip or .tgz, or - for jsonl on standard input. Writes
    labels.csv, mentions.parquet, rejected.csv and run.json into the output folder.

    \b
    Example:
      chestx mine-labels reports/ --label-set chexpert -o labels
    """
    from chestx.labeler.batch.mine import mine_labels

    summary = mine_labels(reports, quiet=quiet, **options)
    if summary.rejected or not quiet:
        _say(summary)


@main.command("build-dataset")
@click.option(
    "--images",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=Path("dicom"),
    show_default=True,
    help="Folder of the films: DICOM, PNG or JPEG.",
)
@click.option(
    "--labels",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default=Path("labels/labels.csv"),
    show_default=True,
    help="The labels that mine-labels wrote.",
)
@click.option(
    "--boxes",
    metavar="PATH",
    type=click.Path(exists=True, path_type=Path),
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
@click.option("--seed", type=int, default=0, show_default=True, help="Of the split.")
@click.option(
    "--split-file",
    metavar="FILE",
    type=click.Path(exists=True, path_type=Path),
    help="A list that says who is in which split, instead.",
)
@click.option(
    "--key-file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Secret for the patients' numbers.  [default: made once, kept with the crosswalk]",
)
@click.option(
    "--uncertain",
    type=click.Choice(["zeros", "ones", "ignore"]),
    default="zeros",
    show_default=True,
    help="What an uncertain label counts as; ignore lists them in uncertain_labels.csv.",
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("dataset"),
    show_default=True,
    help="Folder for the dataset; what leads back to patients goes into a crosswalk beside it.",
)
@_WORKERS
@_RESUME
@_QUIET
def _build_dataset(
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
    from chestx.dataset.build.build import build_dataset
    from chestx.dataset.build.options import Options

    if boxes is None and Path("boxes").is_dir():
        boxes = Path("boxes")
    chosen = Options(boxes=boxes, link=_linking(link), bits=8 if bits == "8" else 16, **options)
    summary = build_dataset(chosen, out, workers=workers, resume=resume, quiet=quiet)
    if summary.rejected or summary.unmatched or not quiet:
        _say(summary)


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


_Command = TypeVar("_Command", bound=Callable[..., Any])
_CHOICES = {
    "--optimizer": ["sgd", "adam"],
    "--precision": ["float32", "bf16", "fp16"],
    "--loss": ["wcel", "cel", "hinge", "euclidean"],
    "--pooling": ["lse", "avg", "max"],
}


def _setting(name: str, kind: Any, help: str) -> Callable[[_Command], _Command]:
    """Return an option of train; what is not given is the method's own."""
    chosen = click.Choice(_CHOICES[name]) if name in _CHOICES else kind
    return click.option(name, type=chosen, default=None, help=help)


@main.command("train")
@click.option("--method", type=click.Choice(["wcel", "mil"]), help="The paper to follow.")
@click.option(
    "--config",
    "config_file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Settings, as an earlier run left them in config.toml.",
)
@_setting("--data", str, "The dataset, or NIH's own download.  [default: dataset]")
@_setting("--backbone", str, "resnet50, densenet121, efficientnet_lite0, any name of timm ...")
@_setting("--weights", str, "imagenet, none, or a file of weights.")
@_setting("--size", int, "Width and height of the network's input.")
@_setting("--epochs", int, "How often to see all films.")
@_setting("--steps", int, "End after so many steps of the optimizer.")
@_setting("--batch-size", int, "Films at a time.")
@_setting("--accumulate", int, "Batches to a step of the optimizer.")
@_setting("--optimizer", str, "")
@_setting("--lr", float, "Learning rate of the new layers.")
@_setting("--backbone-lr", float, "Learning rate of the backbone; 0 freezes it.")
@_setting("--precision", str, "The loss is always in float32.")
@_setting("--devices", str, "auto, cpu, cuda, or cuda:2 for two.")
@_setting("--num-nodes", int, "Machines.")
@_setting("--seed", int, "Of order, augmentation and new layers.")
@_setting("--patience", int, "Stop after so many epochs without a better model; 0 never does.")
@_setting("--fold", int, "Hold out this fold, from 1, in place of the dataset's split.")
@_setting("--folds", int, "How many folds there are.")
@_setting("--boxes-in", int, "Edge of the images in whose pixels boxes count, if not their own.")
@click.option("--classes", metavar="A,B,...", help="Classes to learn.  [default: the dataset's]")
@click.option("--augment/--no-augment", default=None, help="Shift, turn, scale; not in the papers.")
@_setting("--loss", str, "wcel only.")
@_setting("--pooling", str, "wcel only.")
@_setting("--r", float, "wcel only: of LSE pooling.")
@_setting("--map-size", int, "wcel only: 8, 16 or 32.")
@_setting("--patches", int, "mil only: 12, 16 or 20.")
@_setting("--lambda-bbox", float, "mil only: weight of a box.")
@click.option("--rescale/--no-rescale", default=None, help="mil only: to [0.98, 1], as the paper.")
@_setting("--boxes-fraction", float, "mil only: share of the images with boxes.")
@_setting("--unboxed-fraction", float, "mil only: share of the images without.")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the run.  [default: runs/METHOD]",
)
@_RESUME
@_QUIET
def _train(
    method: "MethodName | None",
    config_file: Path | None,
    classes: str | None,
    out: Path | None,
    resume: bool,
    quiet: bool,
    **settings: Any,
) -> None:
    """Train a model on a dataset, as one of the two papers did.

    wcel is the network of ChestX-ray8, from labels alone; mil that of Li et al. 2018, from labels
    and boxes. Defaults are the papers'. Leaves config.toml, checkpoints, history.csv and the events
    of TensorBoard; interrupted, the same command goes on after the last whole epoch.

    \b
    Example:
      chestx train --method mil --backbone densenet121
    """
    try:
        from chestx.model.training.config import make_config
        from chestx.model.training.train import train
    except ImportError as error:
        raise ChestxError(_NO_TORCH) from error

    given = {name: value for name, value in settings.items() if value is not None}
    if classes:
        given["classes"] = [name.strip() for name in classes.split(",")]
    summary = train(make_config(method, config_file, given), out, resume=resume, quiet=quiet)
    if not quiet:
        _say(summary)


_NO_TORCH = "training needs PyTorch: pip install 'chestx[train]' and run it again"


@main.command("evaluate")
@click.argument("run", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Another dataset than that of training.",
)
@click.option(
    "--split", type=click.Choice(["test", "val", "train"]), default="test", show_default=True
)
@click.option(
    "--overlays", type=click.IntRange(min=0), default=12, show_default=True, help="Pictures."
)
@_QUIET
def _evaluate(run: Path, data: Path | None, split: str, overlays: int, quiet: bool) -> None:
    """Judge the model of RUN on films that it has not learned from.

    Writes metrics.json, the papers' tables, ROC curves and pictures with heatmap and boxes into
    RUN/evaluation.

    \b
    Example:
      chestx evaluate runs/mil
    """
    try:
        from chestx.model.evaluation.evaluate import evaluate
    except ImportError as error:
        raise ChestxError(_NO_TORCH) from error

    summary = evaluate(run, data=data, split=split, overlays=overlays, quiet=quiet)
    if not quiet:
        _say(summary)


@main.command("predict")
@click.argument("run", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument(
    "images", metavar="IMAGE...", nargs=-1, required=True, type=click.Path(path_type=Path)
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Output folder; what an earlier predict left in it goes.  [default: RUN/predictions]",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Score from which a class is a finding; 0 for all classes.",
)
@click.option("--overlays/--no-overlays", default=True, show_default=True, help="A picture each.")
@click.option(
    "--batch-size",
    type=click.IntRange(min=1),
    default=8,
    show_default=True,
    help="Films at a time.",
)
@_WORKERS
@_QUIET
def _predict(
    run: Path,
    images: tuple[Path, ...],
    out: Path | None,
    threshold: float,
    overlays: bool,
    batch_size: int,
    workers: int | None,
    quiet: bool,
) -> None:
    """Say what the model of RUN sees on chest films: PNG, JPEG, DICOM, or folders of them.

    Writes predictions.jsonl, with scores, and boxes and regions in pixels of the film; a picture of
    each film in overlays/; and rejected.csv into the output folder, which only you can read. For
    research only: not a medical device.

    \b
    Example:
      chestx predict runs/mil films/ -o predictions
    """
    try:
        from chestx.model.prediction.predict import predict
    except ImportError as error:
        raise ChestxError(_NO_TORCH) from error
    from chestx.job.workers import cores

    summary = predict(
        run,
        images,
        out,
        threshold=threshold,
        overlays=overlays,
        batch_size=batch_size,
        workers=workers or cores(),
        quiet=quiet,
    )
    if not quiet or summary.rejected:
        _say(summary)


@main.command("export")
@click.argument("run", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file.  [default: RUN/model.onnx]",
)
@_QUIET
def _export(run: Path, out: Path | None, quiet: bool) -> None:
    """Write the model of RUN as one ONNX file.

    Its input is films [N, 1, size, size], float32 from 0 to 255, its outputs scores and heatmaps;
    its metadata name the classes, the method and the size.

    \b
    Example:
      chestx export runs/mil -o mil.onnx
    """
    try:
        from chestx.model.prediction.export import export_onnx
    except ImportError as error:
        raise ChestxError(_NO_TORCH) from error

    path = export_onnx(run, out)
    if not quiet:
        _say(f"'{path}' is written")


@main.command()
@click.argument(
    "dataset", default="dataset", type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option("--compare", is_flag=True, help="Print Table 16 of the ChestX-ray14 paper beside.")
def describe(dataset: Path, compare: bool) -> None:
    """Count the images, patients, classes and boxes of DATASET.

    DATASET is a folder that build-dataset made, or NIH's own download as it is, beside whose counts
    those of the paper are printed.

    \b
    Example:
      chestx describe dataset --compare
    """
    from chestx.dataset.description.describe import describe as counted

    _say(counted(dataset, compare=compare))


@main.group(cls=Commands)
def boxes() -> None:
    """Have radiologists draw boxes, and bring them back."""


@boxes.command("sample")
@click.argument("dataset", default="dataset", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("annotation"),
    show_default=True,
    help="Folder for the tasks.",
)
@click.option(
    "--per-class",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="Films for each class; 200 in Wang et al. 2017.",
)
@click.option(
    "--classes",
    metavar="A,B,...",
    help="Classes to draw for.  [default: the eight of Wang et al. 2017 that the dataset has]",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Another one, other films.")
@_QUIET
def _boxes_sample(
    dataset: Path, out: Path, per_class: int, classes: str | None, seed: int, quiet: bool
) -> None:
    """Draw films of DATASET on which radiologists are to draw boxes.

    Per class, films whose labels state it, one of a patient. Writes tasks.csv, the images, and
    the tasks for Label Studio and CVAT; README.md there says how to go on.

    \b
    Example:
      chestx boxes sample --per-class 200 --classes Mass,Nodule
    """
    from chestx.dataset.boxes.sample import sample_films

    chosen = [name.strip() for name in classes.split(",")] if classes else None
    summary = sample_films(dataset, out, per_class=per_class, classes=chosen, seed=seed)
    if summary.short or not quiet:
        _say(summary)


@boxes.command("import")
@click.argument("exports", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("boxes"),
    show_default=True,
    help="Folder for the boxes.",
)
@click.option(
    "--dataset",
    type=click.Path(path_type=Path, file_okay=False),
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
@_QUIET
def _boxes_import(
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
        _say(summary)


@main.command("evaluate-labels")
@click.argument("labels", default="labels", type=click.Path(path_type=Path))
@click.option(
    "--gold",
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="The OpenI archive or folder, or a CSV with an id column and class columns.",
)
@click.option(
    "--ids",
    type=click.Path(exists=True, path_type=Path),
    help="Judge only the reports in this file, one id a line.",
)
@click.option("--classes", metavar="A,B,...", help="Judge only these classes.")
@click.option(
    "--with-normal",
    is_flag=True,
    help="Judge Normal and the 8 classes of ChestX-ray8, as Table 2 of Wang et al. 2017.",
)
@click.option("--compare", is_flag=True, help="Print the published figures beside.")
@click.option(
    "--ablation",
    is_flag=True,
    help="Mine the reports with rules, with NegEx and with neither, and compare.",
)
@click.option(
    "--reports",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="What the labels were mined from.  [default: OpenI's own, or reports/]",
)
@click.option(
    "--format", type=click.Choice(FORMATS), default="auto", show_default=True, help="Of --reports."
)
@_LABEL_SET
@_PARSER
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the evaluation.  [default: beside the labels]",
)
def _evaluate_labels(
    labels: Path,
    gold: Path,
    ids: Path | None,
    classes: str | None,
    with_normal: bool,
    compare: bool,
    ablation: bool,
    reports: tuple[Path, ...],
    format: str,
    label_set: str,
    parser: str,
    out: Path | None,
) -> None:
    """Judge the mined LABELS by human annotation.

    LABELS is the folder that mine-labels wrote, or its labels.csv. Prints precision, recall and F1
    per class with 95% intervals, and writes evaluation.json, evaluation.md and errors.csv. With
    --ablation, --label-set and --parser say how the reports are mined once more.

    \b
    Example:
      chestx evaluate-labels --gold reports/NLMCXR_reports.tgz --compare
    """
    from chestx.labeler.evaluation.comparison import read_ids
    from chestx.labeler.evaluation.run import reports_behind, run_evaluation

    chosen: dict[str, Any] = {
        "ids": read_ids(ids) if ids else None,
        "classes": [name.strip() for name in classes.split(",")] if classes else None,
        "with_normal": with_normal,
    }
    behind = reports_behind(gold, reports, format=format)
    _say(run_evaluation(labels, gold, out=out, beside_published=compare, reports=behind, **chosen))
    if ablation:
        from chestx.job.tables import text_table
        from chestx.labeler import Labeler
        from chestx.labeler.evaluation.ablation import ablation as measured
        from chestx.labeler.evaluation.ablation import ablation_rows
        from chestx.labeler.evaluation.gold import read_gold
        from chestx.labeler.labeler import AssertionName

        again = reports_behind(gold, reports, format=format)
        rows = measured(
            again,
            read_gold(gold),
            lambda name: Labeler(label_set, assertion=cast(AssertionName, name), parser=parser),
            **chosen,
        )
        _say(f"\n{text_table(ablation_rows(rows))}")


@main.command()
@click.argument("text")
@_LABEL_SET
@_PARSER
@click.option(
    "--html",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw it as a page instead.",
)
def explain(text: str, label_set: str, parser: str, html: Path | None) -> None:
    """Show why TEXT gets its labels: words, dependency graph, mentions and rules.

    TEXT is a sentence or a whole report, or - for standard input.

    \b
    Examples:
      chestx explain "clear of focal airspace disease, pneumothorax, or pleural effusion"
      chestx explain - --html why.html < report.txt
    """
    from chestx.labeler.explanation.explain import explain as explain_text
    from chestx.labeler.readers.decode import decode

    if text == "-":
        text = decode(sys.stdin.buffer.read())
    explanation = explain_text(text, label_set, parser=parser)
    if html is None:
        from chestx.labeler.explanation.terminal import as_text

        _say(as_text(explanation))
    else:
        from chestx.labeler.explanation.page import write_page

        _say(write_page(explanation, html))


@main.group(cls=Commands)
def rules() -> None:
    """Work on the assertion rules."""


@rules.command("test")
@click.argument(
    "file", required=False, type=click.Path(exists=True, path_type=Path, dir_okay=False)
)
@_PARSER
@click.pass_context
def _rules_test(context: click.Context, file: Path | None, parser: str) -> None:
    """Run the examples and counterexamples of the shipped rules, or of those in FILE.

    The rules of FILE are tried before the shipped ones; one with the id of a shipped rule takes
    its place. The exit status is 1 where an example fails.

    \b
    Example:
      chestx rules test my-rules.toml
    """
    from chestx.labeler.assertion.examples import check_rules

    check = check_rules(file, parser=parser)
    for failure in check.failures:
        _say(failure)
    _say(check.summary)
    if check.failures:
        context.exit(1)


@main.command()
@click.argument(
    "folder", metavar="[DIR]", default="demo", type=click.Path(path_type=Path, file_okay=False)
)
@click.option(
    "--mirror",
    type=click.Choice(["nlm", "pypi"]),
    help="Where to download the reports from.  [default: nlm, and if that fails pypi]",
)
def demo(folder: Path, mirror: "Mirror | None") -> None:
    """Run chestx on public data, in the folder DIR (by default demo/).

    Downloads the reports of OpenI, mines their labels and judges them by the human annotation,
    beside the published figures. Interrupted, the same command goes on where it stopped.

    \b
    Example:
      chestx demo
    """
    from chestx.demo import run_demo

    run_demo(folder, mirror, say=_say)


@main.group(cls=Commands)
def fetch() -> None:
    """Download public data."""


@fetch.command()
@click.option(
    "--mirror",
    type=click.Choice(["nlm", "pypi"]),
    default="nlm",
    show_default=True,
    help="Where to download from.",
)
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("reports"),
    show_default=True,
    help="Folder for the download.",
)
def openi(out: Path, mirror: "Mirror") -> None:
    """Download the reports of OpenI (Indiana University), 3,955 chest X-ray studies.

    \b
    Example:
      chestx fetch openi -o reports
    """
    from chestx.labeler.fetch import fetch_openi

    _say(fetch_openi(out, mirror))


if __name__ == "__main__":
    sys.exit(main())
