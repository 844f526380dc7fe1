"""Reports with their sections marked: `[findings|...]` is what split_sections must return."""

import re
import tarfile
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chestx.labeler.text.sections import split_sections

OPENI = Path(__file__).parents[2] / "shared" / "data" / "openi" / "NLMCXR_reports.tgz"
MARKED = re.compile(r"\[(findings|impression|report)\|([^]]*)\]")

REPORTS = {
    "three on a line": "INDICATION: cough. FINDINGS: [findings|Clear.] IMPRESSION: "
    "[impression|Normal.]",
    "flattened": "INDICATION: Chest pain COMPARISON: None FINDINGS: [findings|Clear. History of "
    "CABG.] IMPRESSION: [impression|Normal]",
    "lower case": "indication: cough\nfindings: [findings|clear]\nimpression: [impression|normal]",
    "dictated": "Clinical history: cough. Findings: [findings|Lungs clear.] Impression: "
    "[impression|As above.]",
    "dashes": "Findings - [findings|clear lungs]\nImpression \u2013 "
    "[impression|normal - no change]",
    "numbers, CRLF": "1. FINDINGS:\r\n[findings|Clear.]\r\n\r\n2) IMPRESSION:\r\n"
    "[impression|Normal.]\r\n",
    "markdown": "**Findings**\n[findings|clear]\n\n## Impression:\n[impression|normal]",
    "markdown colons": "**Findings:** [findings|clear]\n**Impression**: [impression|normal]",
    "wiki": "== FINDINGS ==\n[findings|clear]\n== IMPRESSION ==\n[impression|normal]",
    "underlined": "FINDINGS\n--------\n[findings|Clear.]\n\nIMPRESSION\n\n[impression|Normal]",
    "joint": "FINDINGS AND IMPRESSION: [impression|clear]",
    "joint by slash": "HISTORY/COMPARISON: none\nFINDINGS/IMPRESSION:\n[impression|clear]",
    "technique and findings": "TECHNIQUE AND FINDINGS: [findings|PA view. Clear.]",
    "in brackets": "INDICATION (clinical): x\nFINDINGS (chest): [findings|y]\nIMPRESSION (final):\n"
    "[impression|1. z]",
    "conclusion": "RESULT: [findings|clear]\nCONCLUSION: [impression|normal]",
    "summary": "Report: [findings|clear]\nOPINION\n[impression|normal]",
    "interpretation": "INTERPRETATION: [impression|normal]\nDIAGNOSIS: [impression|normal]",
    "film heading": "CHEST, PA AND LATERAL: [findings|The lungs are clear.]\n\nIMPRESSION: "
    "[impression|No change]",
    "request with a question": "Clinical information: Worsening cough. Any effusion? Pneumonia? "
    "[findings|The lungs are clear. No effusion.]",
    "film heading after another": "CLINICAL INFORMATION: cough\n\nPORTABLE AP CHEST:\n"
    "[findings|Clear lungs.]",
    "film with time": "AP CHEST, 5:02 A.M., ___\n\nHISTORY:  Pneumonia.\n\nIMPRESSION:  "
    "[impression|AP chest compared to ___:\n\nLarge effusion.]",
    "film inside the impression": "IMPRESSION: [impression|Stable.\nCHEST: Clear.]",
    "organs": "FINDINGS:\n[findings|LUNGS: clear.\nHEART: normal.\nBones/soft tissues: normal.\n"
    "LINES AND TUBES: none.]\nIMPRESSION: [impression|Normal]",
    "organs without findings": "TECHNIQUE: two views.\n[findings|Lungs and pleura: clear.\n"
    "HEART: normal.]\nIMPRESSION: [impression|Normal]",
    "unknown heading": "INDICATION: SOB\nALLERGIES: none\n[findings|PACEMAKERS: one]",
    "unknown heading in findings": "FINDINGS: [findings|clear\nPACEMAKERS: one]",
    "mimic": "                                 FINAL REPORT\n EXAMINATION:  CHEST (PA AND LAT)\n\n "
    "INDICATION:  ___ with ascites  // eval for infection\n\n TECHNIQUE:  Chest PA and lateral\n\n "
    "COMPARISON:  None.\n\n FINDINGS: \n \n [findings|No consolidation.\n \n No effusion.]\n\n "
    "IMPRESSION: \n \n [impression|No acute process.]\n",
    "mimic without findings": "                         FINAL REPORT\n HISTORY:  Cough.\n\n "
    "COMPARISON:  None.\n\n [findings|The lungs are clear.  No effusion.]\n\n IMPRESSION:  "
    "[impression|No pneumonia.]\n",
    "mimic without either": " FINAL REPORT\n REASON FOR EXAM:  Cough.\n\n [findings|Lungs clear.]",
    "wet read": " WET READ: ___ 8:22 PM\n  No pneumothorax.\n____________\n       FINAL REPORT\n "
    "PORTABLE CHEST\n\n COMPARISON: ___\n\n FINDINGS:  [findings|Small pneumothorax.]",
    "banner": "FINAL REPORT\n[findings|Lungs clear.]\n\nIMPRESSION: [impression|Normal.]",
    "addendum": "ADDENDUM: [findings|Small effusion.]\nFINAL REPORT\nFINDINGS: [findings|none.]\n"
    "NOTIFICATION: Dr. X was told",
    "chexpert": "NARRATIVE:\n[findings|RADIOGRAPHIC EXAMINATION OF THE CHEST: 1/2/2004]\n\n"
    "CLINICAL HISTORY: 60 years\n\nCOMPARISON: None.\n\nPROCEDURE COMMENTS: Single view.\n\n"
    "FINDINGS: "
    "[findings|Tube.]\n\nIMPRESSION:\n\n[impression|1. ETT.\n2. Edema.]\n\nSUMMARY: "
    "[impression|2-ABNORMAL]",
    "british": "Clinical Details: ?pneumonia\n\nReport: [findings|Heart size normal. Lungs clear.]"
    "\nReported by: Dr. X",
    "recommendation": "FINDINGS: [findings|clear]\nRECOMMENDATION(S): CT to exclude a mass.",
    "no heading": "[report|Findings are consistent with: edema. History of pneumonia. Impression "
    "on the trachea\ncomparison is made. Lungs: clear]",
    "only organs": "[report|Lungs: clear.\nHeart: normal.]",
    "headed text left out": "[report|Lungs clear.]\nCOMPARISON: none",
    "nothing else": "[report|Clinical history: cough]\n",
    "empty findings": "FINDINGS:\nIMPRESSION: [impression|Normal.]",
    "blank": " \n",
}


