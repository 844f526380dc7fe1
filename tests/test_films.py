"""A file becomes a film of the dataset, or a reason why not."""

import io
import random
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pydicom
import pytest
from dicom_films import film, gradient, write_film
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from chestx.dataset.film import Film, Placement, UnusableFilmError, Windowing
from chestx.dataset.films import content, dicom_file
from chestx.dataset.films.develop import develop
from chestx.dataset.films.header import read_header
from chestx.dataset.films.png import encode_png
from chestx.dataset.films.view import judge_view
from chestx.dataset.films.xray import read_xray
from chestx.errors import ChestxError

SHARED = Path(__file__).parents[2] / "shared" / "data"


def header_of(path: Path) -> Film:
    return read_header(path, "sub/film.dcm")


def test_a_header_gives_what_links_a_film(tmp_path: Path) -> None:
    path = write_film(
        tmp_path / "any.name", IssuerOfPatientID="Haus", SeriesNumber=4, InstanceNumber=5,
        ImagerPixelSpacing=[0.2, 0.1], BurnedInAnnotation="YES", StudyTime="101112.345",
    )  # fmt: skip
    ds = pydicom.dcmread(path)
    found = header_of(path)
    assert found == Film(
        source="sub/film.dcm", rows=96, columns=64, view=found.view,
        sop_instance_uid=ds.SOPInstanceUID, study_instance_uid=ds.StudyInstanceUID,
        series_number=4, instance_number=5, accession_number="A1", patient_id="P1", issuer="Haus",
        study_date="20190304", study_time="101112", age=61, sex="F", spacing=(0.1, 0.2),
        burned_in="yes",
    )  # fmt: skip
    assert (found.view.kind, found.view.position) == ("frontal", "PA")


@pytest.mark.parametrize(
    ("stated", "birth", "age"),
    [
        ("061Y", None, 61), ("018M", None, 1), ("011M", None, 0), ("012M", None, 1),
        ("003W", None, 0), ("053W", None, 1), ("010D", None, 0), ("366D", None, 1),
        ("45", None, 45), ("093Y", None, 90), ("090Y", None, 90), ("089Y", None, 89),
        ("414Y", None, None), ("abc", None, None), (None, "19590305", 59), (None, "19590304", 60),
        ("", "1959.03.04", 60), (None, "20200101", None), (None, "19130230", None),
        (None, "18000101", None), ("061Y", "20000101", 61), (None, None, None),
    ],
)  # fmt: skip
def test_ages_are_whole_years_below_ninety(
    tmp_path: Path, stated: str | None, birth: str | None, age: int | None
) -> None:
    path = tmp_path / "film"
    with pydicom.config.disable_value_validation():
        write_film(path, PatientAge=stated, PatientBirthDate=birth)
    assert header_of(path).age == age


def test_damaged_values_are_missing_values(tmp_path: Path) -> None:
    with pydicom.config.disable_value_validation():
        write_film(
            tmp_path / "film", StudyDate="20191304", StudyTime="99", PatientSex="X",
            SeriesNumber=None, ImagerPixelSpacing=[0, 1], PatientID=" P 1 ",
        )  # fmt: skip
    found = header_of(tmp_path / "film")
    assert (found.study_date, found.study_time, found.sex, found.spacing) == ("", "", "", None)
    assert (found.series_number, found.patient_id) == (0, "P 1")


BOTH = "CHEST PA AND LATERAL"
FRONTAL, LATERAL, OTHER, UNKNOWN = "frontal", "lateral", "other", "unknown"


