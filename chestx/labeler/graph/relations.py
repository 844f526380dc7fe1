"""Which relations a word can give a sentence.

Collapsed relations carry words: `neg` a negator, `md` a modal verb, `prep_of` an "of". Where the
word is missing, no graph of the sentence has the relation, whatever the parser says.
"""

from functools import lru_cache

NEGATORS = frozenset({"no", "not", "n't", "neither", "nor", "never", "nil"})
MODALS = frozenset({"can", "may", "might", "could", "would"})
# Coordinators by the name that they have in a relation; a comma stands for one left out.
COORDINATORS = {"/": "or", "and/or": "or", "vs": "versus", ",": "comma"}
# Words that make up a preposition of two words ("due to", "apart from").
_PAIRED = tuple(
    """apart aside because due except for from in instead into of on out rather than to up
    with""".split()
)
# Those that no word gives away: ClearNLP's and Universal Dependencies' names, as `collapse` has
# them.
PLAIN_RELATIONS = frozenset(
    """acl acomp advcl advmod agent amod appos attr aux auxpass case cc ccomp clf compound cop
    csubj csubjpass dative dep det discourse dislocated dobj expl fixed flat goeswith
    intj iobj list mark meta nmod nn npadvmod nsubj nsubjpass nummod obl oprd orphan
    parataxis pcomp pobj poss preconj predet prep prt punct quantmod relcl reparandum
    root vocative xcomp""".split()
)
# Relations whose dependent always follows its governor, and those where it stands before.
HEAD_FIRST = frozenset(
    {
        "acl",
        "acomp",
        "agent",
        "attr",
        "ccomp",
        "dobj",
        "iobj",
        "obj",
        "oprd",
        "pcomp",
        "pobj",
        "relcl",
        "xcomp",
    }
)
HEAD_LAST = frozenset(
    {"amod", "case", "compound", "det", "nn", "nummod", "poss", "preconj", "predet"}
)


@lru_cache(maxsize=4096)
def relations_with(word: str) -> tuple[str, ...]:
    """Return the relations beyond the plain ones that `word` may take part in."""
    found = [f"prep_{word}", f"conj_{COORDINATORS.get(word, word)}"]
    if word in _PAIRED:
        found.extend(f"prep_{word}_{other}" for other in _PAIRED)
        found.extend(f"prep_{other}_{word}" for other in _PAIRED)
    if word in NEGATORS:
        found.append("neg")
    if word in MODALS:
        found.append("md")
    return tuple(found)