@pytest.mark.parametrize("marked", REPORTS.values(), ids=REPORTS.keys())
def test_marked_reports(marked: str) -> None:
    text = MARKED.sub(r"\2", marked)
    found = [(section.name, text[section.start : section.end]) for section in split_sections(text)]
    assert found == MARKED.findall(marked)
    headed = [(name, content) for name, content in found if name != "report"]
    again = "\n\n".join(f"{name.upper()}: {content}" for name, content in headed)
    assert [(s.name, again[s.start : s.end]) for s in split_sections(again)] == headed


PIECES = st.sampled_from(
    [
        "FINDINGS",
        "Impression",
        "COMPARISON",
        "LUNGS",
        "CHEST, PA",
        "FINAL REPORT",
        "clear",
        "5:02",
        ":",
        " - ",
        "\n",
        "\n\n",
        "\r\n",
        ". ",
        " ",
        "(",
        "**",
        "___",
        "1. ",
        "A.M.",
        "\u2013",
        "é",
    ]
)


@given(st.text() | st.lists(PIECES, max_size=30).map("".join))
def test_sections_are_trimmed_and_disjoint(text: str) -> None:
    sections = split_sections(text)
    assert bool(sections) == bool(text.strip())
    assert all(a.end <= b.start for a, b in pairwise(sections))
    for section in sections:
        content = text[section.start : section.end]
        assert content == content.strip() != ""


@pytest.mark.parametrize(
    "unit", [" ", "\n", ".", "a", "- ", ". a", "\n a", "1. ", "(", " FINDINGS", "\n(", "A.M.", "*:"]
)
def test_megabytes_of_anything_are_read(unit: str) -> None:
    split_sections(unit * (1_000_000 // len(unit)))


@pytest.mark.skipif(not OPENI.exists(), reason="needs ../shared/data/openi")
def test_openi_sections_come_back_as_published() -> None:
    labels = re.compile(r'<AbstractText Label="(\w+)">([^<]*)')
    differing = 0
    with tarfile.open(OPENI) as archive:
        for member in archive:
            file = archive.extractfile(member)
            parts = labels.findall(file.read().decode()) if file else []
            parts = [(name, content.strip()) for name, content in parts if content.strip()]
            text = "\n\n".join(f"{name}: {content}" for name, content in parts)
            found = [(s.name.upper(), text[s.start : s.end]) for s in split_sections(text)]
            published = [part for part in parts if part[0] in ("FINDINGS", "IMPRESSION")]
            differing += bool(published) and found != published
    # One impression holds a whole report with headings of its own.
    assert differing == 1
