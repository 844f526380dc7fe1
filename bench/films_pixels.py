"""Windowed pixels against DCMTK's `dcmj2pnm`, resized ones against an exact area average."""

import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import imagecodecs
import numpy as np
import pydicom
from data_store import DataStore
from PIL import Image
from pydicom.data import get_testdata_files
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    HTJ2KLossless,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSLossless,
    JPEGLSNearLossless,
)

from bench.data import ROOT
from bench.outcome import Bar, Outcome
from chestx.dataset.film import UnusableFilmError
from chestx.dataset.films.fit import fit_to
from chestx.dataset.films.header import read_header
from chestx.dataset.films.reading import read_film
from chestx.dataset.films.window import window

SHARED = ROOT.parent / "shared" / "data" / "dicom"
SIZE = 1024
OFF_BY_ONE = 0.001
REAL = ("RG1", "RG3")
# The largest difference of grey levels that a group of films may have.
BOUNDS = {
    "window": 1,
    "fractional rescale": 1,
    "VOI LUT": 1,
    "no window": 1,
    "twin": 0,
    "lossy": 2,
}
TOOLS = ("dcmj2pnm", "dcmcjpeg", "dcmcjpls", "dcmcrle", "dcmconv")
# A film, how it is encoded, and with what tool: dcmj2pnm reads what these leave.
ENCODINGS: dict[str, tuple[str, ...]] = {
    "JPEG Lossless SV1": ("dcmcjpeg", "+e1"),
    "JPEG Lossless": ("dcmcjpeg", "+el"),
    "RLE": ("dcmcrle",),
    "big endian": ("dcmconv", "+tb"),
    "implicit": ("dcmconv", "+ti"),
    "deflated": ("dcmconv", "+td"),
}


class Case(NamedTuple):
    """A film, the same in a form that `dcmj2pnm` reads, and the option that windows it."""

    group: str
    name: str
    path: Path
    oracle: Path
    option: Sequence[str]


class Compared(NamedTuple):
    group: str
    name: str
    off: float
    largest: int
    resized: float


