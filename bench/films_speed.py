"""A film from file to PNG: chestx, the naive way and DCMTK's `dcmj2pnm`, in turn.

Seconds of one film of 3000 x 2000 pixels of 12 bits, on one thread each, start-up left out but for
`dcmj2pnm`, which is a process for each file.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

import cv2
import numpy as np
import pydicom
from data_store import DataStore
from PIL import Image
from pydicom.pixels import apply_voi_lut

from bench.outcome import SPREAD_HEADER, Bar, Outcome, spread, spread_cells
from chestx.dataset.films.develop import develop
from chestx.dataset.films.fit import fit_to
from chestx.dataset.films.png import encode_png
from chestx.dataset.films.reading import read_film
from chestx.dataset.films.window import window

ROWS, COLUMNS, SIZE = 3000, 2000, 1024
ROUNDS = 15
OVER_NAIVE, OVER_DCMTK, LOSSLESS_OVER_NAIVE = 10.0, 6.0, 5.0
STAGES = ("decoding", "windowing", "resizing", "encoding")
Seconds = dict[str, list[float]]


def measure() -> Outcome:
    """Time the contenders round by round, and the stages of one film by themselves."""
    if missing := [t for t in ("dcmj2pnm", "dcmcjpeg") if shutil.which(t) is None]:
        sys.exit(f"{', '.join(missing)} not found: apt-get install dcmtk")
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain, lossless = _films(folder)
        plain_seconds = _timed(
            {
                "chestx": lambda: _chestx(plain, folder),
                "naive": lambda: _naive(plain, folder),
                "dcmj2pnm": lambda: _dcmtk(plain, folder),
            }
        )
        lossless_seconds = _timed(
            {
                "chestx": lambda: _chestx(lossless, folder),
                "naive": lambda: _naive(lossless, folder),
            }
        )
        stages = {film.stem: _stages(film) for film in (plain, lossless)}
    return Outcome(
        bars=[
            _bar("uncompressed: times the naive way", plain_seconds, "naive", OVER_NAIVE),
            _bar("uncompressed: times dcmj2pnm", plain_seconds, "dcmj2pnm", OVER_DCMTK),
            _bar(
                "JPEG Lossless: times the naive way", lossless_seconds, "naive", LOSSLESS_OVER_NAIVE
            ),
        ],
        figures={
            "seconds": {
                kind: {name: spread(values) for name, values in seconds.items()}
                for kind, seconds in (("plain", plain_seconds), ("lossless", lossless_seconds))
            },
            "stages": stages,
        },
        tables={
            "Milliseconds a film, uncompressed": _table(plain_seconds),
            "Milliseconds a film, JPEG Lossless": _table(lossless_seconds),
            "Where the time goes": _share_table(stages),
        },
        notes=(
            "naive: pydicom, VOI in float64, Pillow's Lanczos and its PNG at level 6. dcmj2pnm: "
            "one process a file, first window, scaled to the same size, 8-bit PNG. Of JPEG "
            "Lossless the naive way decodes with the same codec, since pydicom has none itself.",
        ),
    )


def _bar(name: str, seconds: Seconds, other: str, bound: float) -> Bar:
    """Return the median over the rounds of how many times faster chestx is."""
    pairs = zip(seconds[other], seconds["chestx"], strict=True)
    return Bar(name, median(slow / fast for slow, fast in pairs), "at least", bound)


def _timed(contenders: Mapping[str, Callable[[], None]]) -> Seconds:
    """Run the contenders in turn, after a round that does not count."""
    seconds: Seconds = {name: [] for name in contenders}
    for number in range(ROUNDS + 1):
        for name, run in contenders.items():
            started = time.perf_counter()
            run()
            if number:
                seconds[name].append(time.perf_counter() - started)
    return seconds


def _chestx(path: Path, folder: Path) -> None:
    (folder / "chestx.png").write_bytes(develop(path, size=SIZE)[0])


def _naive(path: Path, folder: Path) -> None:
    ds = pydicom.dcmread(path)
    if ds.file_meta.TransferSyntaxUID.is_compressed:
        pixels = read_film(path).stored.patterns
    else:
        pixels = ds.pixel_array
    shades = apply_voi_lut(pixels.astype(np.float64), ds)
    shades = (shades - shades.min()) / (shades.max() - shades.min()) * 255
    image = Image.fromarray(shades.astype(np.uint8))
    image.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(
        folder / "naive.png", compress_level=6
    )


def _dcmtk(path: Path, folder: Path) -> None:
    scale = ["+Sxv", str(SIZE), "+Syv", str(SIZE)]
    command = ["dcmj2pnm", "--write-png", "+Wi", "1", *scale, str(path), str(folder / "dcmtk.png")]
    subprocess.run(command, check=True, capture_output=True)


def _stages(path: Path) -> dict[str, float]:
    """Return the median milliseconds of each stage."""
    seconds: Seconds = {name: [] for name in STAGES}
    for _ in range(ROUNDS):
        moments = [time.perf_counter()]
        film = read_film(path)
        moments.append(time.perf_counter())
        picture, _ = window(film.stored, film.grey)
        moments.append(time.perf_counter())
        image, _ = fit_to(picture, SIZE)
        moments.append(time.perf_counter())
        encode_png(image)
        moments.append(time.perf_counter())
        for name, start, end in zip(STAGES, moments, moments[1:], strict=False):
            seconds[name].append(end - start)
    return {name: 1000 * median(values) for name, values in seconds.items()}


def _films(folder: Path) -> tuple[Path, Path]:
    """Write the RG1 film as 3000 x 2000 of 12 bits, uncompressed and JPEG Lossless."""
    ds = pydicom.dcmread(Path(DataStore().data_path) / "RG1_UNCR.dcm")
    pixels = cv2.resize(ds.pixel_array >> 3, (COLUMNS, ROWS), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(0).normal(0, 4, pixels.shape)
    pixels = (pixels + noise).clip(0, 4095).astype(np.uint16)
    ds.Rows, ds.Columns = pixels.shape
    ds.BitsStored, ds.HighBit = 12, 11
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.WindowCenter, ds.WindowWidth = 2048, 4096
    ds.PixelData = pixels.tobytes()
    plain, lossless = folder / "uncompressed.dcm", folder / "JPEG Lossless.dcm"
    ds.save_as(plain)
    subprocess.run(["dcmcjpeg", "+e1", str(plain), str(lossless)], check=True)
    return plain, lossless


def _table(seconds: Seconds) -> list[list[str]]:
    return [SPREAD_HEADER] + [
        spread_cells(name, [1000 * value for value in values], 1)
        for name, values in seconds.items()
    ]


def _share_table(stages: Mapping[str, Mapping[str, float]]) -> list[list[str]]:
    rows: list[list[str]] = [["", *STAGES, "together, ms"]]
    for film, times in stages.items():
        total = sum(times.values())
        shares: Sequence[str] = [f"{times[name] / total:.0%}" for name in STAGES]
        rows.append([film, *shares, f"{total:.1f}"])
    return rows
