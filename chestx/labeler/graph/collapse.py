"""From a parse tree to collapsed, CC-processed dependencies, and the mending of common misreads.

The steps follow de Marneffe and Manning 2008, section 4, in the form that Fig. 3 and Table 6 of
Wang et al. 2017 show: prepositions become relations (`prep_of`), conjuncts share what governs the
first of them, and a copula gives way to its complement. Trees of the ClearNLP scheme (spaCy's
English models) and of Universal Dependencies (scispaCy's) end in the same relations.
"""

from collections.abc import Mapping, Sequence

from chestx.labeler.graph.dependencies import Graph, Node
from chestx.labeler.graph.relations import COORDINATORS, MODALS, NEGATORS
from chestx.labeler.graph.tree import Tree

Edge = tuple[int, str, int]

COPULAS = frozenset(
    """be is are was were been being appear appears appeared remain remains remained seem seems
    seemed look looks become becomes stay stays""".split()
)
MODIFIERS = frozenset({"compound", "nmod", "amod", "npadvmod", "nn"})
COMPLEMENTS = frozenset({"acomp", "attr", "oprd"})
PREPOSITIONAL = frozenset({"prep", "agent", "dative", "pcomp"})
SUBJECTS = frozenset({"nsubj", "nsubjpass", "csubj"})
_SEPARATORS = frozenset({",", "or", "and", "nor", "/", "and/or", "versus", "vs"})
_LIST_WORDS = _SEPARATORS | frozenset(
    """2 a acute additional also an any associated developing early evidence evolving increased
    mild new no of old other persistent possible probable recurrent residual some stable
    superimposed suspicious the unchanged underlying visible visualized worsening xxxx
    identified""".split()
)
_PAUSES = _LIST_WORDS - (_SEPARATORS - {","})
# A list has ended before its comma: "no X identified, Y".
_ENDS = frozenset({"identified"})
_CLAUSE_VERBS = frozenset({"are", "has", "have", "is", "persist", "persists", "remain", "remains"})
# Words that begin something new: "no effusion, mild atelectasis" denies the effusion alone.
_GRADES = frozenset(
    """a an increased mild new old persistent possible probable some stable unchanged
    worsening""".split()
)


def collapse(tree: Tree, mentions: Mapping[int, int]) -> Graph:
    """Return the graph of `tree`; `mentions` maps a word's position to its mention's number."""
    nodes = [
        Node(word, tag, mentions.get(position, -1))
        for position, (word, tag) in enumerate(zip(tree.words, tree.tags, strict=True))
    ]
    edges = _basic_edges(tree)
    edges = _raise_complements(edges, tree.words)
    edges = _collapse_prepositions(edges, tree)
    edges = _promote_modifiers(edges, mentions)
    edges = _share_among_conjuncts(edges, tree, mentions)
    edges = _promote_modifiers(edges, mentions)
    edges = _give_relative_clauses_their_subject(edges)
    return Graph(nodes, edges)


def _basic_edges(tree: Tree) -> list[Edge]:
    edges = []
    for dependent, (head, relation) in enumerate(zip(tree.heads, tree.relations, strict=True)):
        if head == dependent or relation == "punct":
            continue
        edges.append((head, _rename(relation, tree.words[dependent]), dependent))
    return edges


def _rename(relation: str, word: str) -> str:
    """Table 6's `neg` and `md` are `det(no)` and an auxiliary with the tag MD in this scheme."""
    if word in NEGATORS and relation != "cc":
        return "neg"
    if word in MODALS and relation.startswith("aux"):
        return "md"
    return {"obj": "dobj", "nsubj:pass": "nsubjpass", "acl:relcl": "relcl", "obl": "nmod"}.get(
        relation, relation
    )


def _raise_complements(edges: list[Edge], words: tuple[str, ...]) -> list[Edge]:
    """`heart <nsubj is >acomp normal` becomes `heart <nsubj normal >cop is`."""
    expletive = {head for head, relation, _ in edges if relation == "expl"}
    complement = {
        head: dependent
        for head, relation, dependent in edges
        if relation in COMPLEMENTS and words[head] in COPULAS and head not in expletive
    }
    raised = []
    for head, relation, dependent in edges:
        if complement.get(head) == dependent:
            raised.append((dependent, "cop", head))
        else:
            raised.append(
                (complement.get(head, head), relation, complement.get(dependent, dependent))
            )
    return raised


