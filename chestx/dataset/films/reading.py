"""A file becomes stored pixels, with all that is known of them."""

from dataclasses import dataclass
from pathlib import Path

from pydicom.uid import ExplicitVRBigEndian

from chestx.dataset.film import BurnedIn, View
from chestx.dataset.films.content import format_of, map_file
from chestx.dataset.films.dicom_file import contained, read_dicom
from chestx.dataset.films.grey_levels import AS_IS, BY_RANGE, GreyLevels, grey_levels
from chestx.dataset.films.header import burned_in, view_of
from chestx.dataset.films.picture import read_picture
from chestx.dataset.films.pixels import read_pixels
from chestx.dataset.films.radiograph import GREY, check_radiograph
from chestx.dataset.films.stored import StoredPixels
from chestx.dataset.films.values import code, spacing


@dataclass(frozen=True, slots=True)
class RawFilm:
    """Pixels as stored, how they become grey, and facts that name no one.

    `photometric` and `transfer_syntax` (a UID) are as in the header; of a picture they are empty
    and "PNG" or "JPEG".
    """

    stored: StoredPixels
    grey: GreyLevels
    photometric: str
    transfer_syntax: str
    view: View
    spacing: tuple[float, float] | None
    burned_in: BurnedIn


def read_film(path: Path) -> RawFilm:
    """Read and decode a file; raise `UnusableFilmError` with the reason if it gives no film."""
    data = map_file(path)
    kind = format_of(data)
    if kind != "dicom":
        picture = read_picture(data, kind)
        grey = AS_IS if picture.bits == 8 else BY_RANGE
        return RawFilm(picture, grey, "", kind.upper(), View("unknown"), None, "unknown")
    with contained():
        file = read_dicom(memoryview(data))
        check_radiograph(file)
        stored = read_pixels(file)
        photometric = code(file.header, "PhotometricInterpretation")
        little = file.transfer_syntax != ExplicitVRBigEndian
        return RawFilm(
            stored=stored,
            grey=grey_levels(file.header, little) if photometric in GREY else AS_IS,
            photometric=photometric,
            transfer_syntax=file.transfer_syntax,
            view=view_of(file),
            spacing=spacing(file.header),
            burned_in=burned_in(file),
        )
