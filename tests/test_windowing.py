"""Stored values become grey levels as DICOM PS3.3 C.11 says, and as DCMTK does it."""

import io
import math
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from data_store import DataStore
from dicom_films import gradient, write_film
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian

from chestx.dataset.film import UnusableFilmError, Windowing
from chestx.dataset.films.develop import develop
from chestx.dataset.films.fit import fit_to
from chestx.dataset.films.grey_levels import GreyLevels
from chestx.dataset.films.stored import StoredPixels
from chestx.dataset.films.window import window
from chestx.dataset.films.xray import read_xray

ALL_12_BITS = StoredPixels(np.arange(4096, dtype=np.uint16).reshape(64, 64), 12)
finite = st.floats(-5000, 5000)


def levels(grey: GreyLevels, stored: StoredPixels = ALL_12_BITS, bits: int = 8) -> list[int]:
    return window(stored, grey, bits)[0].ravel().tolist()


def linear(x: float, center: float, width: float) -> float:
    """C.11.2.1.2.1, for shades from 0 to 1."""
    if x <= center - 0.5 - (width - 1) / 2:
        return 0
    if x > center - 0.5 + (width - 1) / 2:
        return 1
    return (x - (center - 0.5)) / (width - 1) + 0.5


def linear_exact(x: float, center: float, width: float) -> float:
    """C.11.2.1.3.2."""
    if x <= center - width / 2:
        return 0
    return 1 if x > center + width / 2 else (x - center) / width + 0.5


def sigmoid(x: float, center: float, width: float) -> float:
    """C.11.2.1.3.1."""
    exponent = -4 * (x - center) / width
    return 0 if exponent > 700 else 1 / (1 + math.exp(exponent))


@pytest.mark.parametrize(
    ("name", "function"),
    [("LINEAR", linear), ("LINEAR_EXACT", linear_exact), ("SIGMOID", sigmoid)],
)
@given(
    center=finite, width=st.floats(1, 9000), slope=st.sampled_from([1, -10, 0.684]), data=st.data()
)
def test_a_window_is_the_formula_of_the_standard(
    name: str, function: Any, center: float, width: float, slope: float, data: st.DataObject
) -> None:
    inverted = data.draw(st.booleans())
    bits = data.draw(st.sampled_from([8, 16]))
    grey = GreyLevels(
        slope=slope, intercept=7, function=name, center=center, width=width, inverted=inverted
    )
    top = (1 << bits) - 1
    found = levels(grey, bits=bits)
    for stored in data.draw(st.lists(st.integers(0, 4095), min_size=5, max_size=5)):
        shade = function(stored * slope + 7, center, width)
        exact = top * (1 - shade if inverted else shade)
        # An exact whole number may be rounded to either side of itself.
        assert math.floor(exact - 1e-6) <= found[stored] <= math.floor(exact + 1e-6)


def test_polarity_is_turned_once_and_before_rounding() -> None:
    plain = np.array(levels(GreyLevels(center=2048, width=4096)))
    turned = np.array(levels(GreyLevels(center=2048, width=4096, inverted=True)))
    assert (plain + turned == 254).mean() > 0.9  # floor(v) + floor(255 - v) is 255 for whole v
    assert turned[0] == 255
    assert turned[-1] == 0


@pytest.mark.parametrize(
    "tags",
    [
        {"WindowCenter": None, "WindowWidth": None},
        {"WindowWidth": 0.5},
        {"WindowWidth": -4},
        {"WindowWidth": None},
        {"WindowWidth": 0, "VOILUTFunction": "SIGMOID"},
    ],
)
def test_without_a_lawful_window_the_range_of_the_pixels_is_taken(
    tmp_path: Path, tags: dict[str, Any]
) -> None:
    """Padding and what the header says of its smallest value have no part in it."""
    pixels = gradient(top=1000) + 300
    pixels[0] = 4000
    pixels[1] = 3990
    film = read_xray(
        write_film(
            tmp_path / "film", pixels, PixelPaddingValue=4000, PixelPaddingRangeLimit=3990,
            SmallestImagePixelValue=0, LargestImagePixelValue=4095, **tags,
        )
    )  # fmt: skip
    assert film.windowing == Windowing("MINMAX")
    assert not film.pixels[:2].any()
    low = int(pixels[2:].min())
    np.testing.assert_allclose(film.pixels[2:], (pixels[2:] - low) / (1300 - low) * 255, atol=1)
    assert film.pixels.max() == 255


@pytest.mark.parametrize("signed", [False, True])
def test_padding_is_black_whatever_the_polarity(tmp_path: Path, signed: bool) -> None:
    pixels = gradient().astype(np.int16 if signed else np.uint16) - 2048 * signed
    padding = -2048 if signed else 0
    pixels[:5] = padding
    for syntax in (None, ImplicitVRLittleEndian):  # where the VR of the value is not written
        path = write_film(
            tmp_path / "film", pixels, PhotometricInterpretation="MONOCHROME1",
            PixelPaddingValue=padding, WindowCenter=padding + 2048,
        )  # fmt: skip
        if syntax:
            path = _rewritten(path, syntax)
        assert not read_xray(path).pixels[:5].any()
        assert read_xray(path).pixels[6, 0] > 200


