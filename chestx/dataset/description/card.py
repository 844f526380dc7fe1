"""The dataset card for people: `README.md` beside the images."""

from collections.abc import Iterator, Mapping

from chestx.dataset.description.about import MANIFEST, PAPERS, UNCERTAIN, summary, views_text
from chestx.dataset.description.facts import DatasetFacts
from chestx.dataset.description.statistics import Statistics
from chestx.dataset.nih.columns import BOX_LIST, DATA_ENTRY, NO_FINDING
from chestx.job.count import count
from chestx.job.tables import Row, markdown_table

FIT = {
    "squash": "squashed to a square as in ChestX-ray14, so that shapes are distorted",
    "pad": "shrunk to fit a square and padded with black",
}
UNSURE = {
    "zeros": "An uncertain finding counts as absent.",
    "ones": "An uncertain finding counts as present.",
    "ignore": (
        f"An uncertain finding counts as absent and is listed in `{UNCERTAIN}`, so that "
        "training can leave it out."
    ),
}
LINK = {
    "accession": "the accession number",
    "study": "the study's UID",
    "patient-date": "patient and date",
}
WINDOWING = {
    "LINEAR": "window of the header (linear)",
    "LINEAR_EXACT": "window of the header (linear, exact)",
    "SIGMOID": "window of the header (sigmoid)",
    "LUT": "lookup table of the header",
    "MINMAX": "no window in the header: range of the pixels",
    "NONE": "a picture, taken as it is",
}
"""What `voi` of the manifest means."""


def card_text(facts: DatasetFacts, statistics: Statistics) -> str:
    """Return the card; what it says is counted or known, and nothing in it names a person."""
    sections = {
        "": [summary(facts, statistics)],
        "Use": [
            "For research only. Nothing made from it may guide the care of a patient without a "
            "study of its own.",
        ],
        "How it was made": list(_making(facts)),
        "Files": ["\n".join(_files(statistics))],
        "Classes": list(_classes(statistics)),
        "What the labels cannot tell": list(_limits(facts)),
        "Privacy": list(_privacy(facts)),
        "Loading": [LOADING],
        "Citing": ["\n".join(f"- {paper}" for paper in PAPERS)],
    }
    parts = [f"# {facts.name}"]
    for title, paragraphs in sections.items():
        parts += [f"## {title}", *paragraphs] if title else paragraphs
    return "\n\n".join(parts) + "\n"


LOADING = """```python
from chestx.dataset import open_dataset
dataset = open_dataset(".")                    # this folder
images = dataset.split("train")
targets = dataset.targets()[dataset.rows(images)]
```

`dataset.entries` and `dataset.boxes` are tables of pandas, `dataset.classes` names the columns of
`targets`, `dataset.path_of(image)` is the file of an image. Loaders of ChestX-ray14 read the
folder as it is. `croissant.json` describes it to machines; whoever publishes the dataset adds
licence and date there."""


def _making(facts: DatasetFacts) -> Iterator[str]:
    link = LINK.get(facts.link, "a table of the hospital")
    yield (
        f"Reports and films were joined by {link}. Films were brought to {facts.size} x "
        f"{facts.size} pixels of {facts.bits} bits, {FIT[facts.fit]}. {UNSURE[facts.uncertain]}"
    )
    if facts.split == "list":
        yield "A list told which patients are in train, val and test; others are in train."
    else:
        yield (
            f"Patients were divided among train, val and test as {facts.split}, each class in its "
            "share (iterative stratification, Sechidis et al. 2011)."
        )
    yield markdown_table(
        [
            ["Left out, or without a partner", "number"],
            ["Files that gave no image", f"{facts.rejected:,}"],
            ["Films without a report", f"{facts.unmatched_films:,}"],
            ["Reports without a film", f"{facts.unmatched_reports:,}"],
            ["Boxes that could not be used", f"{facts.unmatched_boxes:,}"],
        ]
    )
    if facts.windowing:
        yield markdown_table(
            [["Grey levels come from", "images"], *_rows(facts.windowing, WINDOWING)]
        )


