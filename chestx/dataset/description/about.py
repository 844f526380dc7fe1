"""What both cards say of a dataset."""

from chestx.dataset.description.facts import DatasetFacts
from chestx.dataset.description.statistics import Statistics
from chestx.job.count import count

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
