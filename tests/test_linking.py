"""Reports find their films by what stands in both, or not at all."""

import random
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chestx.dataset.film import Film, View
from chestx.dataset.linking.link import Links, NothingLinkedError, Way, link_reports
from chestx.dataset.linking.table import LinkTable, complete_films, read_link_table
from chestx.errors import ChestxError

SECRET = "Zq7"
"""Begins every id of these patients: no message may show it."""


def film(patient: int, study: int, image: int, **more: object) -> Film:
    """Return a film; studies are numbered over all patients, a study is of one day."""
    made = Film(
        source=f"{SECRET}/{patient}/{study}-{image}.dcm",
        rows=2000,
        columns=1500,
        sop_instance_uid=f"1.2.9.{study}.{image}",
        study_instance_uid=f"1.2.8.{study}",
        accession_number=f"{SECRET}A{study}",
        patient_id=f"{SECRET}P{patient}",
        issuer="H",
        study_date=f"201903{study + 1:02d}",
        study_time="101112",
    )
    return replace(made, **more)  # type: ignore[arg-type]


FILMS = [film(1, 1, 1), film(1, 1, 2), film(1, 2, 1), film(2, 3, 1)]
ONE_ONE, ONE_TWO, TWO, THREE = (one.source for one in FILMS)


def reasons(links: Links) -> dict[tuple[str, str], str]:
    return {(one.kind, one.id): one.reason for one in links.unmatched}


IDS = {
    "accession": lambda one: one.accession_number,
    "study": lambda one: one.study_instance_uid,
    "patient-date": lambda one: f"{one.patient_id}_{one.study_date}",
}


@pytest.mark.parametrize("way", IDS)
@pytest.mark.parametrize("told", [True, False])
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)), unique=True), st.randoms())
def test_each_report_gets_all_films_of_its_study_and_none_is_dropped(
    way: Way, told: bool, shape: list[tuple[int, int]], draw: random.Random
) -> None:
    films = [film(study % 2, study, image) for study, image in [(9, 1), *shape]]
    with_report = {9} | {study for study, _ in shape if draw.random() < 0.5}
    ids = {IDS[way](one) for one in films if int(one.study_instance_uid[6:]) in with_report}
    reports = [*sorted(ids), f"{SECRET}-of-nothing"]
    draw.shuffle(reports)
    links = link_reports(films, reports, way if told else None)
    assert links.how == way
    assert links.reports_of == {
        one.source: (IDS[way](one),) for one in films if IDS[way](one) in ids
    }
    lost = {one.source for one in links.unmatched if one.kind == "film"}
    assert lost == {one.source for one in films} - links.reports_of.keys()
    assert [one.id for one in links.unmatched if one.kind == "report"] == [f"{SECRET}-of-nothing"]
    assert all(one.reason and SECRET not in one.reason for one in links.unmatched)


@pytest.mark.parametrize(
    "id",
    [
        f"{SECRET}P1_20190302",
        f"{SECRET}P1-2019-03-02",
        f"{SECRET}P1 2019-03-02 2",
        f" {SECRET}P1_20190302_2\n",
        f"march/{SECRET}P1_20190302",
    ],
)
def test_patient_and_date_are_read_in_every_spelling(id: str) -> None:
    assert link_reports(FILMS, [id], None).reports_of == {ONE_ONE: (id,), ONE_TWO: (id,)}


@pytest.mark.parametrize("patient", ["A_1", "19-4", "7 20180101", "x_20190101_3", "a/b"])
def test_a_patient_id_may_look_like_what_follows_it(patient: str) -> None:
    films = [film(1, 1, 1, patient_id=patient)]
    links = link_reports(films, [f"{patient}_20190302_1"], "patient-date")
    assert links.reports_of.keys() == {films[0].source}


def test_addenda_are_all_linked_in_the_order_of_the_reports() -> None:
    reports = [f"{SECRET}P1_20190302_2", f"{SECRET}P2_20190304", f"{SECRET}P1_20190302"]
    links = link_reports(FILMS, reports, "patient-date")
    both = (reports[0], reports[2])
    assert links.reports_of == {ONE_ONE: both, ONE_TWO: both, THREE: (reports[1],)}