def measure() -> Outcome:
    """Compare every film that is to be had here and every encoding made from them."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        sys.exit(f"{', '.join(missing)} not found: apt-get install dcmtk")
    with tempfile.TemporaryDirectory() as name:
        compared = [_compare(case) for case in _cases(Path(name))]
    groups: dict[str, list[Compared]] = {}
    for found in compared:
        groups.setdefault(found.group, []).append(found)
    return Outcome(
        bars=list(_bars(groups)),
        figures={"films": [found._asdict() for found in compared]},
        tables={"Films": _table(compared)},
        notes=(
            "`off` is the share of pixels that differ, `largest` the largest difference of grey "
            "levels, `resized` the largest distance of the final image from an exact area average "
            "in float64.",
            "Fractional rescale: dcmj2pnm cuts rescaled values to whole numbers before the window, "
            "the standard computes them in floating point (PS3.3 C.11.2.1.2.1, note); hence "
            "levels that differ by one.",
        ),
    )


def _bars(groups: dict[str, list[Compared]]) -> Iterator[Bar]:
    """Yield the bars; a group without films is a missed bar."""
    for group, bound in BOUNDS.items():
        films = groups.get(group, [])
        largest = max((film.largest for film in films), default=255)
        yield Bar(f"{group}: largest difference, {len(films)} films", largest, "at most", bound)
        if group in ("window", "no window"):
            share = max((film.off for film in films), default=1.0)
            yield Bar(f"{group}: pixels that differ, share", share, "at most", OFF_BY_ONE)
    resized = max(film.resized for films in groups.values() for film in films)
    yield Bar("image against exact area average, grey levels", resized, "at most", 1)


def _table(compared: Sequence[Compared]) -> list[list[str]]:
    rows = [["", "film", "off", "largest", "resized"]]
    return rows + [
        [c.group, c.name, f"{c.off:.4%}", str(c.largest), f"{c.resized:.2f}"] for c in compared
    ]


def _compare(case: Case) -> Compared:
    film = read_film(case.path)
    pixels = window(film.stored, film.grey)[0]
    if case.option:
        expected = _dcmtk(case.oracle, case.option)
    else:
        other = read_film(case.oracle)
        expected = window(other.stored, other.grey)[0]
    difference = np.abs(pixels.astype(np.int16) - expected)
    image = fit_to(pixels, SIZE)[0]
    resized = float(np.abs(image - _area_average(pixels)).max())
    share = float((difference > 0).mean())
    return Compared(case.group, case.name, share, int(difference.max()), resized)


def _dcmtk(path: Path, option: Sequence[str]) -> np.ndarray:
    shown = subprocess.run(
        ["dcmj2pnm", "--write-raw-pnm", *option, str(path)], capture_output=True, check=True
    )
    return np.asarray(Image.open(io.BytesIO(shown.stdout)).convert("L"))


def _area_average(picture: np.ndarray) -> np.ndarray:
    return _weights(picture.shape[0]) @ picture @ _weights(picture.shape[1]).T


def _weights(old: int) -> np.ndarray:
    """Return the matrix that averages, or interpolates between centres where the axis grows."""
    if old >= SIZE:
        edges = np.arange(SIZE + 1) * old / SIZE
        pixel = np.arange(old)
        overlap = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
        return overlap.clip(0) * SIZE / old
    centres = ((np.arange(SIZE) + 0.5) * old / SIZE - 0.5).clip(0, old - 1)
    return (1 - np.abs(centres[:, None] - np.arange(old))).clip(0)


def _cases(folder: Path) -> Iterator[Case]:
    store = Path(DataStore().data_path)
    for name in REAL:
        for kind in ("I", "R"):
            plain = store / f"{name}_UNC{kind}.dcm"
            yield Case("window", plain.name, plain, plain, ("+Wi", "1"))
            group = "twin" if kind == "R" else "lossy"
            yield Case(group, f"{name}_J2K{kind}.dcm", store / f"{name}_J2K{kind}.dcm", plain, ())
        yield from _encoded(store / f"{name}_UNCR.dcm", folder)
    yield from _real_films()
    for made in _made(folder):
        yield Case("window", made.stem, made, made, ("+Wi", "1"))
    yield from _encoded(folder / "12 bits.dcm", folder)
    yield from _encoded_lossy(folder / "12 bits.dcm", folder, JPEGExtended12Bit)
    yield from _encoded_lossy(folder / "8 bits.dcm", folder, JPEGBaseline8Bit)


def _real_films() -> Iterator[Case]:
    """Yield the grey films among pydicom's own test files and those that the project has."""
    paths = [Path(p) for p in get_testdata_files() if Path(p).is_file()]
    for path in sorted({*paths, *SHARED.glob("*.dcm")}):
        if path.name.startswith(REAL):
            continue
        try:
            read_header(path, path.name)
            film = read_film(path)
        except UnusableFilmError:
            continue
        if not film.photometric.startswith("MONOCHROME") or _unread_by_dcmtk(path):
            continue
        windowed = film.grey.center is not None
        fractional = film.grey.slope % 1 or film.grey.intercept % 1
        group = "fractional rescale" if fractional else "window" if windowed else "no window"
        if film.transfer_syntax.startswith("1.2.840.10008.1.2.4.5") and group == "window":
            group = "lossy"
        option = ("+Wi", "1") if windowed else ("+Wm",)
        if film.grey.voi_lut:
            group, option = "VOI LUT", ("+Wl", "1")
        yield Case(group, path.name, path, path, option)


def _unread_by_dcmtk(path: Path) -> bool:
    tried = subprocess.run(
        ["dcmj2pnm", "--write-raw-pnm", str(path)], capture_output=True, check=False
    )
    return not tried.stdout


def _encoded(plain: Path, folder: Path) -> Iterator[Case]:
    """Yield lossless encodings, those that dcmj2pnm cannot read against the film as it was."""
    for name, tool in ENCODINGS.items():
        path = folder / f"{plain.stem}, {name}.dcm"
        subprocess.run([*tool, str(plain), str(path)], check=True, capture_output=True)
        yield Case("window", path.stem, path, plain, ("+Wi", "1"))
    pixels = pydicom.dcmread(plain).pixel_array
    bits = int(pixels.max()).bit_length()
    for name, syntax, data in (
        ("JPEG-LS", JPEGLSLossless, imagecodecs.jpegls_encode(pixels)),
        ("JPEG 2000", JPEG2000Lossless, imagecodecs.jpeg2k_encode(
            pixels, level=0, codecformat="j2k", reversible=True, bitspersample=bits
        )),
        ("HTJ2K", HTJ2KLossless, imagecodecs.htj2k_encode(pixels, reversible=True)),
    ):  # fmt: skip
        path = _encapsulated(plain, folder / f"{plain.stem}, {name}.dcm", syntax, data)
        yield Case("window", path.stem, path, plain, ("+Wi", "1"))


