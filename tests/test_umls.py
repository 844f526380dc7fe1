"""`--umls` for real: scispaCy's linker over a small knowledge base; see `make install-umls`."""

import importlib.util
import json
import random
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st
from umls_knowledge_base import CONCEPTS, build

from chestx.cli import main
from chestx.errors import ChestxError
from chestx.labeler import Labeler
from chestx.labeler.batch.corpus import UNIT
from chestx.labeler.batch.mine import mine_labels
from chestx.labeler.concepts.knowledge_base import FILES, VARIABLE, KnowledgeBase
from chestx.labeler.concepts.lexicon import load_lexicon
from chestx.labeler.concepts.umls import DISORDERS, UmlsLinker
from chestx.labeler.report import Report, Result
from chestx.labeler.text.abbreviations import AbbreviationFinder, expand
from chestx.labeler.text.sentences import tokenize

HAS_SCISPACY = importlib.util.find_spec("scispacy") is not None
needs_scispacy = pytest.mark.skipif(
    not HAS_SCISPACY, reason="scispaCy is not installed: run 'make test', which has it beside"
)
# Sentences that another lexicon would not change much, and ones that only UMLS knows.
SENTENCES = (
    "No yellow nail syndrome.",
    "Thoracic dropsy on the left.",
    "There may be relapsing polychondritis.",
    "Relapsing polychondritis (RPC) is stable.",
    "No RPC.",
    "Small pleural effusion.",
    "The heart size is normal.",
    "Heart block is known.",
)

WORDS = (
    *("malignant", "pleural", "effusion", "heart", "block", "disease", "failure", "size", "normal"),
    *("thoracic", "dropsy", "mass", "effect", "hernia", "hodgkin", "'s", "no", "the", "of", "and"),
    *("left", "subcutaneous", "emphysema", ","),
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("umls"))


@pytest.fixture(scope="session")
def linker(folder: Path) -> UmlsLinker:
    return UmlsLinker(load_lexicon(), KnowledgeBase(folder))


@pytest.fixture(scope="session")
def finder() -> AbbreviationFinder:
    return AbbreviationFinder()


@pytest.fixture(scope="session")
def labeler(folder: Path) -> Labeler:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folder))
        return Labeler(umls=True)


def brief(result: Result) -> list[tuple[str, str, str, str]]:
    return [(m.text, m.label, m.cui, m.status) for m in result.mentions]


@needs_scispacy
def test_a_name_that_only_umls_has_reaches_the_label_of_its_cui(labeler: Labeler) -> None:
    result = labeler("FINDINGS: Thoracic dropsy is seen. No thoracic dropsies on the right.")
    assert result.labels == {"Effusion": 1}
    assert brief(result) == [
        ("Thoracic dropsy", "Effusion", "C0032227", "present"),
        ("thoracic dropsies", "Effusion", "C0032227", "negated"),
    ]
    assert {m.concept for m in result.mentions} == {"Pleural effusion"}


@needs_scispacy
def test_other_disorders_become_findings_outside_the_label_set(labeler: Labeler) -> None:
    result = labeler(
        "FINDINGS: There is no yellow nail syndrome. Possible relapsing polychondritis. "
        "Hodgkin's disease. Varicosity of the leg."
    )
    assert result.labels == {}
    linked = [m for m in result.mentions if m.cui in CONCEPTS]
    assert [(m.text, m.label, m.concept, m.semantic_type, m.status) for m in linked] == [
        ("yellow nail syndrome", "", "Yellow nail syndrome", "Disease or Syndrome", "negated"),
        ("relapsing polychondritis", "", "Relapsing polychondritis", "Disease or Syndrome",
         "uncertain"),
        ("Hodgkin's disease", "", "Hodgkin's disease", "Neoplastic Process", "present"),
        ("Varicosity of the leg", "", "Varicosity of the leg", "Pathologic Function", "present"),
    ]  # fmt: skip
    assert not result.normal


@needs_scispacy
def test_where_both_name_the_same_words_the_lexicon_stands(labeler: Labeler) -> None:
    text = "FINDINGS: Pneumothorax. Pleural effusion. Unspecified left congestive heart failure."
    assert brief(labeler(text)) == brief(Labeler()(text))