@pytest.mark.parametrize(
    ("report", "of"),
    [
        (f"{SECRET}a1", ()),
        (f"{SECRET}A01", ()),
        (f"{SECRET}A", ()),
        (f"{SECRET}A1x", ()),
        ("", ()),
        (f"folder/{SECRET}A1", (ONE_ONE, ONE_TWO)),
    ],
)
def test_values_are_equal_or_not(report: str, of: tuple[str, ...]) -> None:
    films = [*FILMS, film(5, 5, 1, accession_number="", patient_id="", study_date="")]
    links = link_reports(films, [report, f"{SECRET}A3"], "accession")
    assert {s for s, linked in links.reports_of.items() if report in linked} == set(of)
    assert (("report", report) in reasons(links)) == (not of)


def test_a_slash_of_an_accession_number_is_no_folder() -> None:
    numbers = ["12/7", "7", "8", "9"]
    films = [film(n, n, 1, accession_number=number) for n, number in enumerate(numbers)]
    slashed, seven, eight, nine = (one.source for one in films)
    links = link_reports(films, ["12/7", "13/7", "march/8", "9"], "accession")
    assert links.reports_of == {slashed: ("12/7",), eight: ("march/8",), nine: ("9",)}
    assert reasons(links)["report", "13/7"] == "no film has its accession number"
    assert link_reports(films, ["7"], None).reports_of == {seven: ("7",)}


@pytest.mark.parametrize("way", IDS)
def test_letters_are_the_same_however_they_are_written(way: Way, tmp_path: Path) -> None:
    composed, apart = (unicodedata.normalize(form, "Müé") for form in ("NFC", "NFD"))
    for here, there in ((composed, apart), (apart, composed)):
        one = film(
            1, 1, 1,
            source=f"{here}.png", patient_id=here, accession_number=here, study_instance_uid=here,
        )  # fmt: skip
        report = IDS[way](one).replace(here, there)
        assert link_reports([one], [report], way).reports_of == {one.source: (report,)}
        rows = table(tmp_path, f"report_id,image\n{there},{there}\n")
        assert link_reports([one], [here], rows).reports_of == {one.source: (here,)}


@pytest.mark.parametrize(
    ("way", "shared", "report"),
    [
        ("accession", {"accession_number": "S"}, "S"),
        ("accession", {"accession_number": "S", "patient_id": ""}, "S"),
        ("accession", {"accession_number": "S", "patient_id": "same", "issuer": ""}, ""),
        (
            "accession",
            {"accession_number": "S", "patient_id": "", "study_instance_uid": "1.2.3"},
            "",
        ),
        ("study", {"study_instance_uid": "1.2.3"}, "1.2.3"),
        ("patient-date", {"patient_id": "P", "study_date": "20200101"}, "P_20200101"),
    ],
)
def test_what_may_be_of_two_patients_is_listed_and_not_guessed(
    way: Way, shared: dict[str, str], report: str
) -> None:
    one, other = (film(p, p + 5, 1, **shared) for p in (7, 8))
    if way == "patient-date":
        one = replace(one, study_instance_uid="")
        other = replace(other, study_instance_uid="", issuer="another hospital")
    safe = film(1, 1, 1)
    links = link_reports([one, other, safe], [report or "S", IDS[way](safe)], way)
    if report:
        assert links.reports_of == {safe.source: (IDS[way](safe),)}
        told = reasons(links)
        for who in (("film", one.sop_instance_uid), ("film", other.sop_instance_uid)):
            assert "several" in told[who]
        assert "several" in told["report", report]
    else:
        # One patient, whose issuer the films leave out, or one study.
        assert links.reports_of.keys() == {one.source, other.source, safe.source}


def test_two_studies_of_a_day_are_told_apart_by_no_date() -> None:
    films = [film(1, 1, 1), film(1, 2, 1, study_date="20190302"), film(2, 3, 1)]
    links = link_reports(films, [f"{SECRET}P1_20190302", f"{SECRET}P2_20190304"], None)
    assert links.reports_of.keys() == {films[2].source}
    assert "several studies" in reasons(links)["report", f"{SECRET}P1_20190302"]


def test_the_way_that_links_most_is_taken() -> None:
    films = [film(1, 1, 1, accession_number="1.2.8.2"), film(2, 2, 1), film(3, 3, 1)]
    assert link_reports(films, ["1.2.8.2"], None).how == "accession"
    assert link_reports(films, ["1.2.8.2", "1.2.8.3"], None).how == "study"


