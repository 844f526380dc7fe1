import base64
import gzip
import io
import json
import os
import tarfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chestx.errors import ChestxError
from chestx.job.rejected import Rejected
from chestx.labeler.readers import FORMATS, inventory, read_mesh, read_reports
from chestx.labeler.readers.member import LIMIT
from chestx.labeler.report import Report

OPENI = Path(__file__).parents[2] / "shared/data/openi/NLMCXR_reports.tgz"
needs_openi = pytest.mark.skipif(
    not OPENI.exists(), reason="../shared/data/openi, the OpenI reports, is not here"
)

ECITATION = """<?xml version="1.0" encoding="utf-8"?>{doctype}
<eCitation><uId id="CXR7"/><MedlineCitation><Article><Abstract>
 <AbstractText Label="COMPARISON"/>
 <AbstractText Label="FINDINGS">Lungs &lt;clear&gt;.{entity}</AbstractText>
 <AbstractText Label="IMPRESSION">Normal.</AbstractText>
</Abstract></Article></MedlineCitation>
<MeSH><major>normal</major><major> Opacity/lung </major></MeSH>{image}</eCitation>
"""


def ecitation(doctype: str = "", entity: str = "", image: str = "") -> bytes:
    return ECITATION.format(doctype=doctype, entity=entity, image=image).encode()


def fhir(name: str, **fields: object) -> dict[str, object]:
    return {"resourceType": "DiagnosticReport", "id": name, **fields}


def form(content_type: str, content: bytes) -> dict[str, str]:
    return {"contentType": content_type, "data": base64.b64encode(content).decode()}


def ndjson(*resources: object) -> bytes:
    return "\n".join(map(json.dumps, resources)).encode()


# For each format a file and the reports in it.
SAMPLES = {
    "text": ("sub/Müller.txt", "Herz groß.\r\n".encode(), {"sub/Müller": "Herz groß.\r\n"}),
    "csv": (
        "t.csv",
        b'Report ID;Findings;Impression\n7;"A ""b""\r\nc.";Normal.\n',
        {"7": 'FINDINGS: A "b"\r\nc.\n\nIMPRESSION: Normal.'},
    ),
    "jsonl": ("t.jsonl", ndjson({"id": 7, "text": "No edema."}), {"7": "No edema."}),
    "openi": ("x/1.xml", ecitation(), {"CXR7": "FINDINGS: Lungs <clear>.\n\nIMPRESSION: Normal."}),
    "mimic-cxr": (
        "files/p10/p10000032/s50414267.txt",
        b"                 FINAL REPORT\n No edema.\n",
        {"s50414267": "                 FINAL REPORT\n No edema.\n"},
    ),
    "fhir": ("r.ndjson", ndjson(fhir("r7", conclusion="No edema.")), {"r7": "No edema."}),
}


def in_folder(files: dict[str, bytes], where: Path) -> Path:
    for name, content in files.items():
        path = where / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return where / "folder"


def in_gz_folder(files: dict[str, bytes], where: Path) -> Path:
    return in_folder({f"{name}.gz": gzip.compress(files[name]) for name in files}, where)


