"""A box as a Pascal VOC file of its own, as the paper's radiologists saved theirs."""

import re
from xml.sax.saxutils import escape

from chestx.dataset.boxes.place import PlacedBox


def voc_name(box: PlacedBox, number: int) -> str:
    """Return the file of the `number`-th box of its class on its film."""
    label = re.sub(r"\W", "_", box.label)
    return f"{box.image.removesuffix('.png')}_{label}_{number}.xml"


def voc_xml(box: PlacedBox, size: tuple[int, int]) -> str:
    """Return the XML of a box on an image of `size` (width, height).

    Coordinates are VOC's, counted from 1 with the last pixel inside, to a thousandth of a pixel;
    `reader` has the numbers of those who drew the box.
    """
    width, height = size
    corners = {
        "xmin": box.x + 1,
        "ymin": box.y + 1,
        "xmax": box.x + box.width,
        "ymax": box.y + box.height,
    }
    edges = "\n".join(f"      <{name}>{_number(v)}</{name}>" for name, v in corners.items())
    return f"""<annotation>
  <filename>{escape(box.image)}</filename>
  <size>
    <width>{width}</width>
    <height>{height}</height>
    <depth>1</depth>
  </size>
  <object>
    <name>{escape(box.label)}</name>
    <reader>{escape(box.reader)}</reader>
    <bndbox>
{edges}
    </bndbox>
  </object>
</annotation>
"""


def _number(value: float) -> str:
    return repr(round(float(value), 3)).removesuffix(".0")
