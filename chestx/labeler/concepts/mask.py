"""What the parser gets to see of a sentence: every mention is one plain noun.

A general parser has never met "bibasilar atelectasis" and reads "Left basilar opacity" as a verb
with its object. Findings are therefore swapped, together with the modifiers before them, for
"disease", and observed parts of the body for "heart": nouns that it knows. As a bonus, most
sentences of an archive become the same few.
"""

from collections.abc import Sequence
from typing import NamedTuple

from chestx.labeler.concepts.lexicon import Concept, Modifiers
from chestx.labeler.concepts.matcher import Match

FINDING, OBSERVATION = "disease", "heart"
NUMBER = "2"
MAX_HEADING = 6
# What de-identification leaves of a word, mostly of an adjective.
DEIDENTIFIED = "xxxx"
# Words after which a colon stands in for nothing: what follows belongs to them.
_SYNTAX = frozenset(
    """no not without negative of for to possible probable likely suspected question concern
    versus is are with rule""".split()
)
_INDEFINITE = frozenset({"a", "an", "some"})
_ARTICLES = _INDEFINITE | {"the", "any", "this", "these", DEIDENTIFIED}
_SPELLED_OUT = {"w/o": "without", "nl": "normal"}
_PLACES = frozenset(
    {"in", "at", "of", "within", "over", "along", "throughout", "overlying", "near"}
)
_DEFINITE = frozenset({"the", "both", "each"})
_PARTS = frozenset(
    """apex apices area aspect base bases chest field fields hemithorax hemithoraces hilum hila
    lingula lobe lobes lung lungs midlung region side thorax zone zones""".split()
)
_JOINTS = frozenset({"to", "and", "or", "/", "-", "and/or"})


class Masked(NamedTuple):
    """`words` for the parser; `heads[i]` is the position of mention i, an observation or not."""

    words: tuple[str, ...]
    heads: tuple[int, ...]
    observations: tuple[bool, ...]


def mask(
    words: Sequence[str],
    matches: Sequence[Match],
    concepts: Sequence[Concept],
    modifiers: Modifiers,
) -> Masked:
    """Return the masked sentence; `matches` are its mentions, in order and without exclusions."""
    masked: list[str] = []
    heads: list[int] = []
    observations: list[bool] = []
    at = _after_heading(words, matches)
    limits = [*(match.start for match in matches[1:]), len(words)]
    for match, limit in zip(matches, limits, strict=True):
        masked.extend(_plain(word) for word in words[at : match.start])
        if len(masked) > 1 and masked[-1] == ":" and masked[-2] in _SYNTAX:
            masked.pop()
        is_observation = concepts[match.concepts[0]].kind == "observation"
        if match.gap:
            heads.append(len(masked) + match.head - match.start)
            masked.extend(words[match.start : match.end])
        else:
            floor = heads[-1] + 1 if heads else 0
            _join_modifiers(masked, floor, modifiers)
            heads.append(len(masked))
            masked.append(OBSERVATION if is_observation else FINDING)
        observations.append(is_observation)
        at = _after_location(words, match.end, limit, modifiers)
    masked.extend(_plain(word) for word in words[at:])
    return Masked(tuple(masked), tuple(heads), tuple(observations))


def _after_heading(words: Sequence[str], matches: Sequence[Match]) -> int:
    """Skip "Pleura:" before a sentence, which is no part of its syntax; "No evidence of:" is."""
    if ":" in words[:MAX_HEADING]:
        end = words.index(":") + 1
        if end <= matches[0].start and words[max(end - 2, 0)] not in _SYNTAX:
            return end
    return 0


def _after_location(words: Sequence[str], at: int, limit: int, modifiers: Modifiers) -> int:
    """Skip "in the left lower lobe" behind a mention: where it is says nothing of whether."""
    if at + 1 >= limit or words[at] not in _PLACES:
        return at
    start = at + 1 + (words[at + 1] in _DEFINITE)
    end = start
    while end < limit and (words[end] in modifiers.joined or words[end] in _PARTS):
        end += 1
    return end if end > start and words[end - 1] in _PARTS else at


def _plain(word: str) -> str:
    if word[0].isdigit():
        return NUMBER
    return _SPELLED_OUT.get(word, word)


def _join_modifiers(masked: list[str], floor: int, modifiers: Modifiers) -> None:
    """Take articles and modifiers off the end of `masked`.

    "mild" remains of a grade of severity and of an indefinite article: a new item of a list.
    """
    graded = False
    end = len(masked)
    while end > floor:
        word = masked[end - 1]
        if word in modifiers.joined or word in _ARTICLES:
            graded = graded or word in modifiers.severity or word in _INDEFINITE
            end -= 1
        elif (
            end - 1 > floor
            and end < len(masked)
            and word in _JOINTS
            and masked[end - 2] in modifiers.joined
        ):
            end -= 1
        else:
            break
    del masked[end:]
    if graded:
        masked.append("mild")
