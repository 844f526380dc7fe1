"""What a header says of grey levels: modality and VOI transforms, padding, polarity."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from chestx.dataset.films.values import code, integer, number, values

_FAR = 1e9
FUNCTIONS = ("LINEAR", "LINEAR_EXACT", "SIGMOID")


@dataclass(frozen=True, slots=True)
class Lut:
    """A table of a header: `entries` for values from `first` on, up to 2 ** `bits` - 1."""

    entries: npt.NDArray[np.float64]
    first: int
    bits: int

    def look_up(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return the entries of `values`; those outside get the first or the last."""
        at = np.rint(values.clip(-_FAR, _FAR)).astype(np.int64) - self._first_for(values)
        entries: npt.NDArray[np.float64] = self.entries[at.clip(0, len(self.entries) - 1)]
        return entries

    def _first_for(self, values: npt.NDArray[np.float64]) -> int:
        """Return `first` with the sign that the values want: descriptors are written in 16 bits."""
        signed = values.min() < 0 and self.first >= 1 << 15
        return self.first - (1 << 16) if signed else self.first


@dataclass(frozen=True, slots=True)
class GreyLevels:
    """From stored values to grey (PS3.3 C.11.1, C.11.2); a header that says nothing is `AS_IS`.

    `padding` is the range of stored values that are no part of the picture (C.7.5.1.1.2).
    """

    slope: float = 1.0
    intercept: float = 0.0
    modality_lut: Lut | None = None
    voi_lut: Lut | None = None
    function: str = "LINEAR"
    center: float | None = None
    width: float | None = None
    padding: tuple[int, int] | None = None
    inverted: bool = False
    as_is: bool = False


AS_IS = GreyLevels(as_is=True)
BY_RANGE = GreyLevels()


def grey_levels(header: Dataset, little_endian: bool = True) -> GreyLevels:
    """Read the transforms of a header. Of several windows or tables the first is taken.

    The polarity is that of the photometric interpretation: INVERSE in Presentation LUT Shape says
    the same of MONOCHROME1 once more, and contradicts MONOCHROME2, which must be IDENTITY
    (C.8.11.3.1).
    """
    function = code(header, "VOILUTFunction")
    return GreyLevels(
        slope=number(header, "RescaleSlope") or 1.0,
        intercept=number(header, "RescaleIntercept") or 0.0,
        modality_lut=_lut(header, "ModalityLUTSequence", little_endian),
        voi_lut=_lut(header, "VOILUTSequence", little_endian),
        function=function if function in FUNCTIONS else "LINEAR",
        center=number(header, "WindowCenter"),
        width=number(header, "WindowWidth"),
        padding=_padding(header, little_endian),
        inverted=code(header, "PhotometricInterpretation") == "MONOCHROME1",
    )


def _padding(header: Dataset, little_endian: bool) -> tuple[int, int] | None:
    found = _words(header, "PixelPaddingValue", little_endian)
    if not found:
        return None
    ends = found[:1] + _words(header, "PixelPaddingRangeLimit", little_endian)[:1]
    if integer(header, "PixelRepresentation") == 1:
        ends = [(end & 0xFFFF ^ 0x8000) - 0x8000 for end in ends]
    else:
        ends = [end & 0xFFFF for end in ends]
    return min(ends), max(ends)


def _lut(header: Dataset, keyword: str, little_endian: bool) -> Lut | None:
    """Read a table whose descriptor and data may be of several kinds, or none (C.11.1.1)."""
    items = values(header, keyword)
    if not items:
        return None
    descriptor = _words(items[0], "LUTDescriptor", little_endian)
    entries = _words(items[0], "LUTData", little_endian)
    if len(descriptor) != 3 or not entries:
        return None
    number, first, bits = (descriptor[0] & 0xFFFF) or 1 << 16, descriptor[1], descriptor[2] & 0xFF
    data = np.asarray(entries, np.int64) & 0xFFFF
    if len(data) < number <= 2 * len(data):
        data = data.astype("<u2" if little_endian else ">u2").view("u1")  # two entries a word
    data = data[:number]
    # Some writers state fewer bits than their entries have.
    bits = max(bits if 8 <= bits <= 16 else 0, int(data.max()).bit_length(), 1)
    return Lut(data.astype(np.float64), first, bits)


def _words(header: Dataset, keyword: str, little_endian: bool) -> list[int]:
    """Return numbers of 16 bits, which pydicom leaves as bytes where the VR is OW or unknown."""
    found = values(header, keyword)
    if len(found) == 1 and isinstance(found[0], bytes):
        whole = found[0][: len(found[0]) // 2 * 2]
        return [int(v) for v in np.frombuffer(whole, "<u2" if little_endian else ">u2")]
    return [v for v in found if isinstance(v, int)]