@pytest.mark.parametrize(
    ("kind", "position", "header"),
    [
        (FRONTAL, "PA", {"view_position": "PA"}),
        (FRONTAL, "AP", {"view_position": "AP", "body_part": "CHEST"}),
        (FRONTAL, "PA", {"view_position": "PA", "series_description": "LATERAL"}),
        (LATERAL, "", {"view_position": "LL", "series_description": "CHEST PA"}),
        (LATERAL, "", {"view_position": "RL"}),
        (LATERAL, "", {"view_position": "LATERAL", "body_part": "CHEST"}),
        (LATERAL, "", {"view_position": "LAT"}),
        (OTHER, "", {"view_position": "LLD"}),
        (OTHER, "", {"view_position": "RLO", "body_part": "CHEST"}),
        (OTHER, "", {"view_position": "AP", "body_part": "ABDOMEN"}),
        (OTHER, "", {"view_position": "AP", "body_part": "RIBCAGE"}),
        (OTHER, "", {"view_position": "PA", "series_description": "Ribs left"}),
        (FRONTAL, "PA", {"view_code": "postero-anterior", "body_part": "CHEST"}),
        (LATERAL, "", {"view_code": "left lateral"}),
        (FRONTAL, "PA", {"series_description": "CHEST PA"}),
        (FRONTAL, "PA", {"series_description": "Chest_PA_erect"}),
        (FRONTAL, "AP", {"series_description": "AP ERECT", "body_part": "CHEST"}),
        (FRONTAL, "AP", {"study_description": "PORTABLE CHEST"}),
        (FRONTAL, "AP", {"series_description": "Chest 1V Port"}),
        (FRONTAL, "PA", {"series_description": "Thorax p.a."}),
        (FRONTAL, "AP", {"series_description": "Thorax a.p. liegend"}),
        (FRONTAL, "AP", {"series_description": "Bettlunge"}),
        (LATERAL, "", {"series_description": "Thorax seitlich"}),
        (LATERAL, "", {"series_description": "Thorax, seitl."}),
        (FRONTAL, "", {"series_description": "Thorax de face"}),
        (LATERAL, "", {"series_description": "thorax profil"}),
        (LATERAL, "", {"series_description": "TÓRAX PERFIL"}),
        (FRONTAL, "PA", {"series_description": "Torace P-A"}),
        (LATERAL, "", {"series_description": "LATERAL", "study_description": BOTH}),
        (FRONTAL, "PA", {"series_description": "PA", "study_description": BOTH}),
        (UNKNOWN, "", {"study_description": BOTH}),
        (UNKNOWN, "", {"study_description": "CHEST PA/LAT", "body_part": "CHEST"}),
        (UNKNOWN, "", {"body_part": "CHEST"}),
        (UNKNOWN, "", {}),
        (UNKNOWN, "", {"series_description": "LINE PLATE"}),
        (UNKNOWN, "", {"series_description": "BILATERAL HILA"}),
        (UNKNOWN, "", {"series_description": "PARKER CLINIC, APRIL"}),
        (FRONTAL, "AP", {"series_description": "AP NG TUBE PLACEMENT", "body_part": "CHEST"}),
        (OTHER, "", {"series_description": "LEFT LATERAL DECUBITUS", "body_part": "CHEST"}),
        (FRONTAL, "AP", {"series_description": "thorax décubitus dorsal"}),
        (OTHER, "", {"series_description": "AP LORDOTIC"}),
        (OTHER, "", {"series_description": "CHEST OBLIQUE"}),
        (OTHER, "", {"series_description": "CLAVICLE AP"}),
        (OTHER, "", {"series_description": "THORACIC SPINE AP"}),
        (OTHER, "", {"series_description": "Abdomen AP", "study_description": "CHEST AND ABDOMEN"}),
        (OTHER, "", {"series_description": "Rippen", "body_part": "CHEST"}),
        (OTHER, "", {"series_description": "BWS a.p."}),
        (OTHER, "", {"body_part": "HEAD", "view_position": "AP"}),
        (FRONTAL, "PA", {"study_description": "RIBS W CHEST PA", "body_part": "CHEST"}),
        (UNKNOWN, "AP", {"study_description": "CHEST AND ABDOMEN", "view_position": "AP"}),
        (FRONTAL, "", {"body_part": "CHEST", "patient_orientation": "L\\F"}),
        (LATERAL, "", {"body_part": "CHEST", "patient_orientation": "A\\F"}),
        (LATERAL, "", {"series_description": "LAT", "patient_orientation": "L\\F"}),
    ],
)  # fmt: skip
def test_the_view_is_judged_by_whole_words(
    kind: str, position: str, header: dict[str, str]
) -> None:
    view = judge_view(**header)
    assert (view.kind, view.position) == (kind, position)
    assert bool(view.reason) == (kind != FRONTAL)