def _collapse_prepositions(edges: list[Edge], tree: Tree) -> list[Edge]:
    ended = {head for head, relation, _ in edges if relation in ("pobj", "pcomp")}
    governor = {d: h for h, r, d in edges if r in PREPOSITIONAL and d in ended}
    second = {h: tree.words[d] for h, r, d in edges if r == "pcomp" and d not in ended}
    case = {h: d for h, r, d in edges if r == "case"}
    collapsed = []
    for head, relation, dependent in edges:
        if governor.get(dependent) == head:
            continue
        if relation == "pobj" and head not in governor and head in second:
            collapsed.append((head, f"prep_{second[head]}", dependent))
        elif relation in ("pobj", "pcomp") and head in governor:
            if relation == "pcomp" and dependent not in ended and head in ended:
                continue  # the "to" of "due to"
            name, top = tree.words[head], governor[head]
            if head in second:
                name = f"{name}_{second[head]}"
            while top in governor:  # "out of", "due to": one relation for the chain
                name, top = f"{tree.words[top]}_{name}", governor[top]
            collapsed.append((top, f"prep_{name}", dependent))
        elif relation == "nmod" and dependent in case:
            collapsed.append((head, f"prep_{tree.words[case[dependent]]}", dependent))
        else:
            collapsed.append((head, relation, dependent))
    return collapsed


def _promote_modifiers(edges: list[Edge], mentions: Mapping[int, int]) -> list[Edge]:
    """A finding before a noun ("effusion size", "mass lung apices") stands where the noun does."""
    promoted = [
        (h2 if h2 != noun else finding, r2, finding if h2 != noun else d2)
        for noun, relation, finding in edges
        if relation in MODIFIERS and finding in mentions
        for h2, r2, d2 in edges
        if (d2 == noun and h2 != finding and not r2.startswith("conj"))
        or (h2 == noun and r2 == "neg" and d2 < finding)
    ]
    return list(dict.fromkeys([*edges, *promoted]))


def _share_among_conjuncts(
    edges: list[Edge], tree: Tree, mentions: Mapping[int, int]
) -> list[Edge]:
    """Link every conjunct to the first by `conj_<coordinator>` and share what applies to both."""
    groups = _conjunct_groups(edges)
    groups = _merge_groups(groups, _listed_mentions(tree, mentions))
    if not groups:
        return edges
    first = {member: group[0] for group in groups for member in group[1:]}
    shared = [e for e in edges if not (e[1] in ("conj", "appos") and e[2] in first)]
    apart: set[int] = set()  # ", no X" and ", mild X" begin something new
    for group in groups:
        coordinators = _coordinators(group, edges, tree)
        apart.update(
            member
            for member in group[1:]
            if coordinators[member] == "comma"
            and _own_words(group[0], member, edges, tree) & (_GRADES | NEGATORS)
        )
        for member in group[1:]:
            shared.append((group[0], f"conj_{coordinators[member]}", member))
            shared.extend(_inherited(group[0], member, coordinators[member], edges, tree))
    # Governors reach conjuncts after all groups are known, so that nested lists share too.
    grown = list(shared)
    for _ in range(3):
        grown.extend(
            (head, relation, member)
            for head, relation, dependent in list(grown)
            if not relation.startswith("conj") and relation not in ("cop", "cc", "neg", "relcl")
            for group in groups
            if group[0] == dependent
            for member in group[1:]
            if head != member
            and not _owns_subject(relation, member, edges)
            and not (member in apart and relation.startswith(("prep", "pobj")))
        )
        grown = list(dict.fromkeys(grown))
    return grown


def _owns_subject(relation: str, member: int, edges: list[Edge]) -> bool:
    return relation in SUBJECTS and any(h == member and r in SUBJECTS for h, r, _ in edges)


def _conjunct_groups(edges: list[Edge]) -> list[list[int]]:
    parent = {d: h for h, r, d in edges if r in ("conj", "appos")}
    groups: dict[int, list[int]] = {}
    for member in sorted(parent):
        top, seen = parent[member], {member}
        while top in parent and top not in seen:
            seen.add(top)
            top = parent[top]
        if top not in seen:
            groups.setdefault(top, [top]).append(member)
    return list(groups.values())


