"""What the order of the words alone tells of a sentence's structure."""

from collections.abc import Collection, Sequence

from chestx.labeler.graph.tree import Tree

# What may stand between a mention and the word that governs or negates it.
_BETWEEN = frozenset({"2", "a", "an", "any", "mild", "new", "other", "the", "xxxx"})
_PREPOSITIONS = frozenset({"for", "from", "of", "with", "without"})


def surface_tree(words: Sequence[str], mentions: Collection[int]) -> Tree:
    """Return the few relations that adjacent words leave no doubt of; other words are roots.

    A "no" or a preposition directly before a mention is its own, and so is a "no" before the noun
    that the preposition belongs to ("no evidence of ..."). `collapse` adds the lists of mentions
    that stand side by side.
    """
    heads = list(range(len(words)))
    relations = ["ROOT"] * len(words)
    for mention in mentions:
        at = _before(words, mention, mentions)
        if at >= 0 and words[at] == "no":
            heads[at], relations[at] = mention, "det"
        elif at >= 0 and words[at] in _PREPOSITIONS:
            heads[mention], relations[mention] = at, "pobj"
            noun = at - 1
            if noun >= 0:
                heads[at], relations[at] = noun, "prep"
                if noun >= 1 and words[noun - 1] == "no":
                    heads[noun - 1], relations[noun - 1] = noun, "det"
    return Tree(tuple(words), ("",) * len(words), tuple(heads), tuple(relations))


def _before(words: Sequence[str], mention: int, mentions: Collection[int]) -> int:
    at = mention - 1
    while at >= 0 and words[at] in _BETWEEN and at not in mentions:
        at -= 1
    return at