@needs_scispacy
def test_of_a_longer_name_and_the_finding_in_it_both_stand(labeler: Labeler) -> None:
    result = labeler("FINDINGS: No malignant pleural effusion.")
    assert brief(result) == [
        ("malignant pleural effusion", "Effusion", "C0032227", "negated"),
        ("malignant pleural effusion", "", "C0080032", "negated"),
    ]


@needs_scispacy
def test_an_observation_gives_way_to_a_longer_name(labeler: Labeler) -> None:
    result = labeler("FINDINGS: Heart block.")
    assert ("Heart block", "", "C0018794", "present") in brief(result)


@needs_scispacy
def test_only_disorders_are_linked_and_no_antonyms(labeler: Labeler) -> None:
    assert labeler("FINDINGS: Lung. Chest. Barium sulfate.").mentions == ()
    others = {cui for cui, (types, _) in CONCEPTS.items() if not DISORDERS.keys() & set(types)}
    assert others == {"C0024109", "C0817096", "C0004749"}
    assert labeler("FINDINGS: Essential hypotension.").mentions[0].cui == "C0020649"


@needs_scispacy
def test_a_finding_of_umls_may_be_normal(labeler: Labeler) -> None:
    result = labeler("FINDINGS: Bamboo hair appearance.")
    assert [m.semantic_type for m in result.mentions] == ["Finding"]
    assert result.normal


@needs_scispacy
def test_a_short_form_counts_as_the_long_form_that_its_report_gives(labeler: Labeler) -> None:
    text = (
        "INDICATION: Relapsing polychondritis (RPC).\n"
        "FINDINGS: There is no RPC. No thoracic dropsy (TDY). Left TDY."
    )
    result = labeler(text)
    assert brief(result) == [
        ("RPC", "", "C0032453", "negated"),
        ("thoracic dropsy", "Effusion", "C0032227", "negated"),
        ("TDY", "Effusion", "C0032227", "present"),
    ]
    assert [text[m.start : m.end] for m in result.mentions] == [m.text for m in result.mentions]
    assert labeler("FINDINGS: There is no RPC. Left TDY.").mentions == ()


@needs_scispacy
def test_definitions_are_found_however_many_brackets_there_are(
    finder: AbbreviationFinder,
) -> None:
    noise = "(a) " * 20_000 + "(" * 20_000
    text = f"{noise} heart failure with preserved function (HFPF) {noise}"
    assert finder.find(text)["HFPF"] == ("heart", "failure", "with", "preserved", "function")
    assert finder.find("(CHF) heart failure (HF) (HF). chronic (HF) (long standing CHF here)") == {
        "HF": ("heart", "failure")
    }
    assert finder.find("Effusion (eff), nodules (small). PA (posterior anterior view)") == {}


@needs_scispacy
@settings(deadline=None)
@given(st.text(st.sampled_from("abHF ()[*]-.\n'\u0130"), max_size=60))
@example("(  ")
def test_no_text_is_too_odd_to_look_for_definitions(finder: AbbreviationFinder, text: str) -> None:
    for short, long in finder.find(f"{text} [**a (b**] {text})").items():
        assert short != short.lower()
        assert len(long) > 0


def test_expansion_keeps_the_place_of_the_short_form() -> None:
    text = "No CHF (CHF) or CHF."
    spans = tokenize(text)
    words = [text[start:end].lower() for start, end in spans]
    spans, words = expand(text, spans, words, (("CHF", ("heart", "failure")),))
    assert " ".join(words) == "no heart failure ( chf ) or heart failure ."
    assert spans[1] == spans[2] == (3, 6)


@needs_scispacy
def test_results_depend_on_neither_order_nor_batch_nor_memory(
    labeler: Labeler, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(folder))
    chance = random.Random(5)
    texts = ["FINDINGS: " + " ".join(chance.choices(SENTENCES, k=4)) for _ in range(60)]
    alone = [labeler(text) for text in texts]
    fresh = Labeler(umls=True, memory=0)
    reports = [Report(str(number), text) for number, text in enumerate(reversed(texts))]
    assert list(fresh.pipe(reports)) == alone[::-1]