def test_the_view_of_a_file_is_judged_by_its_header(tmp_path: Path) -> None:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "R-10236", "SRT", "left lateral"
    path = write_film(tmp_path / "a", ViewPosition=None, ViewCodeSequence=[code])
    assert header_of(path).view.kind == "lateral"
    path = write_film(tmp_path / "b", ViewPosition=None, SeriesDescription="W033 Chest pa")
    assert header_of(path).view.position == "PA"


def zip_archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("film.dcm", b"x" * 999)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\n <!DOCTYPE html><html><body>Session expired</body></html>", "HTML"),
        (b"<?xml version='1.0'?><Error/>", "HTML or XML"),
        (zip_archive(), "zip"),
        (b"\x1f\x8b" + bytes(99), "gzip"),
        (b"GIF89a" + bytes(99), "GIF"),
        (b"PatientID,Path\r\n" * 30, "neither"),
        (bytes(4096), "neither"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "PNG"),
        (b"\xff\xd8\xff\xe0" + bytes(99), "JPEG"),
        (bytes(128) + b"DICM", "no pixel data"),
    ],
)
def test_what_is_no_film_is_told_by_content(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "film.dcm"
    path.write_bytes(data)
    for read in (header_of, develop):
        with pytest.raises(UnusableFilmError, match=reason):
            read(path)


@pytest.mark.parametrize(
    ("tags", "reason"),
    [
        (
            {"Modality": "CT", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"},
            r"another modality \(CT\)",
        ),
        ({"Modality": "SMITH"}, "another modality$"),
        ({"Modality": "MG"}, "MG"),
        ({"Modality": None, "SOPClassUID": "1.2.840.10008.5.1.4.1.1.4"}, "SOP class"),
        ({"PresentationIntentType": "FOR PROCESSING"}, "PROCESSING"),
        ({"SOPClassUID": "1.2.840.10008.1.3.10"}, "DICOMDIR"),
        ({"PixelData": None}, "no pixel data"),
        ({"NumberOfFrames": 2}, "frame"),
        ({"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0}, "1 bit"),
        ({"BitsAllocated": 32, "BitsStored": 32}, "more than 16 bits"),
        ({"BitsStored": 17}, "more than 16 bits"),
        ({"BitsStored": 0}, "bits"),
        ({"PhotometricInterpretation": "PALETTE COLOR"}, "PALETTE"),
        ({"PhotometricInterpretation": "SMITH"}, "photometric interpretation$"),
        ({"PhotometricInterpretation": None}, "photometric"),
        ({"Rows": 60000, "Columns": 60000}, "megapixels"),
        ({"Rows": 0}, "rows"),
        ({"Rows": None}, "rows"),
    ],
)
def test_what_is_no_radiograph_is_refused_by_its_header(
    tmp_path: Path, tags: dict[str, Any], reason: str
) -> None:
    path = write_film(tmp_path / "film", **tags)
    for read in (header_of, develop):
        with pytest.raises(UnusableFilmError, match=reason):
            read(path)


@pytest.mark.parametrize(
    "tags",
    [
        {"Modality": "CR"},
        {"Modality": "RG"},
        {"Modality": None},
        {"Modality": "OT", "SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"},
        {"NumberOfFrames": 1},
    ],
)
def test_radiographs_are_taken(tmp_path: Path, tags: dict[str, Any]) -> None:
    assert header_of(write_film(tmp_path / "film", **tags)).rows == 96


def test_an_unknown_transfer_syntax_is_refused(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film")
    data = path.read_bytes().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.7\0", 1)
    path.write_bytes(data)
    with pytest.raises(UnusableFilmError, match="transfer syntax"):
        header_of(path)


def test_a_film_without_preamble_and_meta_is_read(tmp_path: Path) -> None:
    whole = write_film(tmp_path / "whole")
    for implicit in (True, False):
        path = tmp_path / f"bare-{implicit}"
        bare = Dataset(film())
        bare.save_as(path, implicit_vr=implicit, little_endian=True, enforce_file_format=False)
        assert header_of(path) == header_of(whole)
        np.testing.assert_array_equal(read_xray(path).pixels, read_xray(whole).pixels)


def test_a_file_that_ends_early_is_truncated(tmp_path: Path) -> None:
    data = write_film(tmp_path / "film").read_bytes()
    path = tmp_path / "cut"
    path.write_bytes(data[:-100])
    assert header_of(path).rows == 96
    with pytest.raises(UnusableFilmError, match="truncated"):
        develop(path)
    path.write_bytes(data[: data.index(b"CHEST") + 2])
    with pytest.raises(UnusableFilmError, match="truncated"):
        header_of(path)


def test_a_deflated_bomb_is_inflated_up_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dicom_file, "INFLATED_BYTES", 1 << 20)
    whole = sample("deflated")
    start = 144 + int.from_bytes(whole[140:144], "little")  # behind the meta information
    bomb = zlib.compressobj(9, wbits=-15)
    path = tmp_path / "film"
    path.write_bytes(whole[:start] + bomb.compress(bytes(2 << 20)) + bomb.flush())
    with pytest.raises(UnusableFilmError, match="inflates to more"):
        header_of(path)


def test_deep_nesting_and_endless_elements_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = write_film(tmp_path / "film").read_bytes()
    at = whole.index(b"\x08\x00\x60\x00CS")
    undefined = b"\xff\xff\xff\xff"
    level = b"\x08\x00\x40\x11SQ\0\0" + undefined + b"\xfe\xff\x00\xe0" + undefined
    path = tmp_path / "deep"
    path.write_bytes(whole[:at] + level * 20_000)
    with pytest.raises(UnusableFilmError, match="damaged"):
        header_of(path)
    monkeypatch.setattr(dicom_file, "HEADER_READS", 2_000)
    path.write_bytes(whole[:at] + b"\x08\x00\x61\x00CS\0\0" * 5_000)
    with pytest.raises(UnusableFilmError, match="too large"):
        header_of(path)


def test_a_file_above_the_limit_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "film"
    with path.open("wb") as file:
        file.truncate(content.MAX_FILE_BYTES + 1)
    with pytest.raises(UnusableFilmError, match="1024 MiB"):
        header_of(path)
    with pytest.raises(UnusableFilmError, match="not a file"):
        header_of(tmp_path)
    with pytest.raises(FileNotFoundError):
        header_of(tmp_path / "none")


def test_a_picture_turned_by_exif_is_refused(tmp_path: Path) -> None:
    exif = Image.Exif()
    for orientation in (1, 6):
        exif[0x0112] = orientation
        path = tmp_path / f"{orientation}.jpg"
        Image.fromarray(gradient(32, 48, 255).astype(np.uint8)).save(path, exif=exif)
    assert header_of(tmp_path / "1.jpg").rows == 32
    with pytest.raises(UnusableFilmError, match="save it upright"):
        header_of(tmp_path / "6.jpg")


def test_developing_gives_the_image_and_its_row(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film", PhotometricInterpretation="MONOCHROME1")
    for bits, mode in ((8, "L"), (16, "I;16")):
        png, facts = develop(path, size=128, fit="pad", bits=bits)  # type: ignore[arg-type]
        assert (png, facts) == develop(path, size=128, fit="pad", bits=bits)  # type: ignore[arg-type]
        with Image.open(io.BytesIO(png)) as image:
            assert (image.size, image.mode) == ((128, 128), mode)
        assert (facts.rows, facts.columns, facts.bytes) == (96, 64, len(png))
        assert facts.photometric == "MONOCHROME1"
        assert facts.windowing == Windowing("LINEAR", 2048, 4096)
        assert facts.placement == Placement(85 / 64, 128 / 96, 21, 0)


@given(
    rows=st.integers(1, 40), columns=st.integers(1, 40), dtype=st.sampled_from(["u1", "u2"]),
    seed=st.integers(0, 99),
)  # fmt: skip
def test_a_png_holds_the_picture_and_nothing_else(
    rows: int, columns: int, dtype: str, seed: int
) -> None:
    picture = np.random.default_rng(seed).integers(0, np.iinfo(dtype).max, (rows, columns), dtype)
    png = encode_png(picture)
    with Image.open(io.BytesIO(png)) as image:
        np.testing.assert_array_equal(np.asarray(image), picture)
    kinds, at = [], 8
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        check = struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0]
        assert check == zlib.crc32(png[at + 4 : at + 8 + length])
        kinds.append(kind)
        at += 12 + length
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]


def picture_file(path: Path, pixels: np.ndarray, kind: str, **options: Any) -> Path:
    Image.fromarray(pixels).save(path, kind, **options)
    return path


def test_pictures_are_films_too(tmp_path: Path) -> None:
    grey = gradient(61, 47, 255).astype(np.uint8)
    info = PngInfo()
    info.add_text("PatientName", "Muster")
    plain = picture_file(tmp_path / "a.dcm", grey, "PNG", pnginfo=info)
    assert header_of(plain) == Film("sub/film.dcm", 61, 47)
    assert develop(plain)[1].windowing == Windowing("NONE")
    coloured = np.dstack([grey] * 3)
    opaque = np.dstack([coloured, np.full_like(grey, 255)])
    for path in (
        plain,
        picture_file(tmp_path / "b", coloured, "PNG"),
        picture_file(tmp_path / "c", opaque, "PNG"),
    ):
        np.testing.assert_array_equal(read_xray(path).pixels, grey)
    jpeg = picture_file(tmp_path / "d", coloured, "JPEG", quality=95)
    np.testing.assert_allclose(read_xray(jpeg).pixels, grey.astype(int), atol=4)
    assert read_xray(jpeg).transfer_syntax == "JPEG"
    deep = read_xray(picture_file(tmp_path / "e", gradient(61, 47, 4000) + 50, "PNG"))
    assert deep.windowing == Windowing("MINMAX")
    assert (deep.pixels.min(), deep.pixels.max()) == (0, 255)
    coloured[5, 5] = 255, 0, 0
    opaque[0, 0, 3] = 0
    for name, pixels in (("f", coloured), ("g", opaque)):
        with pytest.raises(UnusableFilmError, match=r"colour|transparent"):
            develop(picture_file(tmp_path / name, pixels, "PNG"))


def test_the_size_of_a_picture_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MAX_PIXELS", 100)
    for kind in ("PNG", "JPEG"):
        path = picture_file(tmp_path / kind, np.zeros((20, 20), np.uint8), kind)
        with pytest.raises(UnusableFilmError, match="megapixels"):
            header_of(path)


def test_an_xray_is_what_a_notebook_wants(tmp_path: Path) -> None:
    xray = read_xray(str(write_film(tmp_path / "film", PhotometricInterpretation="MONOCHROME1")))
    assert (xray.rows, xray.columns, xray.pixels.dtype) == (96, 64, np.uint8)
    assert xray.pixels[0, 0] == 255
    assert (xray.view.position, xray.photometric) == ("PA", "MONOCHROME1")
    secrets = ("Müster", "P1", "A1", "20190304", "1.2.826")
    assert not any(secret in repr(xray) for secret in secrets)
    (tmp_path / "page").write_bytes(b"<html>")
    with pytest.raises(ChestxError, match=r"page' as a chest film: an HTML .*; give a DICOM"):
        read_xray(tmp_path / "page")


def test_nothing_of_a_header_is_warned_of_or_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """pytest makes an error of any warning."""
    path = tmp_path / "film"
    with pydicom.config.disable_value_validation():
        write_film(
            path, PatientAge="SECRET", StudyDate="SECRET", AccessionNumber="SECRET" * 9,
            StudyInstanceUID="SECRET", WindowCenter=None, Modality="DX ",
        )  # fmt: skip
    path.write_bytes(path.read_bytes().replace(b"ISO_IR 192", b"SECRET 192"))
    header_of(path)
    develop(path)
    assert "SECRET" not in caplog.text


@pytest.mark.skipif(not (SHARED / "dicom").exists(), reason="../shared/data/dicom is not there")
def test_real_films_develop() -> None:
    for path in sorted((SHARED / "dicom").glob("*.dcm")):
        assert header_of(path).rows == 1024
        png, facts = develop(path)
        assert facts.windowing.voi == "MINMAX"
        assert len(png) > 100_000
    one, other = (SHARED / "dicom" / f"rsna-cr-jpeg{n}.dcm" for n in ("", "-monochrome1"))
    total = read_xray(one).pixels.astype(int) + read_xray(other).pixels
    assert total.min() >= 254  # each is the other's negative
    assert total.max() == 255


SAMPLES: dict[str, tuple[str, Any]] = {
    "implicit": (ImplicitVRLittleEndian, None),
    "explicit": ("1.2.840.10008.1.2.1", None),
    "deflated": (DeflatedExplicitVRLittleEndian, None),
    "JPEG": (JPEGBaseline8Bit, lambda p: imagecodecs.jpeg8_encode((p >> 4).astype(np.uint8), 90)),
    "JPEG Lossless": (
        JPEGLosslessSV1,
        lambda p: imagecodecs.jpeg8_encode(p, lossless=True, predictor=1, bitspersample=12),
    ),
    "JPEG-LS": (JPEGLSLossless, lambda p: imagecodecs.jpegls_encode(p)),
    "JPEG 2000": (
        JPEG2000Lossless,
        lambda p: imagecodecs.jpeg2k_encode(p, level=0, codecformat="j2k", reversible=True),
    ),
    "RLE": (RLELossless, None),
}


def sample(name: str) -> bytes:
    syntax, encode = SAMPLES[name]
    ds = film()
    ds.file_meta.TransferSyntaxUID = syntax
    if name == "RLE":
        ds.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.1"
        ds.compress(RLELossless, generate_instance_uid=False)
    elif encode:
        ds.PixelData = encapsulate([encode(gradient())])
        ds["PixelData"].is_undefined_length = True
        ds["PixelData"].VR = "OB"
    buffer = io.BytesIO()
    pydicom.dcmwrite(buffer, ds, enforce_file_format=True)
    return buffer.getvalue()


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Flip bytes, cut, double, or forge lengths and sizes."""
    changed = bytearray(data)
    kind = chance.randrange(5)
    if kind == 0:
        for _ in range(chance.choice((1, 3, 30))):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    elif kind == 1:
        del changed[chance.randrange(len(changed)) :]
    elif kind == 2:
        at = chance.randrange(132, min(len(changed), 1500) - 4)
        changed[at : at + 4] = chance.choice((b"\xff" * 4, b"\xfe\xff\xff\xff", b"\0\0\0\x7f"))
    elif kind == 3:
        tag = chance.choice((b"\x28\0\x10\0US\2\0", b"\x28\0\x11\0US\2\0", b"\x28\0\1\1US\2\0"))
        at = data.find(tag)
        changed[at + 8 : at + 10] = chance.randbytes(2)
    else:
        start = chance.randrange(len(changed))
        changed[start:start] = changed[start : start + chance.randrange(1, 200)]
    return bytes(changed)


@pytest.mark.parametrize("name", SAMPLES)
def test_mutated_files_give_a_film_or_a_reason(tmp_path: Path, name: str) -> None:
    chance = random.Random(name)
    whole = sample(name)
    path = tmp_path / "film"
    path.write_bytes(whole)
    develop(path, size=32)
    outcomes = set()
    for _ in range(60):
        path.write_bytes(mutated(whole, chance))
        for read in (header_of, lambda p: develop(p, size=32)):
            try:
                read(path)
                outcomes.add("film")
            except UnusableFilmError as error:
                outcomes.add(str(error))
    assert len(outcomes) > 2
