"""What a user may decide about a dataset, with the papers' defaults."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Fit = Literal["squash", "pad"]
Bits = Literal[8, 16]
Views = Literal["frontal", "all"]
Uncertain = Literal["zeros", "ones", "ignore"]
Way = Literal["accession", "study", "patient-date"]
WAYS: tuple[Way, ...] = ("accession", "study", "patient-date")


@dataclass(frozen=True, kw_only=True)
class Options:
    """Options of `build-dataset`; see its help for what each means.

    Wang et al. 2017 squash films to 1024 x 1024 and split patients 70 : 10 : 20.
    """

    images: Path = Path("dicom")
    labels: Path = Path("labels/labels.csv")
    boxes: Path | None = None
    link: Way | Path | None = None
    size: int = 1024
    fit: Fit = "squash"
    views: Views = "frontal"
    bits: Bits = 8
    split: str = "70,10,20"
    seed: int = 0
    split_file: Path | None = None
    key_file: Path | None = None
    uncertain: Uncertain = "zeros"

    def public(self) -> dict[str, Any]:
        """Return the values that may be known with the dataset: no path."""
        return {
            "link": "table" if isinstance(self.link, Path) else (self.link or "auto"),
            "size": self.size,
            "fit": self.fit,
            "views": self.views,
            "bits": self.bits,
            "split": "list" if self.split_file else self.split,
            "seed": self.seed,
            "uncertain": self.uncertain,
        }

    def private(self) -> dict[str, Any]:
        """Return all values, as the user typed them."""
        paths = {
            name: None if path is None else str(path)
            for name, path in (
                ("images", self.images),
                ("labels", self.labels),
                ("boxes", self.boxes),
                ("split_file", self.split_file),
                ("key_file", self.key_file),
            )
        }
        return {**self.public(), "link": str(self.link or "auto"), **paths}