def _rows(numbers: Mapping[str, int], words: Mapping[str, str]) -> list[Row]:
    return [[words[key], f"{numbers[key]:,}"] for key in words if numbers.get(key)]


def _files(statistics: Statistics) -> Iterator[str]:
    yield "- `images/`: the films as PNG, named by patient and follow-up, `PPPPPPPP_FFF.png`"
    yield (
        f"- `{DATA_ENTRY}`: a row per image: classes joined by `|`, follow-up, patient, age in "
        "years, sex, view, and size and pixel spacing (mm) of the original film"
    )
    if statistics.boxes:
        yield f"- `{BOX_LIST}`: boxes of radiologists: x, y, w, h in pixels of the images"
    yield "- `train_val_list.txt` and `test_list.txt`: NIH's two lists; no patient is in both"
    yield "- `train_list.txt` and `val_list.txt`: the first of them, divided by patient"
    yield f"- `{MANIFEST}`: per image its hash, original size, window, view, and how it was fitted"
    yield "- `stats.csv` and `figures/`: the statistics below"


def _classes(statistics: Statistics) -> Iterator[str]:
    splits = statistics.splits
    header = ["Class", "images", "with others"]
    header += list(splits)
    header += ["boxes"] if statistics.boxes else []
    rows = [header]
    for name in statistics.classes:
        numbers = [statistics.counts[name], statistics.overlaps[name]]
        numbers += [split.counts[name] for split in splits.values()]
        numbers += [statistics.boxes.get(name, 0)] if statistics.boxes else []
        rows.append([name, *(f"{number:,}" for number in numbers)])
    end = [""] if statistics.boxes else []
    none = [split.no_finding for split in splits.values()]
    for name, first, numbers in (
        (NO_FINDING, statistics.no_finding, none),
        ("All images", statistics.images, [split.images for split in splits.values()]),
        ("Patients", statistics.patients, [split.patients for split in splits.values()]),
    ):
        rows.append([name, f"{first:,}", "", *(f"{number:,}" for number in numbers), *end])
    yield markdown_table(rows)
    yield f"Views: {views_text(statistics)}."
    if any(statistics.counts.values()):
        yield "![Images per class](figures/class_counts.png)"
        yield "![Which classes are found together](figures/co_occurrence.png)"
    if statistics.boxes:
        yield "![Sizes of the boxes](figures/box_sizes.png)"


def _limits(facts: DatasetFacts) -> Iterator[str]:
    yield "\n".join(
        [
            "- They say what a report states, not what the film shows: what the radiologist left "
            "out, or knew from elsewhere, is wrong here too.",
            "- `No Finding` means that none of the classes was stated, not that a film is normal.",
            "- They were mined by rules from text, which err with unusual wording. Every film of a "
            "study has the labels of the whole report.",
            "- Boxes frame what a radiologist was asked to frame: an image without a box may well "
            "have the lesion.",
            "- One hospital's films, machines and ways of reporting: other hospitals differ.",
        ]
    )
    if facts.patients_by_study:
        yield (
            f"{count(facts.patients_by_study, 'patient')} had no id: each study of theirs counts "
            "as a patient, so that one person may be in two splits."
        )


def _privacy(facts: DatasetFacts) -> Iterator[str]:
    burned = facts.burned_in
    yield (
        "The images carry no header and no metadata. Names, ids, dates, institutions and UIDs are "
        "nowhere in this folder. A patient's number comes from a keyed hash of the id; without the "
        "key, which stays in the hospital, nobody can go back. Ages over 89 are given as 90."
    )
    yield (
        "Text in the pixels has **not** been looked for. By the headers alone, "
        f"{count(burned.get('yes', 0), 'image')} with burned-in text, {burned.get('no', 0):,} "
        f"without, {burned.get('unknown', 0):,} unknown (`burned_in` in `{MANIFEST}`). Look at "
        "the images before they leave the hospital."
    )
