"""The search for a pattern in a graph: closures that find their part and call the rest.

A `Run` finds the part of the pattern that it was made for, and then runs what follows; where that
fails it goes on to its next find. What it found stands in the `Search`: whoever tries a next find
first takes back the steps of the one before.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import itemgetter
from typing import NamedTuple, TypeVar

from chestx.labeler.graph.dependencies import Graph
from chestx.labeler.graph.semgrex_value import (
    NOTHING,
    Needs,
    NodeTest,
    Where,
    always,
    both_needs,
    is_conjunction,
    need,
    node_test,
    placed,
    relation_need,
    seen_from,
    side_of_relation,
    text_test,
)

T = TypeVar("T")
Step = tuple[int, str, str, int]
Edges = Sequence[tuple[str, int]]


class Search:
    """Where a search stands: the node `at` each slot, the named nodes, the steps to here."""

    __slots__ = ("at", "graph", "names", "steps")

    def __init__(self, graph: Graph, start: int, slots: int) -> None:
        """A slot is the number of a node in the pattern; 0 is the first, which is at `start`."""
        self.graph = graph
        self.at = [start] * slots
        self.names: dict[str, int] = {}
        self.steps: list[Step] = []


Run = Callable[[Search], bool]


class Part(NamedTuple):
    """Relations of a node: `run(slot, then)` makes the search from the node at `slot`.

    Where the words of a sentence do not meet `needs`, the part cannot be found in it; "before" and
    "after" are seen from the node that has the relation. A part is
    `named` where it has a named node, `ordered` where it goes by the order of the text
    and by lists, which are visible in it, and `safe` where it does not deny a relation: it then
    holds in every graph that has more relations.
    """

    run: Callable[[int, Run], Run]
    needs: Needs
    named: bool
    ordered: bool
    safe: bool


class NodePart(NamedTuple):
    """A node of the pattern and the relations that hold for it."""

    slot: int
    accepts: NodeTest
    own_needs: Needs
    name: str
    relations: tuple[Part, ...] = ()

    @property
    def named(self) -> bool:
        """Whether this node or one that its relations lead to has a name."""
        return bool(self.name) or any(part.named for part in self.relations)

    @property
    def relation_needs(self) -> Needs:
        """What a sentence's words must hold for the node's relations."""
        return reduce(both_needs, (part.needs for part in self.relations), NOTHING)

    def run(self, then: Run = always) -> Run:
        """Return the search from the slot, whose node is accepted already."""
        then = _in_turn(self.relations, self.slot, then)
        return _bind(self.name, self.slot, then) if self.name else then


def node(slot: int, attributes: dict[str, str], negated: bool, name: str) -> NodePart:
    """Return a node of the pattern; `name` is empty for none."""
    accepts = _all(node_test(*attribute) for attribute in attributes.items())
    if negated:
        return NodePart(slot, lambda node: not accepts(node), NOTHING, name)
    needs = reduce(both_needs, (need(*pair) for pair in attributes.items()), NOTHING)
    return NodePart(slot, accepts, needs, name)


def with_relations(node: NodePart, relations: Iterable[Part]) -> NodePart:
    """Return `node` with further relations."""
    relations = tuple(relations)
    return node._replace(relations=node.relations + relations)


def relation(operator: str, value: str, target: NodePart) -> Part:
    """Return one relation to `target`; `value` is empty where any will do."""
    candidates = OPERATORS[operator]
    fits = text_test(value) if value else always

    def make(slot: int, then: Run) -> Run:
        target_slot, accepts, then = target.slot, target.accepts, target.run(then)

        def run(search: Search) -> bool:
            start, nodes, steps = search.at[slot], search.graph.nodes, search.steps
            length = len(steps)
            for name, other in candidates(search.graph, start):
                if fits(name) and accepts(nodes[other]):
                    search.at[target_slot] = other
                    steps.append((start, operator, name, other))
                    if then(search):
                        return True
                    del steps[length:]
            return False

        return run

    side = SIDES.get(operator) or side_of_relation(operator, value)
    needs = both_needs(placed(target.own_needs, side), seen_from(side, target.relation_needs))
    if value:
        needs = both_needs(relation_need(value, side), needs)
    visible = operator not in EDGES or is_conjunction(value)
    ordered = visible and all(part.ordered for part in target.relations)
    safe = all(part.safe for part in target.relations)
    return Part(make, needs, target.named, ordered, safe)


def negation(part: Part) -> Part:
    """Return the relation that holds where `part`, which has no names, is not found."""

    def make(slot: int, then: Run) -> Run:
        found = part.run(slot, always)
        return lambda search: not found(search) and then(search)

    return Part(make, NOTHING, False, part.ordered, part.ordered)


def alternatives(lists: Sequence[Sequence[Part]]) -> Part:
    """Return the relation that holds where all of some list hold, tried in their order."""

    def make(slot: int, then: Run) -> Run:
        runs = [_in_turn(parts, slot, then) for parts in lists]

        def run(search: Search) -> bool:
            length = len(search.steps)
            for alternative in runs:
                if alternative(search):
                    return True
                del search.steps[length:]
            return False

        return run

    parts = [part for list_ in lists for part in list_]
    needs = [reduce(both_needs, (part.needs for part in list_), NOTHING) for list_ in lists]
    named, ordered = any(part.named for part in parts), all(part.ordered for part in parts)
    safe = all(part.safe for part in parts)
    return Part(make, frozenset().union(*needs), named, ordered, safe)


def _in_turn(parts: Sequence[Part], slot: int, then: Run) -> Run:
    for part in reversed(parts):
        # Only a name ties a part to the rest: without one its first find is as good as any.
        then = part.run(slot, then) if part.named else _both(part.run(slot, always), then)
    return then


def _bind(name: str, slot: int, then: Run) -> Run:
    def run(search: Search) -> bool:
        node, names = search.at[slot], search.names
        if name in names:
            return names[name] == node and then(search)
        names[name] = node
        if then(search):
            return True
        del names[name]
        return False

    return run


def _both(first: Callable[[T], bool], second: Callable[[T], bool]) -> Callable[[T], bool]:
    if second is always:
        return first
    return second if first is always else lambda subject: first(subject) and second(subject)


def _all(tests: Iterable[Callable[[T], bool]]) -> Callable[[T], bool]:
    all_: Callable[[T], bool] = always
    for test in tests:
        all_ = _both(all_, test)
    return all_


def _reach(edges: Sequence[Edges], start: int) -> list[int]:
    """Return `start` and all that lies behind it; every node once, so that cycles end."""
    reached, known = [start], {start}
    for node in reached:
        for _, other in edges[node]:
            if other not in known:
                known.add(other)
                reached.append(other)
    return reached


def _below(graph: Graph, start: int) -> Edges:
    reached = _reach(graph.dependents, start)
    return _in_order(edge for node in reached for edge in graph.dependents[node])


def _above(graph: Graph, start: int) -> Edges:
    return _in_order(
        (name, node)
        for name, governor in graph.governors[start]
        for node in _reach(graph.governors, governor)
    )


def _in_order(edges: Iterable[tuple[str, int]]) -> Edges:
    return sorted(set(edges), key=itemgetter(1, 0))


def _places(graph: Graph, start: int, stop: int) -> Edges:
    return [("", place) for place in range(max(start, 0), min(stop, len(graph.nodes)))]


EDGES = (">", "<", ">>", "<<")
# On which side of a node those lie that stand in the order of the text.
SIDES: dict[str, Where] = {".": "after", "..": "after", "-": "before", "--": "before"}

# The nodes that an operator leads to, in the order of the text, each with the relation to it.
OPERATORS: dict[str, Callable[[Graph, int], Edges]] = {
    ">": lambda graph, start: graph.dependents[start],
    "<": lambda graph, start: graph.governors[start],
    ">>": _below,
    "<<": _above,
    ".": lambda graph, start: _places(graph, start + 1, start + 2),
    "-": lambda graph, start: _places(graph, start - 1, start),
    "..": lambda graph, start: _places(graph, start + 1, len(graph.nodes)),
    "--": lambda graph, start: _places(graph, 0, start),
}