@pytest.mark.parametrize(
    ("reports", "kind"),
    [
        (["104711", "104712", f"{SECRET}"], "numbers,"),
        ([f"{SECRET}_20010101", f"{SECRET}-2001-01-02"], "patient's id with a date"),
        (["1.2.840.1.2.3"], "UIDs"),
        ([f"{SECRET}/table:12"], "no column of ids"),
        ([f"{SECRET} of a person"], "names of another kind"),
    ],
)
@pytest.mark.parametrize("how", [None, *IDS])
def test_nothing_linked_says_what_the_ids_are_and_what_a_table_needs(
    reports: list[str], kind: str, how: Way | None
) -> None:
    with pytest.raises(NothingLinkedError) as error:
        link_reports(FILMS, reports, how)
    listed = [(one.kind, one.id) for one in error.value.unmatched]
    assert listed == [
        *(("film", one.sop_instance_uid) for one in FILMS),
        *(("report", report) for report in reports),
    ]
    message = str(error.value)
    assert kind in message
    assert "report_id" in message
    assert "\n" not in message
    assert not any(report in message for report in [*reports, SECRET])


def test_nothing_linked_since_all_is_in_doubt_says_so(tmp_path: Path) -> None:
    films = [film(patient, patient, 1, accession_number="S") for patient in (1, 2)]
    said = "in doubt, since its films are of several patients: see unmatched.csv"
    rows = table(tmp_path, f"report_id,image,patient_id\nS,{films[0].source},{SECRET}P2\n")
    hows: list[Way | None] = [None, "accession"]
    for how in hows:
        with pytest.raises(NothingLinkedError, match=said) as error:
            link_reports(films, ["S"], how)
        assert {one.kind for one in error.value.unmatched} == {"film", "report"}
    with pytest.raises(
        NothingLinkedError, match=r"in doubt, since its patient_id .*links"
    ) as error:
        link_reports(films, ["S"], rows)
    assert [one.row for one in error.value.unmatched if one.kind == "link"] == [2]
    assert SECRET not in str(error.value)
    with pytest.raises(NothingLinkedError, match=r"no row of 'links\.csv'") as error:
        link_reports(films, ["T"], rows)
    assert len(error.value.unmatched) == 4


