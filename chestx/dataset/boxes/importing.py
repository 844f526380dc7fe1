"""`chestx boxes import`: from what radiologists drew to a folder of boxes without their names."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chestx import __version__
from chestx.dataset.box import Box
from chestx.dataset.boxes.agreement import IOU, Agreement, compare, merge
from chestx.dataset.boxes.drawn import DRAWN, read_drawn_before, together, write_drawn
from chestx.dataset.boxes.place import BoxFilm, PlacedBox, box_keys, place_boxes, stem
from chestx.dataset.boxes.png_size import png_size
from chestx.dataset.boxes.read import read_drawn
from chestx.dataset.boxes.readers import numbered, read_numbers, write_numbers
from chestx.dataset.boxes.round_tables import (
    agreement_csv,
    agreement_lines,
    unmatched_csv,
    unpaired_csv,
)
from chestx.dataset.boxes.voc import voc_name, voc_xml
from chestx.dataset.film import Placement
from chestx.dataset.nih.findings import split_findings
from chestx.dataset.nih.folder import NihDataset, open_dataset
from chestx.dataset.unmatched import Unmatched
from chestx.errors import ChestxError
from chestx.job.count import count
from chestx.job.output import Output

AGREEMENT, UNPAIRED, UNMATCHED = "agreement.csv", "unpaired.csv", "unmatched.csv"


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What `out` holds now. Printed, it is lines for the user, a table of agreement among them."""

    out: Path
    lesions: int
    films: int
    readers: int
    unmatched: int
    agreement: tuple[Agreement, ...]

    def __str__(self) -> str:
        lesions, films = count(self.lesions, "lesion"), count(self.films, "film")
        lines = [f"{lesions} on {films} by {count(self.readers, 'reader')} in '{self.out}'"]
        if self.agreement:
            lines += ["", *agreement_lines(self.agreement)]
        if self.unmatched:
            left_out = count(self.unmatched, "record")
            lines += [f"{left_out} could not be used, see '{self.out / UNMATCHED}'"]
        return "\n".join(lines)


def import_boxes(
    paths: Sequence[Path],
    out: Path = Path("boxes"),
    *,
    dataset: Path = Path("dataset"),
    reader: str | None = None,
    iou: float = IOU,
) -> ImportSummary:
    """Read what radiologists drew on images of `dataset` and write it into `out`, merged.

    `paths` are exports of Label Studio (JSON) and CVAT (for images 1.1, also zipped), folders of
    per-box XML, COCO JSON and tables like NIH's. `reader` is who drew the boxes of files that do
    not say so. `out` gets a Pascal VOC file for each lesion, `drawn.csv` with every reader's
    boxes, `agreement.csv`, `unpaired.csv` with boxes that one of several readers alone has drawn,
    `unmatched.csv` with what could not be used now, and `readers.csv`, which alone has names.
    Boxes of two readers are merged from an intersection over union of `iou` on. A later import
    adds to an earlier one; what a reader draws anew takes the place of what he drew of that class
    on that film. Raises `ChestxError` where a path holds no boxes, a reader is not named, or `out`
    holds other files of boxes.
    """
    if not 0 < iou <= 1:
        raise ChestxError("the IoU from which boxes are merged lies above 0 and up to 1")
    if any(path.resolve() == out.resolve() for path in paths):
        raise ChestxError(f"'{out}' cannot be imported into itself: give the tools' exports")
    found = open_dataset(dataset)
    boxes, faults = _read(paths, reader)
    with Output(out, private=True) as output:
        _check(output)
        before, sizes = read_drawn_before(output)
        numbers = numbered(read_numbers(output), (box.reader for box in boxes))
        anonymous = [replace(box, reader=str(numbers[box.reader])) for box in boxes]
        films = _films(found, {*sizes, *(box.image for box in anonymous)})
        if any(box.label not in found.classes for box in before) or any(
            image not in films or films[image].size != size for image, size in sizes.items()
        ):
            raise ChestxError(
                f"the boxes in '{out}' were drawn on other images than those of '{dataset}': "
                "name another folder with -o"
            )
        placed, lost = place_boxes(anonymous, films, found.classes)
        drawn = together(before, placed)
        merged, unpaired = merge(drawn, found.classes, iou)
        agreement = compare(drawn, found.classes, iou)
        faults += lost
        write_numbers(output, numbers)
        write_drawn(output, drawn, {film.image: film.size for film in films.values()})
        _write_boxes(output, merged, films)
        output.write(AGREEMENT, agreement_csv(agreement).encode())
        output.write(UNPAIRED, unpaired_csv(unpaired).encode())
        output.write(UNMATCHED, unmatched_csv(faults).encode())
        summary = ImportSummary(
            out,
            len(merged),
            len({box.image for box in merged}),
            len({box.reader for box in drawn}),
            len(faults),
            tuple(agreement),
        )
        _write_run(output, summary, iou)
    return summary


def _read(paths: Sequence[Path], reader: str | None) -> tuple[list[Box], list[Unmatched]]:
    boxes: list[Box] = []
    faults: list[Unmatched] = []
    for path in paths:
        above = f"{path.name}/" if path.is_dir() else ""
        found, lost = read_drawn(path)
        if reader is None and any(not box.reader for box in found):
            raise ChestxError(f"'{path}' does not say who drew its boxes: add --reader NAME")
        boxes += [
            replace(box, reader=box.reader or reader or "", source=above + box.source)
            for box in found
        ]
        faults += [replace(fault, source=above + fault.source) for fault in lost]
    return boxes, faults


def _check(output: Output) -> None:
    """Raise `ChestxError` for a folder of boxes of other origin: they would be removed."""
    if not (output / DRAWN).exists() and any(output.folder.glob("*.xml")):
        raise ChestxError(f"'{output.folder}' holds other boxes: name another folder with -o")


def _films(dataset: NihDataset, names: set[str]) -> dict[str, BoxFilm]:
    """Return the films that `names` may mean; the others' sizes need not be read."""
    wanted = {stem(name.rpartition("/")[2]) for name in names}
    entries = dataset.entries
    return {
        image: _film(image, labels, png_size(dataset.path_of(image)))
        for image, labels in zip(entries["image"], entries["finding_labels"], strict=True)
        if stem(image) in wanted
    }


def _film(image: str, labels: str, size: tuple[int, int]) -> BoxFilm:
    present, keys = frozenset(split_findings(labels)), box_keys(image)
    return BoxFilm(image, size[0], size[1], Placement(1.0, 1.0), size, present, keys)


def _write_boxes(output: Output, boxes: Sequence[PlacedBox], films: Mapping[str, BoxFilm]) -> None:
    """Write a file for each box, and remove those of earlier imports that are no longer true."""
    numbers: Counter[tuple[str, str]] = Counter()
    files = {}
    for box in boxes:
        numbers[box.image, box.label] += 1
        name = voc_name(box, numbers[box.image, box.label])
        files[name] = voc_xml(box, films[box.image].size).encode()
    for path in output.folder.glob("*.xml"):
        if path.name not in files:
            path.unlink()
        elif path.read_bytes() == files[path.name]:
            del files[path.name]
    for name, content in files.items():
        output.write(name, content)


def _write_run(output: Output, summary: ImportSummary, iou: float) -> None:
    counts = {
        "lesions": summary.lesions,
        "films": summary.films,
        "readers": summary.readers,
        "unmatched": summary.unmatched,
    }
    run = {"version": __version__, "command": "boxes import", "options": {"iou": iou}, **counts}
    output.write("run.json", (json.dumps(run, indent=2) + "\n").encode())