def in_zip(files: dict[str, bytes], where: Path) -> Path:
    with zipfile.ZipFile(where / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return where / "a.zip"


def in_gz_zip(files: dict[str, bytes], where: Path) -> Path:
    return in_zip({f"{name}.gz": gzip.compress(files[name]) for name in files}, where)


def in_tar(files: dict[str, bytes], where: Path, name: str = "a.tar", mode: str = "w") -> Path:
    with tarfile.open(where / name, mode) as archive:
        for member, content in files.items():
            info = tarfile.TarInfo(f"./{member}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return where / name


def in_tgz(files: dict[str, bytes], where: Path) -> Path:
    return in_tar(files, where, "a.tgz", "w:gz")


def in_tar_gz(files: dict[str, bytes], where: Path) -> Path:
    return in_tar(files, where, "a.tar.gz", "w:gz")


CONTAINERS = [in_folder, in_gz_folder, in_zip, in_gz_zip, in_tar, in_tgz, in_tar_gz]


def texts(path: Path | str, **options: str) -> dict[str, str]:
    records = list(read_reports([path], **options))
    assert all(isinstance(record, Report) for record in records), records
    return {record.id: record.text for record in records}


def reasons(path: Path | str, **options: str) -> list[str]:
    records = read_reports([path], **options)
    return [record.reason for record in records if isinstance(record, Rejected)]


def report(path: Path, **options: str) -> Report | Rejected:
    (record,) = read_reports([path], **options)
    return record


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("format", FORMATS)
def test_every_format_is_read_and_recognised_in_every_container(format, container, tmp_path):
    name, content, expected = SAMPLES[format]
    path = container({name: content}, tmp_path)
    assert texts(path, format=format) == expected
    assert texts(path) == expected


name_parts = st.text(
    st.characters(codec="utf-8", exclude_characters="/\\", exclude_categories=("C", "Z")),
    min_size=1,
    max_size=20,
).filter(lambda part: not part.startswith("."))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(
        name_parts.map(lambda name: f"sub/{name}.txt"),
        st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff")).filter(str.strip),
        max_size=5,
    )
)
def test_any_text_comes_out_of_any_container_unchanged(tmp_path_factory, reports):
    files = {name: text.encode() for name, text in reports.items()}
    expected = {name.removesuffix(".txt"): text for name, text in reports.items()}
    for container in CONTAINERS:
        where = tmp_path_factory.mktemp("x")
        (where / "folder").mkdir()
        assert texts(container(files, where)) == expected


@needs_openi
def test_the_openi_archive_is_read_whole():
    read = texts(OPENI)
    assert len(read) == 3955
    assert read["CXR1"].startswith(
        "COMPARISON: None.\n\nINDICATION: Positive TB test\n\nFINDINGS: "
    )
    meshes = list(read_mesh([OPENI]))
    assert [mesh.id for mesh in meshes] == list(read)
    assert sum(mesh.has_image for mesh in meshes) == 3851
    bare = [text for text in read.values() if not {"FINDINGS:", "IMPRESSION:"} & {*text.split()}]
    assert len(bare) >= 25


def test_mesh_headings_are_read_as_written(tmp_path):
    files = {"1.xml": ecitation(), "2.xml": ecitation(image="<parentImage id='a'/>")}
    meshes = list(read_mesh([in_tgz(files, tmp_path)]))
    assert [tuple(mesh) for mesh in meshes] == [
        ("CXR7", ("normal", "Opacity/lung"), False),
        ("CXR7", ("normal", "Opacity/lung"), True),
    ]
    (tmp_path / "3.xml").write_bytes(b"<eCitation>")
    with pytest.raises(ChestxError, match="fetch openi"):
        list(read_mesh([tmp_path / "3.xml"]))


# Malice


LAUGHS = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))
MALICE = {
    "external": ecitation('<!DOCTYPE eCitation [<!ENTITY x SYSTEM "SECRET">]>', "&x;"),
    "laughs": ecitation(f'<!DOCTYPE eCitation [<!ENTITY e0 "ha">{LAUGHS}]>', "&e11;"),
    "attribute": ecitation(f'<!DOCTYPE eCitation [<!ENTITY e0 "ha">{LAUGHS}]>').replace(
        b"CXR7", b"&e11;"
    ),
    "dtd": ecitation('<!DOCTYPE eCitation SYSTEM "SECRET">'),
    "utf-16": ecitation('<!DOCTYPE eCitation [<!ENTITY x SYSTEM "SECRET">]>', "&x;")
    .decode()
    .replace("utf-8", "utf-16")
    .encode("utf-16"),
    "undeclared": ecitation(entity="&x;"),
    "deep": b"<eCitation>" + b"<a>" * 100_000,
}


