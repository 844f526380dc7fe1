"""Whether a DICOM file is one grey radiograph that can be read."""

from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
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
from chestx.dataset.films.content import check_size
from chestx.dataset.films.dicom_file import DicomFile
from chestx.dataset.films.values import code, integer

UNCOMPRESSED = frozenset(
    (
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
    )
)
JPEG = frozenset((JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1))
JPEG_LS = frozenset((JPEGLSLossless, JPEGLSNearLossless))
JPEG_2000 = frozenset((JPEG2000, JPEG2000Lossless))
HIGH_THROUGHPUT = frozenset((HTJ2K, HTJ2KLossless, HTJ2KLosslessRPCL))
READABLE = UNCOMPRESSED | JPEG | JPEG_LS | JPEG_2000 | HIGH_THROUGHPUT | {RLELossless}
GREY = ("MONOCHROME1", "MONOCHROME2")
COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT")
# RG is a film that was scanned, OT a picture of unknown origin; DR is no term of the standard, but
# detectors of some makers write it.
MODALITIES = ("DX", "CR", "RG", "DR", "OT", "")
_OTHER_MODALITIES = (
    "CT MR US XA RF MG NM PT PX IO BMD SC SEG SR PR KO RTIMAGE RTDOSE RTPLAN RTSTRUCT ECG ES XC "
    "GM SM OP OPT DOC AU REG FID BI TG EPS HD LS IVUS IVOCT".split()
)
_STORAGE = "1.2.840.10008.5.1.4.1.1."
_DIRECTORY = "1.2.840.10008.1.3.10"
FOR_PROCESSING = _STORAGE + "1.1.1"
SOP_CLASSES = frozenset(
    _STORAGE + suffix for suffix in ("1", "1.1", "7", "7.2", "7.3", "7.4")
) | {""}  # fmt: skip


def check_radiograph(file: DicomFile) -> None:
    """Raise `UnusableFilmError` with the reason why a file gives no film."""
    _check_kind(file)
    if file.pixels is None:
        raise UnusableFilmError("truncated file" if file.truncated else "no pixel data")
    if integer(file.header, "NumberOfFrames", 1) > 1:
        raise UnusableFilmError("more than one frame")
    _check_bits(file)
    check_size(integer(file.header, "Rows"), integer(file.header, "Columns"))
    if file.transfer_syntax not in READABLE:
        raise UnusableFilmError("a transfer syntax that cannot be read")


def _check_kind(file: DicomFile) -> None:
    modality = code(file.header, "Modality")
    if file.sop_class == _DIRECTORY:
        raise UnusableFilmError("a DICOMDIR, not an image")
    if modality not in MODALITIES:
        named = f" ({modality})" if modality in _OTHER_MODALITIES else ""
        raise UnusableFilmError(f"not a radiograph: another modality{named}")
    raw = code(file.header, "PresentationIntentType") == "FOR PROCESSING"
    if raw or file.sop_class == FOR_PROCESSING:
        raise UnusableFilmError("raw data of the detector (FOR PROCESSING), not for viewing")
    if file.sop_class not in SOP_CLASSES:
        name = UID(file.sop_class).name
        named = "" if name == file.sop_class else f" ({name})"  # only what the standard knows
        raise UnusableFilmError(f"not a radiograph: another SOP class{named}")


def _check_bits(file: DicomFile) -> None:
    photometric = code(file.header, "PhotometricInterpretation")
    samples = integer(file.header, "SamplesPerPixel", 1)
    if photometric == "PALETTE COLOR":
        raise UnusableFilmError("colour (PALETTE COLOR)")
    if photometric not in GREY + COLOUR or samples != (1 if photometric in GREY else 3):
        raise UnusableFilmError("an unknown photometric interpretation")
    allocated = integer(file.header, "BitsAllocated")
    stored = integer(file.header, "BitsStored", allocated)
    if 1 in (allocated, stored):
        raise UnusableFilmError("1 bit per pixel: a mask, not a radiograph")
    if stored > 16 or allocated > 16:
        raise UnusableFilmError("more than 16 bits per pixel")
    if allocated not in (8, 16) or not 1 < stored <= allocated:
        raise UnusableFilmError("impossible numbers of bits")
