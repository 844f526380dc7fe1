"""Every transfer syntax gives the stored pixels back, or a reason."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from dicom_films import film, gradient, write_film
from pydicom import dcmwrite
from pydicom.encaps import encapsulate
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from chestx.dataset.film import UnusableFilmError
from chestx.dataset.films.reading import read_film

WIDE = gradient(61, 47)


def write_compressed(
    path: Path, syntax: str, codestream: bytes, pixels: np.ndarray, /, **tags: Any
) -> Path:
    """Write a film whose pixels are one fragment of `codestream`."""
    ds = film(pixels, **tags)
    ds.PixelData = encapsulate([codestream])
    ds["PixelData"].is_undefined_length = True
    ds["PixelData"].VR = "OB"
    ds.file_meta.TransferSyntaxUID = syntax
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    dcmwrite(path, ds, enforce_file_format=True)
    return path


def stored_values(path: Path) -> np.ndarray:
    stored = read_film(path).stored
    return stored.by_pattern(stored.values())[stored.patterns]


def run_length(pixels: np.ndarray) -> bytes:
    """Encode as RLE: the high bytes, then the low bytes (PS3.5 G)."""
    size = pixels.dtype.itemsize
    lines = pixels.astype(f">u{size}").view(np.uint8).reshape(*pixels.shape, size)
    segments = []
    for plane in np.moveaxis(lines, -1, 0):
        rows = b"".join(imagecodecs.packbits_encode(row.tobytes()) for row in plane)
        segments.append(rows + b"\0" * (len(rows) % 2))
    starts = np.cumsum([64, *map(len, segments)])[:-1]
    return struct.pack("<16I", size, *starts, *[0] * (15 - size)) + b"".join(segments)


LOSSLESS: dict[str, tuple[str, Callable[[np.ndarray], bytes]]] = {
    "RLE": (RLELossless, run_length),
    "JPEG Lossless SV1": (
        JPEGLosslessSV1,
        lambda p: imagecodecs.jpeg8_encode(p, lossless=True, predictor=1, bitspersample=12),
    ),
    "JPEG Lossless": (
        JPEGLossless,
        lambda p: imagecodecs.jpeg8_encode(p, lossless=True, predictor=4, bitspersample=12),
    ),
    "JPEG-LS": (JPEGLSLossless, lambda p: imagecodecs.jpegls_encode(p)),
    "JPEG 2000": (
        JPEG2000Lossless,
        lambda p: imagecodecs.jpeg2k_encode(
            p, level=0, codecformat="j2k", reversible=True, bitspersample=12
        ),
    ),
    "JPEG 2000 in JP2": (
        JPEG2000Lossless,
        lambda p: imagecodecs.jpeg2k_encode(
            p, level=0, codecformat="jp2", reversible=True, bitspersample=12
        ),
    ),
    "HTJ2K": (HTJ2KLossless, lambda p: imagecodecs.htj2k_encode(p, reversible=True)),
    "HTJ2K RPCL": (HTJ2KLosslessRPCL, lambda p: imagecodecs.htj2k_encode(p, reversible=True)),
}


@pytest.mark.parametrize("name", LOSSLESS)
def test_lossless_pixels_come_back(tmp_path: Path, name: str) -> None:
    syntax, encode = LOSSLESS[name]
    path = write_compressed(tmp_path / "film", syntax, encode(WIDE), WIDE)
    np.testing.assert_array_equal(stored_values(path), WIDE)


@pytest.mark.parametrize(
    ("syntax", "encode", "tolerance"),
    [
        (JPEGBaseline8Bit, lambda p: imagecodecs.jpeg8_encode(p, 95), 4),
        (JPEGLSNearLossless, lambda p: imagecodecs.jpegls_encode(p, level=2), 2),
        (JPEG2000, lambda p: imagecodecs.jpeg2k_encode(p, level=60, codecformat="j2k"), 3),
        (HTJ2K, lambda p: imagecodecs.htj2k_encode(p, level=0.002, reversible=False), 4),
    ],
)
def test_lossy_pixels_of_8_bits_come_back_nearly(
    tmp_path: Path, syntax: str, encode: Callable[[np.ndarray], bytes], tolerance: int
) -> None:
    pixels = gradient(61, 47, 255).astype(np.uint8)
    path = write_compressed(tmp_path / "film", syntax, encode(pixels), pixels)
    np.testing.assert_allclose(stored_values(path), pixels, atol=tolerance)


def test_extended_jpeg_of_12_bits_comes_back_nearly_even_above_the_stored_bits(
    tmp_path: Path,
) -> None:
    """Lossy edges overshoot: cut to 10 bits, what is just above white would be black."""
    pixels = np.where(np.indices((64, 64))[1] < 29, 0, 1023).astype(np.uint16)
    data = imagecodecs.jpeg8_encode(pixels, 80, bitspersample=12)
    path = write_compressed(tmp_path / "film", JPEGExtended12Bit, data, pixels, BitsStored=10)
    assert stored_values(path).max() > 1023
    np.testing.assert_allclose(stored_values(path), pixels, atol=100)


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
)
@pytest.mark.parametrize(
    ("dtype", "vr"), [(np.uint8, "OB"), (np.uint8, "OW"), (np.uint16, "OW"), (np.int16, "OW")]
)
def test_native_pixels_come_back(tmp_path: Path, vr: str, syntax: str, dtype: type) -> None:
    """Rows x columns are odd; 8-bit values in words are swapped in big endian (PS3.5 annex D)."""
    signed = dtype is np.int16
    pixels = (gradient(61, 47, 255).astype(int) - 99 * signed).astype(dtype)
    stored = pixels.astype(pixels.dtype.newbyteorder(">" if syntax == ExplicitVRBigEndian else "<"))
    data = stored.tobytes() + b"\0" * (pixels.nbytes % 2)
    if syntax == ExplicitVRBigEndian and vr == "OW" and dtype is np.uint8:
        data = np.frombuffer(data, "u2").byteswap().tobytes()
    ds = film(pixels)
    ds.PixelData = data
    ds["PixelData"].VR = vr
    ds.file_meta.TransferSyntaxUID = syntax
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    dcmwrite(tmp_path / "film", ds, enforce_file_format=True)
    np.testing.assert_array_equal(stored_values(tmp_path / "film"), pixels)


def test_a_codestream_of_another_sign_and_precision_is_understood(tmp_path: Path) -> None:
    """The header says 16 bits, unsigned; the codestream 13 bits, signed, or the other way round."""
    signed = (gradient(40, 40, 4000).astype(int) - 2000).astype(np.int16)
    data = imagecodecs.jpeg2k_encode(signed, level=0, codecformat="j2k", reversible=True)
    path = write_compressed(
        tmp_path / "a", JPEG2000Lossless, data, signed.view(np.uint16), BitsStored=16
    )
    np.testing.assert_array_equal(stored_values(path), signed.view(np.uint16))
    wrapped = (signed & 0x1FFF).astype(np.uint16)
    data = imagecodecs.jpeg2k_encode(
        wrapped, level=0, codecformat="j2k", reversible=True, bitspersample=13
    )
    path = write_compressed(
        tmp_path / "b", JPEG2000Lossless, data, wrapped, PixelRepresentation=1, BitsStored=16
    )
    np.testing.assert_array_equal(stored_values(path), signed)


@pytest.mark.parametrize("shift", [0, 4])
@pytest.mark.parametrize("signed", [0, 1])
def test_overlays_in_unused_bits_are_no_pixels(tmp_path: Path, shift: int, signed: int) -> None:
    values = gradient().astype(int) - 2048 * signed
    overlay = 0x9 if shift else 0x9000
    patterns = ((values & 0xFFF) << shift | overlay).astype(np.uint16)
    path = write_film(tmp_path / "film", patterns, HighBit=11 + shift, PixelRepresentation=signed)
    np.testing.assert_array_equal(stored_values(path), values)


def test_a_codestream_of_8_bits_under_a_header_of_16_is_read(tmp_path: Path) -> None:
    pixels = gradient(61, 47, 255)
    data = imagecodecs.jpeg8_encode(pixels.astype(np.uint8), lossless=True, predictor=1)
    path = write_compressed(tmp_path / "film", JPEGLosslessSV1, data, pixels, HighBit=15)
    np.testing.assert_array_equal(stored_values(path), pixels)


GREY_AS_COLOUR: dict[str, tuple[str, Callable[[np.ndarray], bytes]]] = {
    "RGB": (
        JPEGBaseline8Bit,
        lambda p: imagecodecs.jpeg8_encode(p, 95, colorspace="RGB", outcolorspace="RGB"),
    ),
    "YBR_FULL_422": (JPEGBaseline8Bit, lambda p: imagecodecs.jpeg8_encode(p, 95)),
    "YBR_RCT": (
        JPEG2000Lossless,
        lambda p: imagecodecs.jpeg2k_encode(p, level=0, codecformat="j2k", reversible=True),
    ),
}


@pytest.mark.parametrize("photometric", GREY_AS_COLOUR)
def test_grey_that_was_saved_as_colour_is_grey(tmp_path: Path, photometric: str) -> None:
    syntax, encode = GREY_AS_COLOUR[photometric]
    grey = gradient(64, 48, 255).astype(np.uint8)
    pixels = np.dstack([grey] * 3)
    tags = {
        "PhotometricInterpretation": photometric,
        "SamplesPerPixel": 3,
        "PlanarConfiguration": 0,
    }
    path = write_compressed(tmp_path / "grey", syntax, encode(pixels), pixels, **tags)
    np.testing.assert_allclose(stored_values(path), grey, atol=4)
    pixels[8:16, 8:16, 0] ^= 0xFF
    path = write_compressed(tmp_path / "colour", syntax, encode(pixels), pixels, **tags)
    with pytest.raises(UnusableFilmError, match="colour"):
        read_film(path)


@pytest.mark.parametrize("planar", [0, 1])
def test_native_grey_that_was_saved_as_colour_is_grey(tmp_path: Path, planar: int) -> None:
    grey = gradient(64, 48, 255).astype(np.uint8)
    pixels = np.dstack([grey] * 3)
    tags = {"PhotometricInterpretation": "RGB", "SamplesPerPixel": 3, "PlanarConfiguration": planar}
    data = (np.moveaxis(pixels, -1, 0) if planar else pixels).tobytes()
    path = write_film(tmp_path / "film", pixels, PixelData=data, **tags)
    np.testing.assert_array_equal(stored_values(path), grey)


@pytest.mark.parametrize("name", [n for n in LOSSLESS if n != "RLE"])
def test_a_codestream_of_another_size_is_refused_before_it_is_decoded(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("decoded")

    syntax, encode = LOSSLESS[name]
    data = encode(WIDE)
    for decoder in ("jpeg8", "ljpeg", "jpegsof3", "jpegls", "jpeg2k", "htj2k"):
        monkeypatch.setattr(imagecodecs, f"{decoder}_decode", never)
    path = write_compressed(tmp_path / "film", syntax, data, WIDE, Rows=60)
    with pytest.raises(UnusableFilmError, match="not of the size"):
        read_film(path)


@pytest.mark.parametrize("name", LOSSLESS)
def test_half_a_codestream_is_never_a_whole_film(tmp_path: Path, name: str) -> None:
    syntax, encode = LOSSLESS[name]
    data = encode(WIDE)
    path = write_compressed(tmp_path / "film", syntax, data[: len(data) // 2], WIDE)
    with pytest.raises(UnusableFilmError):
        read_film(path)


def test_several_fragments_make_one_film(tmp_path: Path) -> None:
    data = imagecodecs.jpegls_encode(WIDE)
    path = write_compressed(tmp_path / "film", JPEGLSLossless, data, WIDE)
    ds = film(WIDE)
    ds.file_meta.TransferSyntaxUID = JPEGLSLossless
    ds.PixelData = encapsulate([data], fragments_per_frame=3)
    ds["PixelData"].is_undefined_length = True
    ds["PixelData"].VR = "OB"
    dcmwrite(path, ds, enforce_file_format=False)
    np.testing.assert_array_equal(stored_values(path), WIDE)
