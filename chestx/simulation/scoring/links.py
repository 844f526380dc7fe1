"""Whether films have got their reports."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from chestx.simulation.hospital.truth import LINKS
from chestx.simulation.scoring.tables import Fields, by, read_rows


class LinkScore(NamedTuple):
    """Frontal films, those with their own report alone, with none; all films with a wrong one."""

    films: int
    right: int
    missing: int
    wrong: int


def score_links(truth: Path, crosswalk: Sequence[Fields]) -> LinkScore:
    """Compare the reports in the crosswalk with those of the truth."""
    films = by("sop_instance_uid", read_rows(truth / LINKS))
    frontal = {uid for uid, film in films.items() if film["view"] != "LL"}
    reported = {
        row["sop_instance_uid"]: row["report_ids"] for row in crosswalk if row["report_ids"]
    }
    right = {
        uid for uid, reports in reported.items() if films.get(uid, {}).get("report_id") == reports
    }
    return LinkScore(
        films=len(frontal),
        right=len(right & frontal),
        missing=len(frontal - reported.keys()),
        wrong=len(reported) - len(right),
    )
