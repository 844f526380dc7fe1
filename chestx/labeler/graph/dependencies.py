"""The dependency graph of a sentence: what the rules are matched against.

Relations are Stanford's collapsed, CC-processed ones (de Marneffe and Manning 2008; Fig. 3 of
Wang et al. 2017): `prep_of`, `prep_without`, `conj_or`, `neg`, `md`, ... Unlike a tree, a node
may have several governors.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from chestx.labeler.graph.lemma import lemmas


@dataclass(frozen=True, slots=True)
class Node:
    """A token: `word` in lower case, `tag` of the Penn Treebank.

    `mention` is the number of the mention that the token stands for, -1 for none; a mention of
    several words is one node.
    """

    word: str
    tag: str
    mention: int = -1

    @property
    def lemmas(self) -> frozenset[str]:
        """The base forms that the word may have; a pattern's lemma must be one of them."""
        return lemmas(self.word)


class Graph:
    """Nodes in the order of the text and typed edges between them.

    `dependents[i]` and `governors[i]` list `(relation, other node)` in the order of the text.
    """

    __slots__ = ("dependents", "governors", "nodes")

    def __init__(self, nodes: Iterable[Node], edges: Iterable[tuple[int, str, int]]) -> None:
        """`edges` are `(governor, relation, dependent)`; doubles are dropped."""
        self.nodes = tuple(nodes)
        self.dependents: list[list[tuple[str, int]]] = [[] for _ in self.nodes]
        self.governors: list[list[tuple[str, int]]] = [[] for _ in self.nodes]
        for governor, relation, dependent in sorted(set(edges), key=lambda e: (e[0], e[2], e[1])):
            self.dependents[governor].append((relation, dependent))
            self.governors[dependent].append((relation, governor))
