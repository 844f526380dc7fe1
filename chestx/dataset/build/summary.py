"""What `build-dataset` says when it is done."""

from dataclasses import dataclass
from pathlib import Path

from chestx.dataset.build.listing import REJECTED, UNMATCHED
from chestx.job.count import count


@dataclass(frozen=True, slots=True)
class Summary:
    """What a dataset holds now; `made` were made by this run. Printed, it is for the user."""

    out: Path
    crosswalk: Path
    images: int
    patients: int
    made: int
    rejected: int
    unmatched: int
    burned_in: int
    unread: int
    up_to_date: bool

    def __str__(self) -> str:
        held = f"{count(self.images, 'image')} of {count(self.patients, 'patient')}"
        if self.up_to_date:
            lines = [f"nothing to do: '{self.out}' holds {held}"]
        else:
            lines = [f"{count(self.made, 'film')} developed, '{self.out}' holds {held}"]
        for number, what, name in (
            (self.rejected, "rejected", REJECTED),
            (self.unmatched, "without a partner", UNMATCHED),
        ):
            if number:
                lines.append(f"{count(number, 'record')} {what}, see '{self.crosswalk / name}'")
        if self.unread:
            lines.append(
                f"{count(self.unread, 'file')} could not be read this time: run the same command "
                "again to try once more"
            )
        if self.burned_in:
            lines.append(
                f"{count(self.burned_in, 'film')} may show names in the picture "
                "(BurnedInAnnotation): look at them before you hand the dataset on"
            )
        return "; ".join(lines)
