"""Is a corpus English? A vote of a sample of reports, by words that tell languages apart."""

import re
from collections import Counter
from collections.abc import Iterable

SAMPLE = 200
FEWEST_WORDS = 20

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
_OTHERS = {
    language: frozenset(words.split()) - _ENGLISH - {"die", "pleural", "as", "do", "per"}
    for language, words in _LISTS.items()
    if language != "English"
}
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


def _language_of(words: list[str]) -> str | None:
    scores = {name: sum(word in known for word in words) for name, known in _OTHERS.items()}
    scores["a language in another script"] = sum(word[0] > _LATIN_ENDS for word in words)
    best = max(scores, key=lambda name: scores[name])
    english = sum(word in _ENGLISH for word in words)
    return best if scores[best] > english else None
