"""Which edges of the graph a rule went along."""

from collections.abc import Iterable

from chestx.labeler.graph.dependencies import Graph
from chestx.labeler.graph.semgrex_search import Step

Edge = tuple[int, str, int]
"""Governor, relation, dependent."""


def path_edges(graph: Graph, steps: Iterable[Step]) -> list[Edge]:
    """Return the edges of the steps, those inside of chains too; text order has none."""
    edges: list[Edge] = []
    for start, operator, relation, end in steps:
        if operator == ">":
            edges.append((start, relation, end))
        elif operator == "<":
            edges.append((end, relation, start))
        elif operator == ">>":
            edges += _chain(graph, end, relation, start)
        elif operator == "<<":
            edges += _chain(graph, start, relation, end)
    return edges


def _chain(graph: Graph, bottom: int, relation: str, top: int) -> list[Edge]:
    """Return a shortest chain of edges whose lowest is `relation` into `bottom`."""
    ways = [[(g, r, bottom)] for r, g in graph.governors[bottom] if r == relation]
    seen: set[int] = set()
    for way in ways:
        node = way[-1][0]
        if node == top:
            return way
        if node not in seen:
            seen.add(node)
            ways += [[*way, (g, r, node)] for r, g in graph.governors[node]]
    return []
