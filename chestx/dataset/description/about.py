"""What the cards and `chestx describe` say alike, and the names of what they describe."""

from chestx.dataset.description.facts import DatasetFacts
from chestx.dataset.description.statistics import Statistics
from chestx.job.count import count

MANIFEST = "manifest.csv"
UNCERTAIN = "uncertain_labels.csv"
VIEWS = {
    "PA": "PA",
    "AP": "AP",
    "frontal": "frontal (PA or AP)",
    "lateral": "lateral",
    "other": "other",
    "unknown": "of unknown view",
}
"""The kinds of views, as the manifest has them, in the order and the words of the cards."""

LICENCE = "For research only, within the hospital, until it has chosen a licence"
PAPERS = (
    "Wang X, Peng Y, Lu L, Lu Z, Bagheri M, Summers RM. ChestX-ray8: Hospital-scale Chest X-ray "
    "Database and Benchmarks on Weakly-Supervised Classification and Localization of Common Thorax "
    "Diseases. CVPR 2017. arXiv:1705.02315",
)
CITATION = PAPERS[0]


def summary(facts: DatasetFacts, statistics: Statistics) -> str:
    """Return two sentences: what the dataset is, and what its labels are."""
    thing = "frontal chest X-ray image" if facts.views == "frontal" else "chest X-ray image"
    return (
        f"{count(statistics.images, thing)} of "
        f"{count(statistics.patients, 'patient')} in the layout of NIH ChestX-ray14. The labels "
        f"({len(statistics.classes)} classes) were mined from the radiologists' reports by chestx "
        f"{facts.version} and have not been checked by eye."
    )


def views_text(statistics: Statistics) -> str:
    """Return how many images are of each view that occurs; views of others come last."""
    views = statistics.views
    present = [*(view for view in VIEWS if view in views), *sorted(views.keys() - VIEWS.keys())]
    return ", ".join(f"{views[view]:,} {VIEWS.get(view, view)}" for view in present)