@pytest.mark.parametrize("attack", MALICE)
def test_hostile_xml_is_rejected(attack, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("password")
    path = tmp_path / "1.xml"
    path.write_bytes(MALICE[attack].replace(b"SECRET", secret.as_uri().encode()))
    record = report(path, format="openi")
    assert isinstance(record, Rejected)
    assert "XML" in record.reason


@pytest.mark.parametrize("container", [in_zip, in_tar])
def test_a_member_called_dot_dot_is_a_record_and_nothing_is_written(container, tmp_path):
    path = container({"../../evil.txt": b"No edema.", "/abs.txt": b"Edema."}, tmp_path)
    assert texts(path) == {"evil": "No edema.", "abs": "Edema."}
    assert list(tmp_path.iterdir()) == [path]


def test_links_in_a_tar_are_not_followed(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo("x.txt")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    assert len(reasons(tmp_path / "a.tar")) == 3


def test_links_that_lead_back_are_left_out_and_hidden_files_too(tmp_path):
    folder = in_folder(
        {"a/1.txt": b"x", "b/2.txt": b"y", ".h.txt": b"z", ".d/3.txt": b"z"}, tmp_path
    )
    (folder / "a" / "up").symlink_to(folder)
    (folder / "a" / "over").symlink_to(folder / "b")
    (folder / "b" / "back").symlink_to(folder / "a")
    assert set(texts(folder)) == {"a/1", "a/over/2", "b/2", "b/back/1"}


def test_the_outputs_of_a_run_are_no_reports(tmp_path):
    results = {"labels.csv": b"id,text\n1,x\n", "run.json": b"{}", ".lock": b""}
    out = {f"out/{name}": content for name, content in results.items()}
    folder = in_folder({"1.txt": b"x", **results, **out}, tmp_path)
    assert texts(folder) == {"1": "x"}
    assert [name for name, _, _ in inventory([folder])] == ["1.txt"]
    assert texts(folder / "labels.csv") == {"1": "x"}


# Damage


@pytest.mark.parametrize("container", [in_tar, in_tgz])
def test_what_lies_before_the_damage_is_read_and_the_archive_rejected_once(container, tmp_path):
    noise = {f"{i}.txt": os.urandom(2000).hex().encode() for i in range(20)}
    path = container(noise, tmp_path)
    whole = texts(path)
    content = path.read_bytes()
    counts = []
    for length in range(1, len(content) // 2, 611):
        path.write_bytes(content[:length])
        *read, last = read_reports([path])
        assert isinstance(last, Rejected)
        assert last.source == str(path)
        assert [(record.id, record.text) for record in read] == list(whole.items())[: len(read)]
        counts.append(len(read))
    assert counts == sorted(counts)
    assert counts[-1] >= 8


@pytest.mark.parametrize("container", [in_zip, in_tar, in_tgz, in_gz_folder])
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_flipped_bytes_never_raise(tmp_path, container, data):
    files = {name: content for name, content, _ in SAMPLES.values()}
    path = container(files, tmp_path)
    target = path if path.is_file() else path / "t.csv.gz"
    content = bytearray(target.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    target.write_bytes(content)
    records = list(read_reports([path]))
    assert all(isinstance(record, Report | Rejected) for record in records)


@pytest.mark.parametrize("name", ["a.zip", "a.tgz", "a.tar", "a.txt.gz", "a.csv.gz", "a.jsonl.gz"])
@pytest.mark.parametrize("content", [b"", b"not what the name says"])
def test_archives_that_are_none_are_rejected(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)
    records = list(read_reports([tmp_path / name]))
    if content or not name.endswith("jsonl.gz"):
        assert [type(record) for record in records] == [Rejected]


def test_rows_before_the_end_of_a_truncated_gz_are_read(tmp_path):
    rows = "".join(f"{i},{os.urandom(40).hex()}\n" for i in range(1000))
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(f"id,text\n{rows}".encode())[:-20_000])
    *read, last = read_reports([path])
    assert isinstance(last, Rejected)
    assert (
        "".join(f"{record.id},{record.text}\n" for record in read)
        == rows[: rows.index(f"\n{len(read)},") + 1]
    )


# Size


def test_a_report_of_50_mb_is_read(tmp_path):
    text = "No edema. " * 5_000_000
    (tmp_path / "1.txt").write_text(text)
    with gzip.open(tmp_path / "2.csv.gz", "wt", compresslevel=1) as file:
        file.write(f'id,text\n2,"{text}"\n3,Edema.\n')
    with gzip.open(tmp_path / "3.jsonl.gz", "wt", compresslevel=1) as file:
        file.write(json.dumps({"id": 4, "text": text}))
    assert texts(tmp_path) == {"1": text, "2": text, "3": "Edema.", "4": text}


def test_bombs_are_rejected_and_reading_goes_on(tmp_path):
    bomb = "x" * (LIMIT + 1)
    files = {
        "1.txt": bomb.encode(),
        "2.csv": f"id,text\n1,{bomb}\n2,Edema.\n".encode(),
        "3.csv": f'id,text\n1,"{bomb}\n2,Edema.\n'.encode(),
        "4.jsonl": f'{{"text": "{bomb}"}}\n{{"text": "Edema."}}\n'.encode(),
    }
    path = in_tgz(files, tmp_path)
    records = list(read_reports([path]))
    kept = [record.id for record in records if isinstance(record, Report)]
    assert kept == ["2", "2", "4:2"]
    assert reasons(path) == ["longer than 64 MiB"] * 4


def test_a_bomb_in_a_tar_header_is_rejected(tmp_path):
    with tarfile.open(tmp_path / "a.tgz", "w:gz", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("1.txt")
        info.pax_headers = {"comment": "x" * 2**25}
        archive.addfile(info)
    assert reasons(tmp_path / "a.tgz") == ["damaged or truncated: what came before was read"]


# Texts


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("Größe\r\n".encode("utf-8-sig"), "Größe\r\n"),
        ("Größe\n".encode("utf-16"), "Größe\n"),
        ("Größe … 5 µm\r".encode("cp1252"), "Größe … 5 µm\r"),
        (b"a\x81\xff", "a\x81ÿ"),
    ],
)
def test_encodings(content, text, tmp_path):
    path = tmp_path / "ä b.txt"
    path.write_bytes(content)
    assert report(path) == Report("ä b", text, str(path))


@pytest.mark.parametrize("start", [b"%PDF-1.7\n", b"PK\x03\x04", b"{\\rtf1 No edema.}"])
def test_other_documents_are_rejected(start, tmp_path):
    (tmp_path / "1.txt").write_bytes(start)
    assert reasons(tmp_path / "1.txt")[0].endswith("save it as text first")


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty report"), (b" \r\n", "empty report"), (b"\x89PNG\0\0", "binary, not text")],
)
def test_files_without_text_are_rejected(content, reason, tmp_path):
    (tmp_path / "1.txt").write_bytes(content)
    assert report(tmp_path / "1.txt") == Rejected("1", str(tmp_path / "1.txt"), reason)


def test_names_that_are_not_utf8_can_be_written_to_a_table(tmp_path):
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/M\xfcller.txt")).write_text("No edema.")
    record = report(tmp_path)
    assert record.id == r"M\xfcller"
    record.source.encode()


def test_a_zip_of_macos_or_windows_keeps_its_names(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("1" * 15, "No edema.")
    content = (tmp_path / "a.zip").read_bytes()
    name = "sub\\Müller.txt".encode()
    (tmp_path / "a.zip").write_bytes(content.replace(b"1" * len(name), name))
    assert texts(tmp_path / "a.zip") == {"sub/Müller": "No edema."}


def test_an_unknown_file_is_rejected_until_its_format_is_named(tmp_path):
    (tmp_path / "1.rpt").write_text("No edema.")
    assert "--format" in report(tmp_path / "1.rpt").reason
    assert texts(tmp_path / "1.rpt", format="text") == {"1": "No edema."}


# Tables


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_a_table_without_the_column_says_how_to_name_it(name, tmp_path):
    (tmp_path / name).write_bytes(
        (gzip.compress if name.endswith("gz") else bytes)(b"patient,words\n1,No edema.\n")
    )
    with pytest.raises(ChestxError, match=r"2 columns: name one with --text-column"):
        list(read_reports([tmp_path / name]))
    with pytest.raises(ChestxError, match=r"no column 'nope'; .* with --text-column"):
        list(read_reports([tmp_path], text_column="nope"))
    with pytest.raises(ChestxError, match=r"no column 'nope'; .* with --id-column"):
        list(read_reports([tmp_path], text_column="words", id_column="nope"))
    assert texts(tmp_path, text_column="words", id_column="patient") == {"1": "No edema."}
    assert len(reasons(tmp_path)) == 1


@pytest.mark.parametrize("options", [{}, {"text_column": "x"}, {"id_column": "x"}])
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("t.csv", b"P1234,Effusion.,Report ID\nP1235,Pneumonia.,7\n"),
        ("t.jsonl", ndjson({"P1234": 1, "Effusion.": "a", "Report ID": 7})),
    ],
)
def test_only_the_usual_names_of_columns_are_shown(name, content, options, tmp_path):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ChestxError, match=r"3 columns \(such as Report ID\)") as error:
        list(read_reports([tmp_path / name], **options))
    assert "P1234" not in str(error.value)
    assert "Effusion" not in str(error.value)