def _rewritten(path: Path, syntax: str) -> Path:
    import pydicom

    ds = pydicom.dcmread(path)
    ds.file_meta.TransferSyntaxUID = syntax
    ds.save_as(path, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=True)
    return path


def test_a_film_of_nothing_but_padding_is_refused(tmp_path: Path) -> None:
    path = write_film(
        tmp_path / "film", np.full((9, 9), 7, np.uint16), PixelPaddingValue=7, WindowWidth=None
    )
    with pytest.raises(UnusableFilmError, match="padding"):
        develop(path)


@pytest.mark.parametrize("huge", [1e308, -1e308, 1e-308])
@pytest.mark.parametrize("keyword", ["RescaleSlope", "RescaleIntercept", "WindowWidth"])
def test_absurd_numbers_give_a_picture_and_no_warning(
    tmp_path: Path, keyword: str, huge: float
) -> None:
    for function in ("LINEAR", "SIGMOID"):
        tags = {keyword: f"{huge:g}", "VOILUTFunction": function}
        assert read_xray(write_film(tmp_path / "film", **tags)).pixels.shape == (96, 64)
        sequence = table(0, 12, RAMP)
        path = write_film(tmp_path / "film", VOILUTSequence=sequence, **tags)
        assert read_xray(path).windowing.voi == "LUT"


def test_of_several_windows_the_first_is_taken_and_recorded(tmp_path: Path) -> None:
    path = write_film(tmp_path / "film", WindowCenter=[1000, 2000], WindowWidth=[500, 900])
    assert read_xray(path).windowing == Windowing("LINEAR", 1000, 500)


def table(first: int, bits: int, entries: Any, *, count: int | None = None, vr: str = "US") -> Any:
    item = Dataset()
    number = (len(entries) if count is None else count) & 0xFFFF
    item.add_new(0x00283002, "SS" if first < 0 else "US", [number, first, bits])
    item.add_new(0x00283006, vr, entries)
    return [item]


RAMP = [min(4095, 2 * i) for i in range(4096)]


@pytest.mark.parametrize(
    "sequence",
    [
        table(0, 12, RAMP),
        table(0, 8, RAMP),  # says 8 bits, has 12
        table(0, 12, np.array(RAMP, "<u2").tobytes(), count=4096, vr="OW"),
        table(0, 12, np.array([*RAMP, *[4095] * 61440], "<u2").tobytes(), count=65536, vr="OW"),
    ],
)
def test_a_voi_lut_takes_the_place_of_the_window(tmp_path: Path, sequence: Any) -> None:
    film = read_xray(write_film(tmp_path / "film", VOILUTSequence=sequence))
    assert film.windowing == Windowing("LUT")
    np.testing.assert_array_equal(
        film.pixels, np.minimum(4095, 2 * gradient().astype(int)) * 255 // 4095
    )


def test_a_lut_of_bytes_in_words_and_a_signed_first_value(tmp_path: Path) -> None:
    """Values below the first get the first entry, those above the last the last (C.11.2.1.1)."""
    pixels = gradient(top=600).astype(np.int16) - 300
    sequence = table(-100, 8, bytes(range(200)), vr="OW")
    film = read_xray(write_film(tmp_path / "film", pixels, VOILUTSequence=sequence))
    np.testing.assert_array_equal(film.pixels, (pixels + 100).clip(0, 199))


