"""The findings under `rules/findings/` are well-formed, and say what a radiologist means.

The phrases are read here by a small strict reader of their own, so that a fault of the labeler's
matcher cannot hide a fault of the data.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest

RULES = Path(__file__).parents[1] / "chestx" / "rules"
FILES = sorted((RULES / "findings").glob("*.toml"))
LABELS = "labels.toml"
SEMANTIC_TYPES = {
    "Acquired Abnormality",
    "Anatomical Abnormality",
    "Congenital Abnormality",
    "Disease or Syndrome",
    "Finding",
    "Injury or Poisoning",
    "Medical Device",
    "Neoplastic Process",
    "Pathologic Function",
    "Sign or Symptom",
    "Therapeutic or Preventive Procedure",
}
# A phrase of the wide lexicon that is only this would take a class's findings from it.
CLASS_HEADS = re.compile(
    r"(?:the )?(?:pleural |pulmonary |lung )?"
    r"(?:atelectas[ei]s|cardiomegaly|consolidation|density|device|effusion|emphysema|fibrosis"
    r"|fracture|hernia|infiltrat(?:e|ion)|lesion|mass|nodule|o?edema|opacit(?:y|ies)"
    r"|opacification|pneumonia|pneumothorax)"
)
TOKEN = re.compile(r"\.\.\.|[()\[\]|]|[a-z0-9/']+|\s+|(?P<other>.)")


def findings(path: Path) -> list[dict[str, Any]]:
    table: dict[str, list[dict[str, Any]]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return table.get("finding", [])


ALL = [(path.name, finding) for path in FILES for finding in findings(path)]
WIDE = [finding for name, finding in ALL if name != LABELS]


def spellings(phrase: str) -> Iterator[str]:
    """Yield what a phrase may spell, the gap as `...`; ValueError where it is not well-formed."""
    tokens = []
    for match in TOKEN.finditer(phrase):
        if match["other"]:
            raise ValueError(f"{phrase!r}: {match['other']!r}")
        if not match[0].isspace():
            tokens.append(match[0])
    items, rest = read_items(tokens)
    if rest:
        raise ValueError(f"{phrase!r}: {rest[0]!r} is not opened")
    for words in product(*items):
        yield " ".join(filter(None, words))


def read_items(tokens: list[str]) -> tuple[list[list[str]], list[str]]:
    """Read items up to the bracket or bar that ends them; an item is the list of its spellings."""
    items = []
    while tokens and tokens[0] not in ")]|":
        if tokens[0] in "([":
            closing = ")" if tokens[0] == "(" else "]"
            item, tokens = read_choice(tokens[1:], closing)
            items.append(item if closing == ")" else [*item, ""])
        else:
            items.append([tokens[0]])
            tokens = tokens[1:]
    return items, tokens


def read_choice(tokens: list[str], closing: str) -> tuple[list[str], list[str]]:
    choice: list[str] = []
    while True:
        items, tokens = read_items(tokens)
        choice.extend(" ".join(filter(None, words)) for words in product(*items))
        if not tokens or tokens[0] not in ("|", closing):
            raise ValueError(f"not closed by {closing!r}")
        if tokens[0] == closing:
            return choice, tokens[1:]
        tokens = tokens[1:]


def as_regex(phrase: str) -> str:
    """Translate the notation: plurals for words of four letters or more, gaps of filler words."""
    filler = "|".join(tomllib.loads((RULES / "modifiers.toml").read_text())["filler"])
    regex = ""
    for token in re.findall(r"\.\.\.|[()\[\]|]|[^\s()\[\]|]+", phrase):
        if token == "...":
            regex += rf"(?:(?:{filler}) ){{0,6}}"
        elif token in ("(", "["):
            regex += "(?:"
        elif token in (")", "]", "|"):
            regex += {")": ")", "]": ")?", "|": "|"}[token]
        elif len(token) < 4:
            regex += rf"{token} "
        elif token.endswith("y"):
            regex += rf"{token[:-1]}(?:y|ies) "
        else:
            regex += rf"{token}(?:e?s)? "
    return rf"(?<!\S)(?:{regex})"


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    return {
        finding["id"]: re.compile("|".join(as_regex(phrase) for phrase in finding["phrases"]))
        for finding in WIDE
    }


def found_in(sentence: str) -> set[str]:
    words = " ".join(re.findall(r"[a-z0-9]+", sentence.lower())) + " "
    return {id_ for id_, pattern in patterns().items() if pattern.search(words)}


def test_ids_are_unique() -> None:
    ids = [finding["id"] for _, finding in ALL]
    assert sorted(ids) == sorted(set(ids))


@pytest.mark.parametrize(("name", "finding"), ALL, ids=[f"{n}:{f['id']}" for n, f in ALL])
def test_finding_is_well_formed(name: str, finding: dict[str, Any]) -> None:
    assert set(finding) - {"disease", "certainty"} == {
        "id", "name", "cui", "semantic_type", "phrases"
    }  # fmt: skip
    assert re.fullmatch(r"[a-z][a-z0-9_]*", finding["id"])
    assert finding["name"].strip()
    assert re.fullmatch(r"(C\d{7})?", finding["cui"])
    assert finding["semantic_type"] in SEMANTIC_TYPES
    assert name == LABELS or isinstance(finding["disease"], bool)
    assert finding["phrases"]
    for phrase in finding["phrases"]:
        for spelling in spellings(phrase):
            assert spelling
            assert not spelling.startswith("...")
            assert not spelling.endswith("...")
            assert "... ..." not in spelling


@pytest.mark.parametrize(
    "phrase", ["(a", "a)", "(a|b]", "[a", "a|b", "Aorta", "air-space", "a {2}", "(a|(b)"]
)
def test_reader_is_strict(phrase: str) -> None:
    with pytest.raises(ValueError):
        list(spellings(phrase))


def test_cuis_are_not_shared() -> None:
    owners: dict[str, list[str]] = {}
    for _, finding in ALL:
        owners.setdefault(finding["cui"], []).append(finding["id"])
    del owners[""]
    assert {cui: ids for cui, ids in owners.items() if len(ids) > 1} == {}


def test_a_phrase_belongs_to_one_finding() -> None:
    """A class may share words with another class, but a wide finding shares none."""
    owner = {
        spelling: finding["id"]
        for name, finding in ALL
        if name == LABELS
        for phrase in finding["phrases"]
        for spelling in spellings(phrase)
    }
    doubles = [
        (spelling, owner[spelling], finding["id"])
        for finding in WIDE
        for phrase in finding["phrases"]
        for spelling in spellings(phrase)
        if owner.setdefault(spelling, finding["id"]) != finding["id"]
    ]
    assert doubles[:10] == []


def test_no_wide_phrase_is_the_bare_name_of_a_class() -> None:
    bare = {
        (finding["id"], spelling)
        for finding in WIDE
        for phrase in finding["phrases"]
        for spelling in spellings(phrase)
        if CLASS_HEADS.fullmatch(spelling)
    }
    assert bare == set()


def test_modifiers_are_words_that_name_no_finding() -> None:
    lists: dict[str, list[str]] = tomllib.loads((RULES / "modifiers.toml").read_text())
    assert set(lists) == {
        "laterality", "location", "severity", "shape", "certainty_neutral", "keep", "filler"
    }  # fmt: skip
    for name, words in lists.items():
        assert len(words) == len(set(words)), name
        assert all(re.fullmatch(r"[a-z]+|:", word) for word in words), name
    joined = {w for name in lists.keys() - {"keep", "filler"} for w in lists[name]}
    joined -= set(lists["keep"])
    assert joined.isdisjoint({"likely", "new", "no", "normal", "not", "old", "possible", "without"})
    named = {s for f in WIDE for p in f["phrases"] for s in spellings(p)}
    assert sorted(joined & named) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "The heart is normal in size and contour.",
        "The cardiomediastinal silhouette is within normal limits.",
        "The lungs are clear and well expanded.",
        "Both lungs are well aerated.",
        "The thoracic aorta is normal in caliber.",
        "The aortic arch and abdominal aorta are unremarkable.",
        "Pulmonary vascularity is within normal limits.",
        "Pulmonary vasculature is normal.",
        "Interstitial markings are normal.",
        "The hila and mediastinum are unremarkable.",
        "The trachea is midline.",
        "The hemidiaphragms are smooth in contour.",
        "Costophrenic angles are sharp.",
        "The bony thorax is intact.",
        "Visualized osseous structures are unremarkable.",
        "The ribs, clavicles and thoracic spine are intact.",
        "Soft tissues of the chest wall are unremarkable.",
        "The greater tubercle and humeral head are in place.",
        "Nonobstructive bowel gas pattern.",
        "Lung volumes are normal.",
        "No interval change from the prior study.",
        "PA and lateral views of the chest were obtained.",
        "Shallow inspiration; the patient is rotated.",
        "Median sternotomy and changes of prior mastectomy.",
        "Nipple shadows project over the lung bases.",
    ],
)
def test_normal_sentences_name_no_disease(sentence: str) -> None:
    diseases = {finding["id"] for finding in WIDE if finding["disease"]}
    assert found_in(sentence) & diseases == set()


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The lungs are mildly hyperexpanded with flattened diaphragms.", "hyperinflation"),
        ("The diaphragms are flattened.", "flattened_diaphragm"),
        ("Lung volumes are low.", "hypoinflation"),
        ("Changes of chronic obstructive pulmonary disease.", "copd"),
        ("Calcified granuloma in the right upper lobe.", "calcified_granuloma"),
        ("Sequela of old granulomatous disease.", "granulomatous_disease"),
        ("Minimal biapical scarring.", "lung_scar"),
        ("Prominent interstitial markings bilaterally.", "interstitial_markings"),
        ("Peribronchial cuffing.", "bronchial_wall_thickening"),
        ("Kerley B lines are present.", "septal_lines"),
        ("The aorta is mildly tortuous.", "aortic_tortuosity"),
        ("Tortuous and calcified thoracic aorta.", "aortic_tortuosity"),
        ("Calcification of the aortic knob.", "aortic_calcification"),
        ("Unfolding of the thoracic aorta.", "aortic_tortuosity"),
        ("Atherosclerotic calcifications of the aorta.", "aortic_atherosclerosis"),
        ("The main pulmonary artery is enlarged.", "enlarged_pulmonary_artery"),
        ("Calcified mediastinal lymph nodes.", "calcified_lymph_node"),
        ("Bilateral hilar adenopathy.", "hilar_lymphadenopathy"),
        ("The hila are prominent.", "hilar_enlargement"),
        ("Tracheal deviation to the right.", "tracheal_deviation"),
        ("No free air under the diaphragm.", "pneumoperitoneum"),
        ("Subcutaneous emphysema in the neck.", "subcutaneous_emphysema"),
        ("Elevation of the right hemidiaphragm.", "elevated_hemidiaphragm"),
        ("Degenerative changes of the thoracic spine.", "spine_degeneration"),
        ("Multilevel osteophytes.", "osteophyte"),
        ("Dextroscoliosis of the thoracic spine.", "scoliosis"),
        ("The bones are osteopenic.", "osteopenia"),
        ("No lytic or blastic osseous lesion.", "lytic_bone_lesion"),
        ("Old rib deformities on the left.", "rib_deformity"),
        ("Acromioclavicular joint arthropathy.", "shoulder_degeneration"),
        ("Asbestos related plaques.", "pleural_plaque"),
        ("Cholelithiasis.", "gallstones"),
        ("No acute cardiopulmonary abnormality.", "cardiopulmonary_disease"),
        ("No acute disease.", "generic_disease"),
        ("No focal abnormality.", "generic_abnormality"),
        ("Oesophageal dilatation.", "esophageal_dilatation"),
        ("Pulmonary haemorrhage.", "pulmonary_hemorrhage"),
        ("Azygos lobe.", "azygos_lobe"),
        ("Prior median sternotomy and CABG.", "coronary_bypass"),
    ],
)
def test_known_findings_are_named(sentence: str, expected: str) -> None:
    assert expected in found_in(sentence)
