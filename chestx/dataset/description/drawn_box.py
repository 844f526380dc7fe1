"""What the description needs to know of a box."""

from typing import Protocol


class DrawnBox(Protocol):
    """A box on an image of the dataset, in the pixels of that image."""

    @property
    def image(self) -> str:
        """The name of the image."""

    @property
    def label(self) -> str:
        """The class."""

    @property
    def width(self) -> float:
        """Extent along a row."""

    @property
    def height(self) -> float:
        """Extent along a column."""