def _listed_mentions(tree: Tree, mentions: Mapping[int, int]) -> list[list[int]]:
    """Lists of mentions as the eye sees them, "no X, mild Y or Z": parsers often lose them."""
    lists: list[list[int]] = []
    for before, after in zip(positions := sorted(mentions), positions[1:], strict=False):
        between = tree.words[before + 1 : after]
        if not between or not all(word in _LIST_WORDS for word in between):
            continue
        if not any(word in _SEPARATORS for word in between) or between[0] in _ENDS:
            continue
        if all(word in _PAUSES for word in between) and _begins_clause(tree.words, after):
            continue
        if lists and lists[-1][-1] == before:
            lists[-1].append(after)
        else:
            lists.append([before, after])
    return lists


def _begins_clause(words: Sequence[str], noun: int) -> bool:
    """Tell whether the verb behind a noun is its own: "no X, Y is present"."""
    return words[noun + 1 : noun + 2] != () and words[noun + 1] in _CLAUSE_VERBS


def _merge_groups(parsed: list[list[int]], listed: list[list[int]]) -> list[list[int]]:
    """Join each visible list to the parsed group that its first mention is in."""
    later = {member for group in listed for member in group[1:]}
    groups = [[m for m in group if m == group[0] or m not in later] for group in parsed]
    for mentions in listed:
        home = next((group for group in groups if mentions[0] in group), None)
        if home is None:
            groups.append(list(mentions))
        else:
            home.extend(m for m in mentions[1:] if m not in home)
            home[1:] = sorted(home[1:])
    return [group for group in groups if len(group) > 1]


def _coordinators(group: list[int], edges: list[Edge], tree: Tree) -> dict[int, str]:
    """The coordinator before a conjunct; in "a, b or c" the comma stands for the "or"."""
    low, high = group[0], group[-1]
    words = {
        position: tree.words[position]
        for _, relation, position in edges
        if relation == "cc" and low < position < high
    }
    words |= {
        p: tree.words[p]
        for p in range(low + 1, high)
        if tree.words[p] in ("or", "nor", "versus", "vs", "and/or", "/")
    }
    found: dict[int, str] = {}
    following = ""
    for member in reversed(group[1:]):
        before = max((m for m in group if m < member), default=low)
        between = [word for position, word in words.items() if before < position < member]
        following = between[-1] if between else following
        found[member] = COORDINATORS.get(following, following) or "comma"
    return found


def _inherited(
    first: int, member: int, coordinator: str, edges: list[Edge], tree: Tree
) -> list[Edge]:
    """What of the first conjunct holds for a later one: its negation, its hedge, its subject."""
    own = _own_words(first, member, edges, tree)
    verbal = any(h == member and r in ("aux", "auxpass", "md") for h, r, _ in edges)
    found: list[Edge] = []
    for head, relation, dependent in edges:
        if head != first:
            continue
        if relation in SUBJECTS and not _owns_subject(relation, member, edges):
            found.append((member, relation, dependent))
        if verbal or coordinator in ("but", "yet") or dependent > member:
            continue
        if relation == "neg" and (coordinator in ("or", "nor") or not own & (_GRADES | NEGATORS)):
            found.append((member, "neg", dependent))
        if relation in ("amod", "advmod") and coordinator in ("or", "versus"):
            found.append((member, relation, dependent))
    return found


def _own_words(first: int, member: int, edges: list[Edge], tree: Tree) -> set[str]:
    """The words that belong to a conjunct: its dependents and what stands directly before it."""
    own = {tree.words[d] for h, _, d in edges if h == member}
    at = member - 1
    while at > first and tree.words[at] in _LIST_WORDS and tree.words[at] not in _SEPARATORS:
        own.add(tree.words[at])
        at -= 1
    return own


def _give_relative_clauses_their_subject(edges: list[Edge]) -> list[Edge]:
    """`opacity >relcl represent` also says `represent >nsubj opacity`."""
    added = [(verb, "nsubj", noun) for noun, relation, verb in edges if relation == "relcl"]
    return edges + added
