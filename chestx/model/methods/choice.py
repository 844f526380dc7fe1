"""A choice that the user makes by name."""

from collections.abc import Mapping
from typing import TypeVar

from chestx.errors import ChestxError

T = TypeVar("T")


def choose(what: str, name: str, among: Mapping[str, T]) -> T:
    """Return what is called `name`; `ChestxError` names the choices where nothing is."""
    if name not in among:
        raise ChestxError(f"there is no {what} {name!r}: choose one of {', '.join(among)}")
    return among[name]
