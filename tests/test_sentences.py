"""Texts with their sentences between bars, sentences with their tokens between spaces."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chestx.labeler.text.sentences import LONGEST_SENTENCE, split_sentences, tokenize

# What stands between ⟦ and ⟧ is a sentence.
TEXTS = {
    "plain": "⟦Clear lungs.⟧ ⟦No effusion.⟧",
    "list": "1. ⟦Cardiomegaly.⟧ 2. ⟦Effusion⟧",
    "list lines": "1. ⟦Cardiomegaly with\n  edema⟧\n2. ⟦Effusion⟧",
    "brackets": "1) ⟦Cardiomegaly⟧ 2) ⟦Effusion⟧",
    "no list": "⟦Line (see image 2) The tip is low.⟧",
    "bullets": "- ⟦Clear⟧\n* ⟦Normal⟧\n\u2022 ⟦no edema⟧",
    "abbreviations": "⟦Seen by Dr. Smith, e.g. on the p.a. view vs. that of ___.⟧ ⟦q.d. dosing⟧",
    "times": "⟦Told at 5 p.m. on Monday.⟧ ⟦Again at 6 p.m.⟧ ⟦No effusion.⟧",
    "units": "⟦A 1.2 cm. nodule of 3 cm.⟧ ⟦Bones intact.⟧",
    "numbers": "⟦See film No. 2 of 1.2.2010.⟧ ⟦Level T8.⟧ ⟦No. 3 is new.⟧",
    "initials": "⟦Dr. J. Smith was told.⟧ ⟦Done.⟧",
    "no space": "⟦Lungs clear.⟧⟦No effusion.⟧⟦old fracture.⟧",
    "lower case": "⟦heart normal.⟧ ⟦lungs clear.⟧",
    "capitals": "⟦NO EFFUSION.⟧ ⟦HEART NORMAL?⟧ ⟦LUNGS CLEAR⟧",
    "marks": "⟦Seen by Dr. ___ on [**2101-1-1**].⟧ ⟦Stable XXXX.⟧ ⟦XXXX at ___.⟧ ⟦No change.⟧",
    "questions": "⟦? pneumonia.⟧ ⟦Possible mass(?) on the right.⟧ ⟦Effusion?⟧ ⟦Mass.⟧",
    "ellipsis": "⟦Clear ... no effusion.⟧ ⟦Normal..⟧ ⟦Stable.⟧",
    "quotes": '⟦"Clear."⟧ ⟦(No change.)⟧ ⟦Normal.⟧',
    "semicolon": "⟦No effusion;⟧ ⟦heart normal.⟧",
    "template": "⟦Lungs clear⟧\n⟦No effusion⟧\n⟦Heart normal⟧",
    "organs": "⟦LUNGS: clear⟧\n⟦HEART: normal;⟧ ⟦no edema⟧\n⟦Bones: intact⟧",
    "paragraphs": "⟦no full stop⟧\n\n⟦another paragraph⟧",
    "wrapped": "⟦The lungs are well expanded and clear without consolidation, effusion\n"
    "or pneumothorax.⟧  ⟦The heart is normal and the mediastinum is suggestive of\n"
    "CHF today⟧\n⟦Bones intact⟧",
    "wrapped capitals": "⟦THE LUNGS ARE CLEAR WITHOUT EFFUSION OR CONSOLIDATION AND THE HEART IS\n"
    "NORMAL IN SIZE.⟧\n⟦NO PNEUMOTHORAX⟧\n⟦BONES NORMAL⟧",
    "rules": "----\n⟦Clear⟧\n....\n",
}


@pytest.mark.parametrize("marked", TEXTS.values(), ids=TEXTS.keys())
def test_marked_texts(marked: str) -> None:
    text = marked.replace("⟦", "").replace("⟧", "")
    expected = [part.split("⟧")[0] for part in marked.split("⟦")[1:]]
    assert [text[a:b] for a, b in split_sentences(text, 0, len(text))] == expected
    assert all(split_sentences(part, 0, len(part)) == [(0, len(part))] for part in expected)


@pytest.mark.parametrize(
    ("sentence", "tokens"),
    [
        ("Ill-defined effusion/atelectasis.", "Ill - defined effusion / atelectasis ."),
        ("w/o mass and/or 1.2cm nodule", "w/o mass and/or 1.2 cm nodule"),
        ("can't cannot doesn't isn\u2019t", "ca n't can not does n't is n\u2019t"),
        ("Patient's film at 5 a.m., Dr. X", "Patient 's film at 5 a.m. , Dr . X"),
        ("XXXX-XXXX on [**2101-1-1**] at ___", "XXXX - XXXX on [**2101-1-1**] at ___"),
        ("T8 5-6 mm, 2nd (50%)", "T8 5 - 6 mm , 2nd ( 50 % )"),
        ("\u201cHöhe\u201d \u2013 fu\u0308r", "\u201c Höhe \u201d \u2013 fu\u0308r"),
        ("clear.No cannula, Cannot.", "clear . No cannula , Can not ."),
    ],
)
def test_tokens(sentence: str, tokens: str) -> None:
    assert " ".join(sentence[a:b] for a, b in tokenize(sentence)) == tokens


PIECES = st.sampled_from(
    [
        "clear",
        "No",
        "Dr",
        "1",
        "2",
        "cm",
        "p.m",
        "XXXX",
        "___",
        "[**A**]",
        "n't",
        "a",
        "LUNGS:",
        ".",
        ". ",
        ".. ",
        "?",
        "\n",
        "\n\n",
        "\r\n",
        " ",
        "- ",
        "1. ",
        "2) ",
        "(",
        ")",
        '"',
        "/",
        "é",
    ]
)
ANY_TEXT = st.text() | st.lists(PIECES, max_size=40).map("".join)


@given(ANY_TEXT, st.integers(0, 20), st.integers(0, 200))
def test_sentences_are_trimmed_and_in_order(text: str, start: int, length: int) -> None:
    end = min(len(text), start + length)
    spans = split_sentences(text, start, max(start, end))
    position = start
    for a, b in spans:
        assert position <= a < b <= end
        assert text[a:b] == text[a:b].strip()
        position = b
    inside = {i for a, b in spans for i in range(a, b)}
    lost = "".join(text[i] for i in range(start, end) if i not in inside)
    # Only list marks of up to two signs are words that no sentence holds.
    assert all(len(word) <= 2 for word in "".join(c if c.isalnum() else " " for c in lost).split())


@given(ANY_TEXT)
def test_tokens_cover_every_sign(text: str) -> None:
    spans = tokenize(text)
    assert all(b <= c for (_, b), (c, _) in pairwise(spans))
    assert "".join(text[a:b] for a, b in spans) == "".join(text.split())


@pytest.mark.parametrize(
    "unit",
    [" ", "\n", ".", "a", ". ", "- ", "1. ", "1) A ", "A\n", "a\n", "?)", "x.x", "Dr. ", "'"],
)
def test_a_megabyte_of_anything_is_cut(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    for a, b in split_sentences(text, 0, len(text)):
        assert b - a <= LONGEST_SENTENCE
        tokenize(text[a:b])
