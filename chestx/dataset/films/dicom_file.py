"""A DICOM file up to its pixels, read within limits that a forged length cannot break.

pydicom reads the elements; what it reads from counts (`_Bounded`), and what is deflated is
inflated here, up to a limit, since pydicom itself would inflate without end (DICOM PS3.5 A.5).
"""

import logging
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from pydicom import config
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import Tag
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from chestx.dataset.film import UnusableFilmError

HEADER_BYTES = 64 << 20
HEADER_READS = 200_000
ELEMENT_BYTES = 4 << 20
INFLATED_BYTES = 256 << 20
UNDEFINED_LENGTH = 0xFFFFFFFF
_PIXEL_DATA, _DOUBLE_PIXELS, _FLOAT_PIXELS = 0x7FE00010, 0x7FE00009, 0x7FE00008
_LONG = frozenset(
    (b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV")
)
# All that is asked of a header; everything else is stepped over.
_KEYWORDS = """
SpecificCharacterSet ImageType SOPClassUID SOPInstanceUID StudyDate StudyTime AccessionNumber
Modality PresentationIntentType StudyDescription SeriesDescription ViewCodeSequence
IssuerOfPatientID PatientID PatientBirthDate PatientSex PatientAge BodyPartExamined ProtocolName
ImagerPixelSpacing NominalScannedPixelSpacing ViewPosition StudyInstanceUID SeriesNumber
InstanceNumber Laterality ImageLaterality PatientOrientation SamplesPerPixel
PhotometricInterpretation PlanarConfiguration NumberOfFrames Rows Columns PixelSpacing
BitsAllocated BitsStored HighBit PixelRepresentation PixelPaddingValue PixelPaddingRangeLimit
BurnedInAnnotation WindowCenter WindowWidth RescaleIntercept RescaleSlope VOILUTFunction
ModalityLUTSequence VOILUTSequence AcquisitionDeviceProcessingDescription
""".split()
_WANTED: list[Any] = [Tag(keyword) for keyword in _KEYWORDS]
_WANTED_SET = frozenset(_WANTED)


@dataclass(frozen=True, slots=True)
class PixelElement:
    """Where the value of Pixel Data lies in `data`: `vr` is empty for an implicit VR."""

    start: int
    length: int
    vr: str


@dataclass(frozen=True, slots=True)
class DicomFile:
    """The header of a file (`header` has but what is asked of it), its bytes, and its pixels.

    `data` are the file's own bytes, or what a deflated file inflates to. `pixels` is None where
    there are none; `truncated` tells that the file ends within an element.
    """

    header: Dataset
    sop_class: str
    transfer_syntax: str
    data: memoryview
    pixels: PixelElement | None
    truncated: bool


class _Bounded:
    """A file in memory that gives no more than there is, and not without end."""

    def __init__(self, data: memoryview, position: int) -> None:
        self._data = data
        self._position = position
        self._bytes = HEADER_BYTES
        self._reads = HEADER_READS
        self.short = False

    def read(self, size: int = -1) -> bytes:
        left = max(0, len(self._data) - self._position)
        if size < 0 or size > left:
            self.short = self.short or left > 0
            size = left
        self._bytes -= size
        self._reads -= 1
        if self._bytes < 0 or self._reads < 0:
            raise UnusableFilmError("the header is too large")
        start = self._position
        self._position += size
        return bytes(self._data[start : start + size])

    def seek(self, offset: int, whence: int = 0) -> int:
        self._position = offset + (0, self._position, len(self._data))[whence]
        self.short = self.short or self._position > len(self._data)
        return self._position

    def tell(self) -> int:
        return self._position


@contextmanager
def contained() -> Iterator[None]:
    """Keep back what pydicom warns of, logs and raises: it may quote what stands in a header.

    Whatever is raised within becomes `UnusableFilmError`.
    """
    log = logging.getLogger("pydicom")
    before = log.propagate
    log.propagate = False
    try:
        with warnings.catch_warnings(), config.disable_value_validation():
            warnings.simplefilter("ignore")
            yield
    except UnusableFilmError:
        raise
    except MemoryError:
        raise UnusableFilmError("does not fit into memory") from None
    except Exception:  # too deep a nesting among them
        raise UnusableFilmError("the DICOM header is damaged") from None
    finally:
        log.propagate = before


def read_dicom(data: memoryview) -> DicomFile:
    """Read the header; raise `UnusableFilmError` if there is none.

    Call it, and whatever asks for values of the header, under `contained`: pydicom converts a
    value when it is asked for.
    """
    file = _Bounded(data, 132 if bytes(data[128:132]) == b"DICM" else 0)
    meta = read_dataset(file, False, True, stop_when=_after_meta)  # type: ignore[arg-type]
    position = file.tell()
    syntax = str(meta.get("TransferSyntaxUID", "")) or _guessed_syntax(data, position)
    if syntax == DeflatedExplicitVRLittleEndian:
        data, position = _inflated(data[position:]), 0
    file = _Bounded(data, position)
    little = syntax != ExplicitVRBigEndian
    header = read_dataset(
        file,  # type: ignore[arg-type]
        syntax == ImplicitVRLittleEndian, little, stop_when=_at_pixels, specific_tags=_WANTED,
    )  # fmt: skip
    pixels = _pixel_element(data, file.tell(), header.original_encoding[0] is True, little)
    sop_class = str(meta.get("MediaStorageSOPClassUID", "") or header.get("SOPClassUID", ""))
    return DicomFile(header, sop_class, syntax, data, pixels, pixels is None and file.short)


def _after_meta(tag: int, vr: str | None, length: int) -> bool:
    return tag >> 16 != 2


def _at_pixels(tag: int, vr: str | None, length: int) -> bool:
    # A small file of many tiny elements within a sequence takes a hundred times its size.
    if tag in _WANTED_SET and ELEMENT_BYTES < length < UNDEFINED_LENGTH:
        raise UnusableFilmError("the header is too large")
    return tag in (_PIXEL_DATA, _FLOAT_PIXELS, _DOUBLE_PIXELS)


def _guessed_syntax(data: memoryview, position: int) -> str:
    """Return what a file without meta information must be: little endian, with VRs or without."""
    vr = bytes(data[position + 4 : position + 6])
    explicit = vr.isalpha() and vr.isupper()
    return ExplicitVRLittleEndian if explicit else ImplicitVRLittleEndian


def _inflated(data: memoryview) -> memoryview:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = inflate.decompress(data, INFLATED_BYTES)
    except zlib.error:
        raise UnusableFilmError("the deflated data are damaged") from None
    if inflate.unconsumed_tail:
        raise UnusableFilmError(f"inflates to more than {INFLATED_BYTES >> 20} MiB")
    return memoryview(inflated)


def _pixel_element(
    data: memoryview, position: int, implicit: bool, little: bool
) -> PixelElement | None:
    order: Literal["little", "big"] = "little" if little else "big"
    element = bytes(data[position : position + 12])
    if len(element) < 8:
        return None
    group, number = (int.from_bytes(element[i : i + 2], order) for i in (0, 2))
    if group << 16 | number != _PIXEL_DATA:
        return None
    if implicit:
        return PixelElement(position + 8, int.from_bytes(element[4:8], order), "")
    vr = element[4:6]
    if vr in _LONG:
        return PixelElement(position + 12, int.from_bytes(element[8:12], order), vr.decode("ascii"))
    return PixelElement(position + 8, int.from_bytes(element[6:8], order), "")