def test_a_modality_lut_goes_before_the_window(tmp_path: Path) -> None:
    sequence = table(0, 16, [4095 - i for i in range(4096)])
    sequence[0].ModalityLUTType = "US"
    film = read_xray(write_film(tmp_path / "film", ModalityLUTSequence=sequence, RescaleSlope=3))
    np.testing.assert_array_equal(film.pixels, (4095 - gradient().astype(int)) * 255 // 4095)


@pytest.mark.parametrize("shape", ["INVERSE", "IDENTITY", None])
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_the_photometric_interpretation_alone_is_the_polarity(
    tmp_path: Path, shape: str | None, photometric: str
) -> None:
    path = write_film(
        tmp_path / "film", PhotometricInterpretation=photometric, PresentationLUTShape=shape
    )
    corners = read_xray(path).pixels[[0, -1], [0, -1]].tolist()
    assert corners == ([255, 0] if photometric == "MONOCHROME1" else [0, 255])


def area_average(picture: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Average in float64; an axis that grows is interpolated between centres of pixels."""
    return weights(rows, picture.shape[0]) @ picture @ weights(columns, picture.shape[1]).T


def weights(new: int, old: int) -> np.ndarray:
    edges = np.arange(new + 1) * old / new
    if new <= old:
        pixel = np.arange(old)
        overlap = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
        return overlap.clip(0) * new / old
    centres = ((np.arange(new) + 0.5) * old / new - 0.5).clip(0, old - 1)
    return (1 - np.abs(centres[:, None] - np.arange(old))).clip(0)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(
    "shape", [(301, 217), (128, 256), (64, 64), (50, 40), (40, 333), (333, 40), (1, 1), (65, 64)]
)
def test_the_image_is_the_exact_area_average(shape: tuple[int, int], dtype: Any) -> None:
    top = np.iinfo(dtype).max
    picture = np.random.default_rng(0).integers(0, top, shape, dtype, endpoint=True)
    found, placement = fit_to(picture, 64)
    assert np.abs(found - area_average(picture, 64, 64)).max() <= 1
    assert (placement.scale_x, placement.scale_y) == (64 / shape[1], 64 / shape[0])


@given(rows=st.integers(1, 300), columns=st.integers(1, 300), size=st.integers(8, 64))
def test_padding_keeps_proportions_and_says_where_the_film_lies(
    rows: int, columns: int, size: int
) -> None:
    found, place = fit_to(np.full((rows, columns), 255, np.uint8), size, "pad")
    left, top = place.offset_x, place.offset_y
    right, bottom = left + columns * place.scale_x, top + rows * place.scale_y
    expected = np.zeros((size, size), np.uint8)
    expected[round(top) : round(bottom), round(left) : round(right)] = 255
    np.testing.assert_array_equal(found, expected)
    assert max(right - left, bottom - top) == pytest.approx(size)
    assert abs(left - (size - right)) < 1.001
    assert abs(top - (size - bottom)) < 1.001


needs_dcmtk = pytest.mark.skipif(
    shutil.which("dcmj2pnm") is None, reason="DCMTK is not there: apt-get install dcmtk"
)


def dcmtk_pixels(path: Path, *options: str) -> np.ndarray:
    shown = subprocess.run(
        ["dcmj2pnm", "--write-raw-pnm", *options, str(path)], capture_output=True, check=True
    )
    return np.asarray(Image.open(io.BytesIO(shown.stdout)))


@needs_dcmtk
@pytest.mark.parametrize(
    ("bits", "tags"),
    [
        (12, {}),
        (8, {"WindowCenter": 128, "WindowWidth": 256}),
        (10, {"PhotometricInterpretation": "MONOCHROME1", "WindowCenter": 550}),
        (16, {"WindowCenter": 30000.5, "WindowWidth": 44444}),
        (12, {"WindowCenter": 1999.5, "WindowWidth": 1}),
        (12, {"WindowCenter": 1999.5, "WindowWidth": 2}),
        (12, {"RescaleSlope": -10, "RescaleIntercept": 9, "WindowCenter": -20000}),
        (12, {"VOILUTFunction": "SIGMOID", "WindowCenter": 1800, "WindowWidth": 1234}),
        (12, {"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"}),
        (12, {"PixelRepresentation": 1, "WindowCenter": 10, "WindowWidth": 3000}),
    ],
)  # fmt: skip
def test_windowed_pixels_are_those_of_dcmtk(
    tmp_path: Path, bits: int, tags: dict[str, Any]
) -> None:
    pixels = gradient(top=(1 << bits) - 1).astype(np.uint8 if bits == 8 else np.uint16)
    path = write_film(tmp_path / "film", pixels, BitsStored=bits, HighBit=bits - 1, **tags)
    np.testing.assert_array_equal(read_xray(path).pixels, dcmtk_pixels(path, "+Wi", "1"))


@needs_dcmtk
@pytest.mark.parametrize("name", ["RG1_UNCI.dcm", "RG1_UNCR.dcm", "RG3_UNCI.dcm", "RG3_UNCR.dcm"])
def test_real_films_are_those_of_dcmtk(name: str) -> None:
    path = Path(DataStore().data_path) / name
    np.testing.assert_array_equal(read_xray(path).pixels, dcmtk_pixels(path, "+Wi", "1"))


@pytest.mark.parametrize("name", ["RG1", "RG3"])
def test_a_jpeg_2000_film_is_its_uncompressed_twin(name: str) -> None:
    """Of J2KI, which is lossy, UNCI is what another decoder made of it."""
    folder = Path(DataStore().data_path)
    for kind, tolerance in (("R", 0), ("I", 1)):
        one, other = (read_xray(folder / f"{name}_{k}{kind}.dcm").pixels for k in ("J2K", "UNC"))
        np.testing.assert_allclose(one, other.astype(int), atol=tolerance)


@needs_dcmtk
@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_without_a_window_the_pixels_are_those_of_dcmtks_range(
    tmp_path: Path, photometric: str
) -> None:
    path = write_film(
        tmp_path / "film", gradient(top=2345) + 77, WindowCenter=None, WindowWidth=None,
        PhotometricInterpretation=photometric,
    )  # fmt: skip
    np.testing.assert_array_equal(read_xray(path).pixels, dcmtk_pixels(path, "+Wm"))
