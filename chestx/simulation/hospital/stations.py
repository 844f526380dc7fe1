"""The hospital's X-ray devices, each with its own way of writing films.

Between them they write all that `chestx build-dataset` has to read. A DX is unsigned, states its
window or table, and rescales nothing (PS3.3 C.8.11.3.1); a CR may do otherwise.
"""

from dataclasses import dataclass
from typing import Literal

from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

Voi = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID", "TABLE", "NONE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """A device: how it stores a film, what shows it as it was taken, and where it puts names.

    Stored values reach from `low` to `high`; `inverted` is MONOCHROME1. `windows` is how many are
    given, of which the first is meant. `padding` fills what was not exposed, up to the second
    number where there are two. `view_said` tells where the projection stands, `names` how many
    elements besides the patient's name hold a name, `burned_in` what the header says of text in
    the pixels.
    """

    name: str
    modality: Literal["CR", "DX"]
    bits: int
    low: int
    high: int
    syntax: UID
    inverted: bool = False
    signed: bool = False
    slope: float = 1.0
    intercept: float = 0.0
    voi: Voi = "LINEAR"
    windows: int = 1
    padding: tuple[int, ...] = ()
    view_said: Literal["position", "code", "series"] = "position"
    names: int = 0
    burned_in: Literal["YES", "NO", ""] = "NO"


STATIONS = (
    Station(
        name="DX-1", modality="DX", bits=12, low=0, high=4095, syntax=ExplicitVRLittleEndian,
        view_said="code",
    ),
    Station(
        name="DX-2", modality="DX", bits=14, low=200, high=15_800, syntax=JPEGLosslessSV1,
        inverted=True, windows=3, names=2,
    ),
    Station(
        name="CR-1", modality="CR", bits=10, low=0, high=1023, syntax=ImplicitVRLittleEndian,
        inverted=True, slope=0.5, intercept=-20.0, names=4, burned_in="",
    ),
    Station(
        name="CR-2", modality="CR", bits=12, low=-2000, high=1900, syntax=ExplicitVRLittleEndian,
        signed=True, intercept=2048.0, view_said="series",
    ),
    Station(
        name="CR-3", modality="CR", bits=12, low=30, high=3900, syntax=JPEG2000Lossless,
        inverted=True, voi="NONE", padding=(4095,), burned_in="",
    ),
    Station(
        name="DX-3", modality="DX", bits=16, low=1000, high=61_000, syntax=JPEGLSLossless,
        voi="LINEAR_EXACT", names=1,
    ),
    Station(
        name="DX-4", modality="DX", bits=12, low=0, high=4095, syntax=JPEG2000Lossless,
        voi="SIGMOID", windows=2, view_said="code",
    ),
    Station(
        name="CR-4", modality="CR", bits=8, low=0, high=255, syntax=JPEGBaseline8Bit,
        names=3, burned_in="YES",
    ),
    Station(
        name="DX-5", modality="DX", bits=14, low=0, high=16_383, syntax=ExplicitVRLittleEndian,
        voi="TABLE", names=2,
    ),
    Station(
        name="CR-5", modality="CR", bits=10, low=0, high=1023, syntax=RLELossless,
        slope=-1.0, intercept=1023.0, inverted=True, view_said="series",
    ),
    Station(
        name="DX-6", modality="DX", bits=12, low=300, high=3800, syntax=RLELossless,
        inverted=True, padding=(4000, 4095), names=1,
    ),
    Station(
        name="CR-6", modality="CR", bits=16, low=-20_000, high=20_000,
        syntax=ImplicitVRLittleEndian, signed=True, voi="NONE", padding=(-32_768,), names=4,
    ),
    Station(
        name="CR-7", modality="CR", bits=8, low=0, high=255, syntax=JPEGLSLossless,
        inverted=True, burned_in="",
    ),
    Station(
        name="DX-7", modality="DX", bits=12, low=100, high=4000, syntax=JPEGLossless,
        windows=2, names=2,
    ),
)  # fmt: skip
