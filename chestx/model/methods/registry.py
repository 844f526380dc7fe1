"""Methods by name."""

from collections.abc import Mapping, Sequence
from typing import Any

from chestx.model.methods.choice import choose
from chestx.model.methods.method import Method
from chestx.model.methods.mil import PatchMIL
from chestx.model.methods.wcel import WCEL

METHODS: Mapping[str, type[WCEL] | type[PatchMIL]] = {"wcel": WCEL, "mil": PatchMIL}


def make_method(name: str, classes: Sequence[str], **options: Any) -> Method:
    """Make a method for classes, with the options of its class.

    `ChestxError` for an unknown name, or a value that an option does not take.
    """
    return choose("method", name, METHODS)(classes, **options)
