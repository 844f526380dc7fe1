"""The tables of a dataset, in NIH's layout where NIH has them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chestx.dataset.build.options import Uncertain
from chestx.dataset.build.plan import Planned
from chestx.dataset.entry import Entry
from chestx.dataset.film import Developed
from chestx.dataset.identity.names import patient_of
from chestx.dataset.labels import Labels, finding_labels
from chestx.job.csv_line import csv_line

OLDEST = 90
"""In years: whoever is older could be known by it (45 CFR 164.514)."""
_MANIFEST_HEADER = (
    "image", "sha256", "rows", "columns", "photometric", "transfer_syntax", "voi",
    "window_center", "window_width", "view", "burned_in", "fit", "scale_x", "scale_y",
    "offset_x", "offset_y",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Image:
    """A film that has become an image of the dataset, with all that is known of it."""

    planned: Planned
    developed: Developed
    entry: Entry
    uncertain: str
    """Its uncertain classes, joined by `|`."""

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.planned.image

    @property
    def patient(self) -> int:
        """The patient's number."""
        return self.entry.patient


def make_image(
    planned: Planned, developed: Developed, labels: Labels, uncertain: Uncertain
) -> Image:
    """Put an image together with its labels."""
    film, states = planned.film, labels.of(planned.reports)
    follow_up = int(planned.image.partition("_")[2].removesuffix(".png"))
    entry = Entry(
        image=planned.image,
        finding_labels=finding_labels(labels.classes, states, ones=uncertain == "ones"),
        follow_up=follow_up,
        patient=patient_of(planned.image),
        age=None if film.age is None else min(film.age, OLDEST),
        sex=film.sex,
        view=film.view.position,
        width=developed.columns,
        height=developed.rows,
        spacing=film.spacing,
    )
    unsure = (name for name, state in zip(labels.classes, states, strict=True) if state == -1)
    return Image(planned, developed, entry, "|".join(unsure))


def manifest_text(images: Iterable[Image], fit: str) -> str:
    """Return `manifest.csv`: how each image was made, and nothing that names a person."""
    return "".join([csv_line(_MANIFEST_HEADER), *(csv_line(_row(one, fit)) for one in images)])


def _row(image: Image, fit: str) -> Sequence[str]:
    film, developed = image.planned.film, image.developed
    windowing, placement = developed.windowing, developed.placement
    return (
        image.name,
        developed.sha256,
        str(developed.rows),
        str(developed.columns),
        developed.photometric,
        developed.transfer_syntax,
        windowing.voi,
        _number(windowing.center),
        _number(windowing.width),
        view_of(image),
        film.burned_in,
        fit,
        _number(placement.scale_x),
        _number(placement.scale_y),
        _number(placement.offset_x),
        _number(placement.offset_y),
    )


def view_of(image: Image) -> str:
    """Return PA, AP, or the kind of view where no more is known."""
    return image.planned.film.view.position or image.planned.film.view.kind


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else repr(value)


def uncertain_text(images: Iterable[Image]) -> str:
    """Return `uncertain_labels.csv`: what `--uncertain ignore` leaves to training."""
    rows = ((image.name, image.uncertain) for image in images if image.uncertain)
    return "".join([csv_line(("Image Index", "Uncertain Labels")), *map(csv_line, rows)])
