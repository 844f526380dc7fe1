"""How far two boxes agree: intersection over union."""

Edges = tuple[float, float, float, float]
"""Left and upper edge, width, height."""


def iou(a: Edges, b: Edges) -> float:
    """Return the area that two boxes share over the area that they cover, 0 to 1."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)