def test_two_columns_of_one_name_are_an_error(tmp_path):
    (tmp_path / "t.csv").write_text("id,text,text,x,x\n1,a,b,c,d\n")
    with pytest.raises(ChestxError, match="rename one"):
        list(read_reports([tmp_path / "t.csv"]))
    (tmp_path / "t.csv").write_text("id,text,x,x\n1,a,c,d\n")
    assert texts(tmp_path / "t.csv") == {"1": "a"}


@pytest.mark.parametrize(
    ("name", "content"),
    [("t.csv", b"id,text\n1,a\0b\n"), ("t.jsonl", ndjson({"id": "1", "text": "a\0b"}))],
)
def test_a_nul_in_a_row_is_rejected(name, content, tmp_path):
    (tmp_path / name).write_bytes(content)
    assert reasons(tmp_path / name) == ["binary, not text"]


def test_jsonl_without_the_field_says_how_to_name_it(tmp_path):
    (tmp_path / "t.jsonl").write_bytes(ndjson({"n": 1, "words": "a"}, {"words": "b"}))
    with pytest.raises(ChestxError, match=r"2 columns: name one with --text-column"):
        list(read_reports([tmp_path / "t.jsonl"]))
    assert texts(tmp_path, text_column="words") == {"t:1": "a", "t:2": "b"}


