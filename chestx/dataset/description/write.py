"""Writes all that a dataset says of itself beside its images and tables."""

import hashlib
from collections.abc import Collection, Mapping, Sequence

from chestx.dataset.description.about import MANIFEST, UNCERTAIN
from chestx.dataset.description.card import card_text
from chestx.dataset.description.croissant import croissant_text
from chestx.dataset.description.drawn_box import DrawnBox
from chestx.dataset.description.facts import DatasetFacts
from chestx.dataset.description.figures import draw_figures
from chestx.dataset.description.statistics import count_findings, stats_text
from chestx.dataset.entry import Entry
from chestx.dataset.nih.columns import BOX_LIST, DATA_ENTRY, LISTS
from chestx.job.output import Output

STATS = "stats.csv"
CARD = "README.md"
CROISSANT = "croissant.json"
DESCRIBED = (DATA_ENTRY, BOX_LIST, *LISTS.values(), MANIFEST, UNCERTAIN, STATS)


def write_description(
    output: Output,
    facts: DatasetFacts,
    entries: Sequence[Entry],
    boxes: Sequence[DrawnBox],
    splits: Mapping[str, Collection[str]] | None = None,
    views: Sequence[str] | None = None,
) -> None:
    """Write `stats.csv`, `figures/`, `README.md` and `croissant.json` into the dataset `output`.

    `splits` are the images of "train", "val" and "test"; `views` tell of each entry what its own
    view, PA or AP, cannot: "frontal", "lateral", "other" or "unknown" too. The tables and lists
    of the dataset must be written before: the Croissant file holds their hashes.
    """
    statistics = count_findings(
        [entry.image for entry in entries],
        [entry.finding_labels for entry in entries],
        [entry.patient for entry in entries],
        classes=facts.classes,
        splits=splits,
        boxes=[box.label for box in boxes],
        views=[entry.view for entry in entries] if views is None else views,
    )
    output.write(STATS, stats_text(statistics).encode())
    draw_figures(output, statistics, boxes)
    output.write(CARD, card_text(facts, statistics).encode())
    output.write(CROISSANT, croissant_text(facts, statistics, _hashes(output)).encode())


def _hashes(output: Output) -> dict[str, str]:
    paths = [output / name for name in DESCRIBED]
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths if path.is_file()
    }
