"""The dependency tree that a graph is made from."""

from typing import NamedTuple


class Tree(NamedTuple):
    """A dependency tree: per word its Penn tag, its head (a root is its own) and its relation."""

    words: tuple[str, ...]
    tags: tuple[str, ...]
    heads: tuple[int, ...]
    relations: tuple[str, ...]