def test_bad_rows_are_rejected_by_line_and_the_others_read(tmp_path):
    (tmp_path / "t.tsv").write_bytes(
        '\ufeffid\ttext\n1\tx\ty\n2\t\n3\t"A\nB"\n\n\tx\n4\t"A" b\n5\tÄ\n'.encode()
    )
    records = list(read_reports([tmp_path / "t.tsv"]))
    assert [(record.id, record.source.rpartition(":")[2]) for record in records] == [
        ("", "2"),
        ("2", "3"),
        ("3", "4"),
        ("", "7"),
        ("", "8"),
        ("5", "9"),
    ]
    assert [record.id for record in records if isinstance(record, Report)] == ["3", "5"]


def test_an_open_quote_does_not_make_one_report_of_many(tmp_path):
    (tmp_path / "t.csv").write_text('id,text\n1,a\n2,"b\n3,c\n4,d\n')
    first, last = read_reports([tmp_path / "t.csv"])
    assert (first.id, type(last)) == ("1", Rejected)


def test_malformed_json_lines_are_rejected_by_line(tmp_path):
    lines = [
        b'{"id": "a", "text": "x"}',
        b"{",
        b"[1]",
        b"",
        b"[" * 100_000,
        b'{"id": "b", "text": 5}',
        b'{"id": "c"}',
        b'{"id": true, "text": "x"}',
        b'{"id": "d", "text": "\\ud800\\u00e4\\ud83e\\udec1"}\r',
    ]
    (tmp_path / "t.jsonl").write_bytes(b"\n".join(lines))
    records = list(read_reports([tmp_path / "t.jsonl"]))
    bad = [int(r.source.rpartition(":")[2]) for r in records if isinstance(r, Rejected)]
    assert bad == [2, 3, 5, 6, 7, 8]
    assert records[-1].text == "\ufffdä\U0001fac1"


def test_jsonl_from_stdin(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(b'{"report": "No edema."}\n'))
    monkeypatch.setattr("sys.stdin", stream)
    assert texts("-") == {"-:1": "No edema."}
    assert not stream.closed


