"""Commands that need PyTorch, an extra that may be missing."""

from collections.abc import Iterator
from contextlib import contextmanager

from chestx.errors import ChestxError


@contextmanager
def needs_torch() -> Iterator[None]:
    """Import what needs PyTorch in this block: where that is missing, say how to get it."""
    try:
        yield
    except ImportError as error:
        raise ChestxError(
            "training needs PyTorch: pip install 'chestx[train]' and run it again"
        ) from error
