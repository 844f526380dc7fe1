"""`chestx boxes import`: from what radiologists drew to a folder of boxes without their names."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from chestx import __version__
from chestx.dataset.box import Box
from chestx.dataset.boxes.agreement import IOU, Agreement, compare, merge
from chestx.dataset.boxes.drawn import Drawn, read_drawn_before, together, write_drawn
from chestx.dataset.boxes.place import (
    Blank,
    BoxFilm,
    PlacedBox,
    box_keys,
    place_blanks,
    place_boxes,
    stem,
)
from chestx.dataset.boxes.png_size import png_size
from chestx.dataset.boxes.read import read_drawn
from chestx.dataset.boxes.readings import Reading, newest, signed
from chestx.dataset.boxes.round_tables import (
    agreement_csv,
    agreement_text,
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
from chestx.job.names import is_hidden
from chestx.job.output import RUN, Output, claim
from chestx.job.reader_numbers import numbered, read_numbers, write_numbers

COMMAND = "boxes import"
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
            lines += ["", agreement_text(self.agreement)]
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
    adds to an earlier one; what a reader draws anew takes the place of what was drawn of that class
    on that film. Exports of Label Studio and CVAT also tell of films that a reader saw without
    drawing: those count in the agreement, and boxes of that reader from before go away.

    Raises `ChestxError` where a path holds no boxes, a reader is not named, `out` holds what
    another has made, or, with the reasons in `unmatched.csv`, no box could be used and none was
    there before.
    """
    if not 0 < iou <= 1:
        raise ChestxError("the IoU from which boxes are merged lies above 0 and up to 1")
    if any(path.resolve() == out.resolve() for path in paths):
        raise ChestxError(f"'{out}' cannot be imported into itself: give the tools' exports")
    found = open_dataset(dataset)
    boxes, blanks, faults = _read(paths, reader, found.classes)
    with Output(out, private=True) as output:
        claim(output, COMMAND)
        files_before = _files_before(output)
        before, sizes = read_drawn_before(output)
        names = {box.reader for box in boxes} | {blank.reader for blank in blanks}
        numbers = numbered(read_numbers(output), names)
        images = {box.image for box in boxes} | {blank.image for blank in blanks}
        films = _films(found, images | set(sizes))
        if not before.labels <= set(found.classes) or any(
            image not in films or films[image].size != size for image, size in sizes.items()
        ):
            raise ChestxError(
                f"the boxes in '{out}' were drawn on other images than those of '{dataset}': "
                "name another folder with -o"
            )
        boxes = [replace(box, reader=str(numbers[box.reader])) for box in boxes]
        blanks = [blank._replace(reader=str(numbers[blank.reader])) for blank in blanks]
        placed, lost = place_boxes(boxes, films, found.classes)
        blanks, unplaced = place_blanks(blanks, films, found.classes)
        drawn = together(before, Drawn(placed, blanks))
        merged, unpaired = merge(drawn.boxes, found.classes, iou, drawn.blanks)
        agreement = compare(drawn.boxes, found.classes, iou, drawn.blanks)
        faults += lost + [fault for fault in unplaced if fault not in lost]
        summary = ImportSummary(
            out,
            len(merged),
            len({box.image for box in merged}),
            len(drawn.readers),
            len(faults),
            tuple(agreement),
        )
        files = _files(merged, films)
        for name in files_before - set(files):
            (output / name).unlink()
        # First of all: what a run that was killed has written is to be known as its own.
        _write_run(output, summary, iou, files)
        write_numbers(output, numbers)
        write_drawn(output, drawn, {film.image: film.size for film in films.values()})
        for name, content in files.items():
            if name not in files_before or (output / name).read_bytes() != content:
                output.write(name, content)
        output.write(AGREEMENT, agreement_csv(agreement).encode())
        output.write(UNPAIRED, unpaired_csv(unpaired).encode())
        output.write(UNMATCHED, unmatched_csv(faults).encode())
    if not before.boxes and not placed and (boxes or not blanks):
        reasons = Counter(fault.reason for fault in faults).most_common(1)
        why = f" ({reasons[0][0]})" if reasons else ""
        raise ChestxError(f"not one box could be used{why}: see '{out / UNMATCHED}'")
    return summary


def _read(
    paths: Sequence[Path], reader: str | None, classes: Sequence[str]
) -> tuple[list[Box], list[Blank], list[Unmatched]]:
    """Read the boxes, and the films without one, under their readers' names."""
    boxes: list[Box] = []
    readings: list[Reading] = []
    faults: list[Unmatched] = []
    for path in paths:
        above = f"{path.name}/" if path.is_dir() else ""
        loose, whole, lost = read_drawn(path)
        unsigned = not all(box.reader for box in loose) or not all(one.reader for one in whole)
        if reader is None and unsigned:
            raise ChestxError(f"'{path}' does not say who drew its boxes: add --reader NAME")
        boxes += [signed(box, reader or "", above) for box in loose]
        readings += [one.signed(reader or "", above) for one in whole]
        faults += [replace(fault, source=above + fault.source) for fault in lost]
    last, blanks = newest(readings, classes)
    return boxes + last, blanks, faults


def _files_before(output: Output) -> set[str]:
    """Return the files of boxes that are there; raise `ChestxError` for those of another."""
    there = {path.name for path in output.folder.glob("*.xml") if not is_hidden(path.name)}
    try:
        own = set(json.loads((output / RUN).read_bytes())["files"])
    except (OSError, ValueError, KeyError, TypeError):
        own = set()
    if there - own:
        raise ChestxError(
            f"'{output.folder}' holds {count(len(there - own), 'XML file')} that chestx {COMMAND} "
            "did not make: move them elsewhere and import them too, or use another -o"
        )
    return there


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


def _files(boxes: Sequence[PlacedBox], films: Mapping[str, BoxFilm]) -> dict[str, bytes]:
    """Return a file for each box."""
    numbers: Counter[tuple[str, str]] = Counter()
    files = {}
    for box in boxes:
        numbers[box.image, box.label] += 1
        name = voc_name(box, numbers[box.image, box.label])
        files[name] = voc_xml(box, films[box.image].size).encode()
    return files


def _write_run(
    output: Output, summary: ImportSummary, iou: float, files: Mapping[str, bytes]
) -> None:
    counts = {
        "lesions": summary.lesions,
        "films": summary.films,
        "readers": summary.readers,
        "unmatched": summary.unmatched,
    }
    run = {
        "version": __version__,
        "command": COMMAND,
        "options": {"iou": iou},
        **counts,
        "files": sorted(files),
    }
    output.write(RUN, (json.dumps(run, indent=2) + "\n").encode())