def table(folder: Path, text: str, encoding: str = "utf-8") -> LinkTable:
    path = folder / "links.csv"
    path.write_bytes(text.encode(encoding))
    return read_link_table(path)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_the_most_specific_filled_column_of_a_row_decides(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    text = f"""\
Report ID,ACCESSION,StudyInstanceUID,sop_instance_uid,patient_id,Study Date,File
é1,no,no,no,,20000101,{ONE_ONE}
é2,no,no,1.2.9.1.2,,,
é3,no,1.2.8.2,,,,
é4,{SECRET}A3,,,{SECRET}P2,2019-03-02,
é5,,,,{SECRET}P1,2019-03-03,
é1,,,,,,3-1
é6,,,,,,.\\{ONE_ONE}
é7,,,,,,3-1.dcm
"""
    rows = table(tmp_path, text.replace(",", delimiter), encoding)
    links = link_reports(FILMS, [f"é{n}" for n in range(1, 8)], rows)
    # The first report is of films of two patients: the second row for it cannot be right.
    assert "several patients" in reasons(links)["report", "é1"]
    assert links.how == "table"
    assert links.reports_of == {
        ONE_ONE: ("é6",),
        ONE_TWO: ("é2",),
        TWO: ("é3", "é5"),
        THREE: ("é4", "é7"),
    }


def test_rows_that_link_nothing_are_listed_by_line(tmp_path: Path) -> None:
    twins = [film(8, 8, 1, source="a/x.png"), film(9, 9, 1, source="b/x.png")]
    text = f"""\
report_id,image,patient_id,study_date,accession_number
r1,{THREE},,,

r1,x.png,,,
r2,,,,
,{THREE},,,
gone,{THREE},,,
r2,none.png,{SECRET}P1,20190302,
r2,,{SECRET}P1,March,
r2,{ONE_ONE},{SECRET}P2,,
r2,"{ONE_ONE},,,
"""
    links = link_reports([*FILMS, *twins], ["r1", "r2"], table(tmp_path, text))
    assert links.reports_of == {THREE: ("r1",)}
    rows = {one.row: one for one in links.unmatched if one.kind == "link"}
    assert sorted(rows) == [4, 5, 6, 7, 8, 9, 10, 11]
    assert "several films" in rows[4].reason
    assert "no film has this image" in rows[8].reason
    assert rows[10].reason == "its patient_id is not that of the film"
    assert "quote" in rows[11].reason
    assert all(SECRET not in one.reason and one.source == "links.csv" for one in rows.values())
    assert {one.source for one in links.unmatched if one.kind == "film"} == {
        ONE_ONE, ONE_TWO, TWO, "a/x.png", "b/x.png",
    }  # fmt: skip
    assert ("report", "r2") in reasons(links)


def test_a_path_is_nearer_than_a_name(tmp_path: Path) -> None:
    films = [Film("x.png", 9, 9), Film("a/x.png", 9, 9), Film("x.png.png", 9, 9)]
    links = link_reports(films, ["r"], table(tmp_path, "report_id,image\nr,x.png\n"))
    assert links.reports_of.keys() == {"x.png"}


def test_a_suffix_may_be_written_in_any_case_where_one_film_has_it(tmp_path: Path) -> None:
    films = [Film(source, 9, 9) for source in ("a/x.PNG", "y.Dcm", "y.dCM", "z.png", "z.PNG")]
    text = "report_id,image\nr1,A\\x.png\nr1,a\\x.png\nr2,y.DCM\nr3,z.PNG\n"
    links = link_reports(films, ["r1", "r2", "r3"], table(tmp_path, text))
    assert links.reports_of == {"a/x.PNG": ("r1",), "z.PNG": ("r3",)}
    rows = {one.row: one.reason for one in links.unmatched if one.kind == "link"}
    assert rows == {2: "no film has this image", 4: "several films have this file name"}


def test_what_is_not_understood_is_listed_and_the_row_is_used(tmp_path: Path) -> None:
    text = """\
report_id,image,study_date,age,sex,view
r1,3-1,04.03.2019,45 years,w,oblique
r2,2-1,2019-03-04,45Y,f,lat
r3,1-1,,,x,
"""
    rows = table(tmp_path, text)
    links = link_reports(FILMS, ["r1", "r2", "r3"], rows)
    assert links.reports_of == {THREE: ("r1",), TWO: ("r2",), ONE_ONE: ("r3",)}
    told = {one.row: one.reason for one in links.unmatched if one.kind == "link"}
    assert told.keys() == {2, 4}
    assert told[2].startswith("its study_date and age and sex and view could not be understood: ")
    assert told[4].startswith("its sex could not be understood: dates are YYYYMMDD or YYYY-MM-DD")
    assert complete_films([Film("3-1.dcm", 9, 9)], rows) == [Film("3-1.dcm", 9, 9)]


@pytest.mark.parametrize(
    "text",
    ["", "report_id,title\na,b\n", "image,patient_id\na,b\n", f"{SECRET},report_id,study_date\n"],
)
def test_a_table_without_usable_columns_names_those_it_needs(tmp_path: Path, text: str) -> None:
    with pytest.raises(ChestxError, match=r"report_id .*image.*patient_id") as error:
        table(tmp_path, text)
    assert SECRET not in str(error.value)


@pytest.mark.parametrize("content", [b"report_id,image\n\xff\xfe,\xff\n", None])
def test_a_table_that_cannot_be_read_is_one_line(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "links.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ChestxError, match=r"links\.csv"):
        read_link_table(path)


def test_a_table_fills_gaps_and_overrides_no_header(tmp_path: Path) -> None:
    text = """\
report_id,image,study_instance_uid,patient_id,issuer,study_date,view,age,sex
r1,p.png,,Q1,K,2020-05-06,lateral,067Y,Female
r1,p.png,,Q2,,,PA,5,M
r1,d.dcm,,Q3,K,20200506,AP,41,F
r2,d.dcm,,,K,20200506,AP,40,F
r3,,1.2.8.1,,,,AP,30,f
r4,,,Q1,,2020-05-06,,,
"""
    read = table(tmp_path, text)
    picture = Film("p.png", 10, 10)
    told = film(1, 1, 1, source="d.dcm", view=View("lateral"), sex="M")
    other = film(1, 1, 2)
    bare, filled, both = complete_films([picture, told, other], read)
    assert bare == replace(
        picture,
        view=View("lateral", reason="lateral by the table"),
        patient_id="Q1",
        issuer="K",
        study_date="20200506",
        age=67,
        sex="F",
    )
    assert filled == replace(told, age=40)
    # A study may hold several views.
    assert both == replace(other, age=30, sex="F")
    links = link_reports([bare, told, both], ["r1", "r4"], read)
    assert links.reports_of == {"p.png": ("r1", "r4")}
    another = "its patient_id is not that of the film"
    assert [one.row for one in links.unmatched if one.reason == another] == [3, 4]
