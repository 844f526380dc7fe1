"""Boxes and sizes in pixels."""

XYWH = tuple[float, float, float, float]
"""Left and upper edge, width and height of a box."""

ImageSize = int | tuple[int, int]
"""The side of a square image, or width and height."""


def width_height(image_size: ImageSize) -> tuple[int, int]:
    """Return the width and the height of an image."""
    return (image_size, image_size) if isinstance(image_size, int) else image_size