def _encoded_lossy(plain: Path, folder: Path, syntax: str) -> Iterator[Case]:
    pixels = pydicom.dcmread(plain).pixel_array
    bits = 8 if pixels.itemsize == 1 else 12
    data = imagecodecs.jpeg8_encode(pixels, 90, bitspersample=bits)
    jpeg = _encapsulated(plain, folder / f"{plain.stem}, JPEG.dcm", syntax, data)
    yield Case("lossy", jpeg.stem, jpeg, jpeg, ("+Wi", "1"))
    data = imagecodecs.jpegls_encode(pixels, level=1)
    near = _encapsulated(
        plain, folder / f"{plain.stem}, near-lossless.dcm", JPEGLSNearLossless, data
    )
    yield Case("lossy", near.stem, near, plain, ("+Wi", "1"))


def _encapsulated(plain: Path, path: Path, syntax: str, data: bytes) -> Path:
    ds = pydicom.dcmread(plain)
    if ds.file_meta.TransferSyntaxUID == ImplicitVRLittleEndian:
        ds.decompress()
    ds.PixelData = encapsulate([data])
    ds["PixelData"].is_undefined_length = True
    ds["PixelData"].VR = "OB"
    ds.file_meta.TransferSyntaxUID = syntax
    ds.save_as(path, implicit_vr=False, little_endian=True)
    return path


def _made(folder: Path) -> Iterator[Path]:
    """Yield films of made-up pixels: the RG1 film, brought to other depths, signs and windows."""
    store = Path(DataStore().data_path)
    real = pydicom.dcmread(store / "RG1_UNCR.dcm").pixel_array  # 15 bits
    for name, bits, tags in (
        ("8 bits", 8, {"WindowCenter": 120, "WindowWidth": 201}),
        ("10 bits", 10, {"WindowCenter": 500, "WindowWidth": 777}),
        ("12 bits", 12, {"WindowCenter": 2000.5, "WindowWidth": 3333}),
        ("14 bits", 14, {"WindowCenter": [8000, 9000], "WindowWidth": [12345, 99]}),
        ("inverted", 12, {"PhotometricInterpretation": "MONOCHROME1"}),
        ("inverted twice", 12, {
            "PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE",
        }),
        ("signed", 12, {"PixelRepresentation": 1, "WindowCenter": -100, "WindowWidth": 3000}),
        ("high bits", 12, {"HighBit": 15}),
        ("slope -10", 12, {
            "RescaleSlope": -10, "RescaleIntercept": 7, "RescaleType": "US",
            "WindowCenter": -20000, "WindowWidth": 33333,
        }),
        ("sigmoid", 12, {"VOILUTFunction": "SIGMOID"}),
        ("threshold", 12, {"WindowCenter": 2000, "WindowWidth": 1}),
    ):  # fmt: skip
        pixels = real >> (15 - bits)
        if tags.get("PixelRepresentation"):
            pixels = (pixels.astype(np.int16) - (1 << bits - 1)).view(np.uint16)
        if "HighBit" in tags:
            pixels = pixels << 4
        yield _write(folder / f"{name}.dcm", pixels.astype("u1" if bits == 8 else "u2"), bits, tags)


def _write(path: Path, pixels: np.ndarray, bits: int, tags: dict[str, object]) -> Path:
    ds: Dataset = pydicom.dcmread(Path(DataStore().data_path) / "RG1_UNCR.dcm")
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.BitsAllocated = 8 * pixels.dtype.itemsize
    ds.BitsStored, ds.HighBit = bits, bits - 1
    ds.WindowCenter, ds.WindowWidth = 1 << bits - 1, 1 << bits
    ds.PixelData = pixels.tobytes() + b"\0" * (pixels.nbytes % 2)
    for name, value in tags.items():
        setattr(ds, name, value)
    ds.save_as(path)
    return path
