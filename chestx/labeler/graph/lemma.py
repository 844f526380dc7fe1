"""Base forms of words without a tagger, which telegraphic reports mislead.

A word has several candidates ("excluding": exclud, exclude, excluding); a rule that asks for a
lemma is content with any of them.
"""

from functools import lru_cache

IRREGULAR = {
    "am": "be", "are": "be", "be": "be", "been": "be", "being": "be", "is": "be", "was": "be",
    "were": "be", "did": "do", "does": "do", "done": "do", "found": "find", "gave": "give",
    "given": "give", "gone": "go", "got": "get", "had": "have", "has": "have", "having": "have",
    "known": "know", "made": "make", "ruled": "rule", "said": "say", "saw": "see", "seen": "see",
    "shown": "show", "mistaken": "mistake",
    "taken": "take", "thought": "think", "went": "go", "n't": "not",
}  # fmt: skip
VOWELS = "aeiou"


@lru_cache(maxsize=65536)
def lemmas(word: str) -> frozenset[str]:
    """Return the possible base forms of a lower-case word, itself among them."""
    found = {word}
    if word in IRREGULAR:
        found.add(IRREGULAR[word])
    if word.endswith("ies") or word.endswith("ied"):
        found.add(word[:-3] + "y")
    if word.endswith("es"):
        found.add(word[:-2])
    if word.endswith("s") and not word.endswith("ss"):
        found.add(word[:-1])
    for ending in ("ed", "ing"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 2:
            found.update((stem, stem + "e"))
            if stem[-1] == stem[-2] and stem[-1] not in VOWELS:
                found.add(stem[:-1])
    return frozenset(found)