# FHIR


XHTML = (
    '<div xmlns="http://www.w3.org/1999/xhtml"><script>alert("x")</script><p>No&nbsp;<b>ed</b>ema'
    " &amp; no</p><table><tr><td>effusion</td><td>&lt; 1</td></tr></table></div>"
)
PRE = "FINDINGS:\nclear.\nIMPRESSION:"
PLAIN = "No\u00a0edema & no\neffusion < 1"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (
            {"presentedForm": [form("text/html", XHTML.encode()), form("text/plain", b"a\r\nb")]},
            "a\r\nb",
        ),
        ({"presentedForm": [form("text/html; charset=utf-8", XHTML.encode())]}, PLAIN),
        ({"presentedForm": [form("text/plain; charset=iso-8859-1", b"Gr\xf6\xdfe")]}, "Größe"),
        ({"presentedForm": [form("application/pdf", b"%PDF")], "conclusion": "x"}, "x"),
        ({"text": {"div": XHTML}, "conclusion": "x y"}, f"{PLAIN}\n\nIMPRESSION: x y"),
        ({"text": {"div": XHTML}, "conclusion": "no effusion"}, PLAIN),
        ({"presentedForm": [form("text/plain", b"a")], "conclusion": "b"}, "a\n\nIMPRESSION: b"),
        ({"text": {"div": "<div><pre>FINDINGS:\nclear.\n\nIMPRESSION:</pre></div>"}}, PRE),
        ({"text": {"div": "<div/>"}, "conclusion": "x"}, "x"),
        ({"text": {"div": "<div>" * 50_000 + "x"}}, "x"),
    ],
)
def test_the_text_of_a_fhir_report(fields, text, tmp_path):
    (tmp_path / "r.json").write_text(json.dumps(fhir("r1", **fields), indent=1))
    record = report(tmp_path / "r.json")
    assert isinstance(record, Report)
    assert " ".join(record.text.split()) == " ".join(text.split())
    assert record.text.count("\n") == text.count("\n")


def test_a_bundle_of_other_resources_and_faulty_reports(tmp_path):
    identifier = [{"system": "x"}, {"value": "A7"}]
    resources = [
        {"resourceType": "Patient", "id": "p"},
        fhir("1", conclusion="a"),
        {**fhir("", conclusion="b"), "identifier": identifier},
        fhir("3"),
        fhir("4", presentedForm=[{"contentType": "text/plain", "data": "%%%"}], conclusion="c"),
        fhir("5", conclusion="c", status="entered-in-error"),
        {"resourceType": "DiagnosticReport", "conclusion": "c"},
        None,
    ]
    bundle = {"resourceType": "Bundle", "entry": [{"resource": r} for r in resources]}
    (tmp_path / "b.json").write_text(json.dumps(bundle, indent=1))
    records = list(read_reports([tmp_path / "b.json"]))
    assert [(r.id, r.text) for r in records if isinstance(r, Report)] == [("1", "a"), ("A7", "b")]
    assert [r.id for r in records if isinstance(r, Rejected)] == ["3", "4", "5", ""]


# What the user typed


def test_what_is_not_there_is_told_at_once(tmp_path):
    with pytest.raises(ChestxError, match="does not exist"):
        read_reports([tmp_path / "nope"])
    with pytest.raises(ChestxError, match="choose one of auto, text, csv"):
        read_reports([tmp_path], format="pdf")


def test_the_order_and_the_inventory_are_those_of_the_paths(tmp_path):
    folder = in_folder(dict.fromkeys(("b.txt", "a/2.txt", "a/10.txt", "a.txt"), b"x"), tmp_path)
    names = ["a/10.txt", "a/2.txt", "a.txt", "b.txt"]
    assert [record.id + ".txt" for record in read_reports([folder])] == names
    listed = inventory([folder, folder / "b.txt"])
    assert [name for name, _, _ in listed] == [*names, "b.txt"]
    status = (folder / "b.txt").stat()
    assert listed[-1] == ("b.txt", status.st_size, status.st_mtime_ns)