@needs_scispacy
@settings(max_examples=200, deadline=None)
@given(words=st.lists(st.sampled_from(WORDS), max_size=12))
def test_no_finding_of_the_lexicon_is_lost(linker: UmlsLinker, words: list[str]) -> None:
    lexicon = linker.lexicon
    known = lexicon.matcher.find(words)
    merged = linker.link(words, known)
    assert merged == sorted(merged)
    assert all(a.end <= b.start for a, b in pairwise(merged))
    for match in known:
        if lexicon.concepts[match.concepts[0]].kind == "observation":
            continue
        assert any(
            m.start <= match.start and match.end <= m.end and set(match.concepts) <= set(m.concepts)
            for m in merged
        )


@needs_scispacy
def test_workers_have_it_too(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(folder))
    source = tmp_path / "reports.jsonl"
    texts = [f"Study {number}. {SENTENCES[number % 8]}" for number in range(3 * UNIT)]
    rows = ({"id": str(number), "text": text} for number, text in enumerate(texts))
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for workers in (1, 2):
        mine_labels([source], tmp_path / str(workers), umls=True, workers=workers, quiet=True)
    for name in ("labels.csv", "mentions.parquet", "rejected.csv"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()
    header, *lines = (tmp_path / "1" / "labels.csv").read_text().splitlines()
    effusion = header.split(",").index("Effusion")
    assert [line.split(",")[effusion] for line in lines[:2]] == ["", "1"]


@needs_scispacy
def test_the_knowledge_base_is_part_of_the_fingerprint(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    monkeypatch.setenv(VARIABLE, str(folder))
    first = Labeler(umls=True).fingerprint
    monkeypatch.setenv(VARIABLE, str(other))
    assert Labeler(umls=True).fingerprint == first != Labeler().fingerprint
    base = next(other.glob("*.jsonl"))
    base.write_text(base.read_text().replace("Yellow nail syndrome", "Yellow nails", 1))
    assert Labeler(umls=True).fingerprint != first


@needs_scispacy
@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named(folder: Path, tmp_path: Path, name: str) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    (copy / name).unlink()
    with pytest.raises(ChestxError, match=f"has no {name}"):
        KnowledgeBase(copy)


@needs_scispacy
def test_there_must_be_one_knowledge_base(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    (copy / "mesh.jsonl").touch()
    with pytest.raises(ChestxError, match=r"2 \.jsonl files"):
        KnowledgeBase(copy)


@needs_scispacy
@pytest.mark.parametrize("name", [*FILES, "small_umls.jsonl"])
@pytest.mark.parametrize("share", [0, 0.5])
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # numpy's open file
def test_a_damaged_file_is_one_clear_line(
    folder: Path, tmp_path: Path, name: str, share: float
) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[: int(len(content) * share)])
    with pytest.raises(ChestxError, match="copy all of them"):
        _ = KnowledgeBase(copy).generator


@needs_scispacy
def test_files_of_different_releases_are_refused(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    # Ten more names in the knowledge base, and every trigram has another number.
    more = {"concept_id": "C0000001", "canonical_name": "Aardvarkitis", "types": ["T047"]}
    more["aliases"] = [f"aardvarkitis {letter}" for letter in "abcdefghijkl"]
    with next(copy.glob("*.jsonl")).open("a") as file:
        file.write(json.dumps(more) + "\n")
    with pytest.raises(ChestxError, match="do not belong together"):
        _ = KnowledgeBase(copy).generator


def test_what_is_missing_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = tmp_path / "report.txt"
    report.write_text("No effusion.")
    command = ["mine-labels", str(report), "--umls", "-o", str(tmp_path / "labels")]
    monkeypatch.delenv(VARIABLE, raising=False)
    result = CliRunner().invoke(main, command)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert f"set {VARIABLE}" in result.stderr
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    result = CliRunner().invoke(main, command)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert ("has no" if HAS_SCISPACY else "pip install 'chestx[umls]'") in result.stderr
