"""The boxes that radiologists have drawn, each an XML file (Wang et al. 2017, section 2.4)."""

from collections.abc import Iterable, Iterator, Mapping

from chestx.simulation.hospital.readout import Readout
from chestx.simulation.hospital.studies import BOXES, Film
from chestx.simulation.study import LesionBox

BOXED = (
    "Atelectasis", "Cardiomegaly", "Effusion", "Infiltration", "Mass", "Nodule", "Pneumonia",
    "Pneumothorax",
)  # fmt: skip
"""The classes that ChestX-ray14 has boxes of."""

_XML = """\
<annotation>
  <filename>{uid}</filename>
  <size><width>{columns}</width><height>{rows}</height><depth>1</depth></size>
  <object>
    <name>{label}</name>
    <bndbox><xmin>{left:.2f}</xmin><ymin>{top:.2f}</ymin><xmax>{right:.2f}</xmax>\
<ymax>{bottom:.2f}</ymax></bndbox>
  </object>
</annotation>
"""


def drawn_by_reader(film: Film, box: LesionBox, states: Mapping[str, int]) -> bool:
    """Tell whether a radiologist was given the film and the class, which the report states."""
    return film.view != "LL" and box.label in BOXED and states.get(box.label) == 1


def box_files(
    film: Film, readout: Readout, boxes: Iterable[LesionBox]
) -> Iterator[tuple[str, bytes]]:
    """Yield path in the workspace and bytes of each box's file.

    As in Pascal VOC, pixels count from 1 and those at the right and lower edge are inside.
    """
    rows, columns = readout.brightness.shape
    for number, box in enumerate(boxes, 1):
        text = _XML.format(
            uid=film.uid,
            columns=columns,
            rows=rows,
            label=box.label,
            left=box.x + 1,
            top=box.y + 1,
            right=box.x + box.width,
            bottom=box.y + box.height,
        )
        yield f"{BOXES}/{film.uid}_{number:02d}.xml", text.encode()
