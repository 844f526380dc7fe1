"""What the order of the words alone tells of a sentence's structure."""

from collections.abc import Collection, Sequence

from chestx.labeler.graph.tree import Tree

_PREPOSITIONS = frozenset({"for", "from", "of", "with", "without"})
_OBJECT_VERBS = frozenset({"indicate", "reflect", "represent"})
_MODALS = frozenset({"could", "may", "might"})
_HEDGES = frozenset(
    """likely maybe perhaps possible possibly potential presumably presumed probable probably
    questionable suspected""".split()
)
_NEGATORS = frozenset({"nil", "no", "not"})
# Words that a noun phrase does not run across, looking back from its noun.
_STOPS = (
    _PREPOSITIONS
    | _OBJECT_VERBS
    | frozenset(
        """, . ; : ( ) / and or nor but to at in on within over by as than is are was were be been
        has have had change changes increase decrease evidence longer significant progression
        interval which that there can could may might would will should""".split()
    )
)
_HEADS = _NEGATORS | _PREPOSITIONS | _OBJECT_VERBS | _HEDGES
_MOST_MODIFIERS = 3


def surface_tree(words: Sequence[str], mentions: Collection[int]) -> Tree:
    """Return the few relations that adjacent words leave no doubt of; other words are roots.

    A negator, a preposition or a verb of meaning before a mention is its own, and so on for the
    noun before the preposition: "without focal areas of ...", "no evidence of ...", "may
    represent ...". `collapse` adds the lists of mentions that stand side by side.
    """
    heads = list(range(len(words)))
    relations = ["ROOT"] * len(words)

    def link(head: int, relation: str, dependent: int) -> None:
        heads[dependent], relations[dependent] = head, relation

    def attach(noun: int, depth: int) -> None:
        at = _before(words, noun, mentions)
        if at < 0:
            return
        if words[at] in _NEGATORS:
            link(noun, "neg" if words[at] == "not" else "det", at)
        elif words[at] in _HEDGES:
            link(noun, "amod", at)
        elif words[at] in _OBJECT_VERBS:
            link(at, "dobj", noun)
            if at and words[at - 1] in _MODALS:
                link(at, "aux", at - 1)
        elif words[at] in _PREPOSITIONS:
            link(at, "pobj", noun)
            if at and words[at - 1] not in _STOPS - {"evidence", "change", "changes"}:
                link(at - 1, "prep", at)
                if depth and at - 1 not in mentions:
                    attach(at - 1, depth - 1)

    for mention in mentions:
        attach(mention, 2)
    return Tree(tuple(words), ("",) * len(words), tuple(heads), tuple(relations))


def _before(words: Sequence[str], noun: int, mentions: Collection[int]) -> int:
    """Return where the word before a noun phrase stands, -1 where none may be its head."""
    at = noun - 1
    skipped = 0
    while at >= 0 and at not in mentions:
        if words[at] in _HEADS:
            return at
        skipped += words[at] not in ("mild", "2", "a", "an", "any", "the", "new", "other", "xxxx")
        if words[at] in _STOPS or skipped > _MOST_MODIFIERS:
            return -1
        at -= 1
    return -1
