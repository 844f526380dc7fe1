"""Films, labels and boxes become a dataset in the layout of ChestX-ray14."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chestx.dataset.films.xray import read_xray
    from chestx.dataset.nih.folder import open_dataset

__all__ = ["open_dataset", "read_xray"]


def __getattr__(name: str) -> Any:
    """Import what is asked for alone: pandas and the codecs take their time."""
    if name == "open_dataset":
        from chestx.dataset.nih.folder import open_dataset

        return open_dataset
    if name == "read_xray":
        from chestx.dataset.films.xray import read_xray

        return read_xray
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
