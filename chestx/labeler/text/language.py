"""Is a report English, and is a corpus? Words that tell languages apart, and a vote of a sample."""

import re
from collections import Counter
from collections.abc import Collection, Iterable

SAMPLE = 200
FEWEST_WORDS = 20
FEWEST_FOREIGN, FOREIGN_TO_ENGLISH = 3, 2
"""Different words of another language that a foreign report has, and how many to an English one."""

_WORDS = re.compile(r"[^\W\d_]+").findall

# Words that are common in one of the languages and mean nothing in the others; those that English
# shares with another ("no", "in", "die", "normal") are nobody's. Telegraphic reports have few
# function words, so each list ends with words of the chest X-ray.
_LISTS = {
    "English": """
        the and of with without there are this that was were been has have which from by not be
        or than to for at on its may seen noted unchanged no normal
        chest heart lung lungs size clear effusion effusions pleural pneumothorax consolidation
        opacity opacities findings impression lobe airspace cardiac silhouette mediastinal
        bibasilar basilar mild small left right upper lower stable acute disease bony""",
    "German": """
        der die das und ist nicht kein keine keinen mit ohne für im am zum zur ein eine einer eines
        des dem den bei auf von sich wird sind auch beidseits rechts links keine
        befund beurteilung lunge lungen herz erguss pleuraerguss pleuraergüsse stauung infiltrat
        infiltrate verschattung mediastinum zwerchfell unauffällig regelrecht thorax""",
    "French": """
        le la les et est une des du de pas sans avec dans pour sur aux au ce cette qui sont il
        radiographie thorax poumon poumons épanchement pleural coeur cœur cardiaque droite gauche
        absence opacité foyer médiastin normale silhouette bilan""",
    "Spanish": """
        el la los las y es una uno del de con sin para por se en que al como su lo son
        radiografía tórax pulmón pulmones pulmonar derrame pleural corazón silueta cardíaca
        cardiaca derecho derecha izquierdo izquierda consolidaciones sin hallazgos mediastino""",
    "Portuguese": """
        o os as e é um uma do da dos das de com sem para por se em que ao não na nos nas
        radiografia tórax pulmão pulmões derrame pleural coração área cardíaca direito direita
        esquerdo esquerda consolidações seios costofrênicos livres mediastino""",
    "Italian": """
        il lo la gli le e è una un del della dei delle di con senza per si che non al alla nel nella
        radiografia torace polmone polmoni polmonare versamento pleurico cuore ombra cardiaca destra
        sinistra addensamenti lesioni mediastino limiti norma""",
    "Dutch": """
        het een en van met zonder geen niet voor bij zijn aan wordt er ook dat deze te naar
        thorax long longen hart pleuravocht rechts links afwijkingen infiltraat bekend beeld
        mediastinum slank""",
}
_ENGLISH = frozenset(_LISTS["English"].split())
# What a terse English report may be made of, though it stands in another language's list.
_TERSE = frozenset("die as do per infiltrate mediastinum thorax long er am absence hart".split())
_OTHERS = {
    language: frozenset(words.split()) - _ENGLISH - _TERSE
    for language, words in _LISTS.items()
    if language != "English"
}
_ONLY_ENGLISH = _ENGLISH - {"pleural"}
_ANY_OTHER = frozenset().union(*_OTHERS.values())
# Only those that no English report has: not "non", "sem" or "sin", which may be a name or a prefix.
_NEGATIONS = {
    "German": frozenset("kein keine keinen keinem keiner keines keinerlei nicht ohne".split()),
    "French": frozenset("sans aucun aucune".split()),
    "Portuguese": frozenset(["não"]),
    "Italian": frozenset("senza nessun nessuna".split()),
    "Dutch": frozenset("geen niet zonder".split()),
}
_PAS_DE = re.compile(r"\b[Pp]as (?:de |d['\u2019 ])").search
_LATIN_ENDS = "\u024f"


def foreign_language(texts: Iterable[str]) -> str | None:
    """Return the language in which most of the texts clearly are, None if that is English.

    In doubt it is English: too few words, words of no list, or as many reports in English.
    """
    words_seen = reports = 0
    votes: Counter[str] = Counter()
    for text in texts:
        words = [word.lower() for word in _WORDS(text)]
        words_seen += len(words)
        reports += 1
        language = _language_of(words)
        if language is not None:
            votes[language] += 1
    if words_seen < FEWEST_WORDS or votes.total() * 2 <= reports:
        return None
    return votes.most_common(1)[0][0]


def foreign_report(text: str) -> str | None:
    """Return the language that one report is in, or negates in, None if that is English.

    What such a report denies would count as present, since its negations are not read: one word of
    them is enough, also in a report that is English otherwise.
    """
    words = {word.lower() for word in _WORDS(text)}
    for language, negations in _NEGATIONS.items():
        if words & negations or (language == "French" and _PAS_DE(text)):
            return language
    enough = max(FEWEST_FOREIGN, FOREIGN_TO_ENGLISH * len(words & _ONLY_ENGLISH) + 1)
    if sum(word in _ANY_OTHER or word[0] > _LATIN_ENDS for word in words) < enough:
        return None
    scores = _scores(words)
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= enough else None


def _language_of(words: list[str]) -> str | None:
    scores = _scores(words)
    best = max(scores, key=lambda name: scores[name])
    english = sum(word in _ENGLISH for word in words)
    return best if scores[best] > english else None


def _scores(words: Collection[str]) -> dict[str, int]:
    scores = {name: sum(word in known for word in words) for name, known in _OTHERS.items()}
    scores["a language in another script"] = sum(word[0] > _LATIN_ENDS for word in words)
    return scores
