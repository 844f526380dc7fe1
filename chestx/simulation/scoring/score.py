"""What chestx made of simulated studies, beside the truth: labels, links, images, boxes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chestx.job.tables import Row
from chestx.simulation.hospital.truth import LABELS, TRUTH
from chestx.simulation.scoring.boxes import BoxScore, score_boxes
from chestx.simulation.scoring.images import ImageScore, score_images
from chestx.simulation.scoring.links import LinkScore, score_links
from chestx.simulation.scoring.tables import read_rows


@dataclass(frozen=True, slots=True)
class Score:
    """How a workspace compares with its truth; `micro_f1` is that of present labels."""

    reports: int
    micro_f1: float
    links: LinkScore
    images: ImageScore
    boxes: BoxScore

    def rows(self) -> Sequence[Row]:
        """Return a table for the terminal."""
        links, images, boxes = self.links, self.images, self.boxes
        return [
            ["Compared with the truth", "of", "score"],
            ["labels of reports: micro-F1", f"{self.reports:,}", f"{100 * self.micro_f1:.1f}%"],
            [
                "frontal films with their report",
                f"{links.films:,}",
                _share(links.right, links.films),
            ],
            ["frontal films without a report", f"{links.films:,}", f"{links.missing:,}"],
            ["films with a wrong report", f"{links.films:,}", f"{links.wrong:,}"],
            ["images: largest difference", f"{images.images:,}", f"{images.largest} levels"],
            ["images: 99.9% of pixels within", f"{images.images:,}", f"{images.most} levels"],
            ["boxes in their place", f"{boxes.drawn:,}", _share(boxes.placed, boxes.drawn)],
            ["boxes that no one drew", f"{boxes.listed:,}", f"{boxes.strange:,}"],
        ]


def score_workspace(folder: Path = Path()) -> Score:
    """Compare `labels/`, `dataset/` and `crosswalk/` with `truth/`, all below `folder`.

    The dataset is of 8 bits, in any size and fit.
    """
    from chestx.labeler.evaluation.evaluate import evaluate_labels

    truth, dataset = folder / TRUTH, folder / "dataset"
    crosswalk = read_rows(folder / "crosswalk" / "crosswalk.csv")
    evaluation = evaluate_labels(folder / "labels" / "labels.csv", truth / LABELS, resamples=1)
    return Score(
        reports=evaluation.n_reports,
        micro_f1=evaluation.present.micro.f1 or 0.0,
        links=score_links(truth, crosswalk),
        images=score_images(truth, dataset, crosswalk),
        boxes=score_boxes(truth, dataset, crosswalk),
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "-"
