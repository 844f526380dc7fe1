"""Whether films have got their reports."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from chestx.simulation.hospital.truth import LINKS
from chestx.simulation.scoring.tables import Fields, by, read_rows


class LinkScore(NamedTuple):
    """Frontal films, those of them in the dataset with their own report alone, wrong ones."""

    films: int
    right: int
    wrong: int


def score_links(truth: Path, crosswalk: Sequence[Fields]) -> LinkScore:
    """Compare the reports in the crosswalk with those of the truth."""
    films = by("sop_instance_uid", read_rows(truth / LINKS))
    frontal = {uid for uid, film in films.items() if film["view"] != "LL"}
    right = {
        row["sop_instance_uid"]
        for row in crosswalk
        if films.get(row["sop_instance_uid"], {}).get("report_id") == row["report_ids"]
    }
    return LinkScore(len(frontal), len(right & frontal), len(crosswalk) - len(right))
