"""Training on a part of the images, with and without boxes, as in the experiments of Li et al."""

from collections.abc import Container, Sequence
from hashlib import blake2b


def sample_images(
    images: Sequence[str],
    boxed: Container[str],
    *,
    boxes_fraction: float = 1.0,
    unboxed_fraction: float = 1.0,
    seed: int,
) -> list[str]:
    """Return a part of the `images` that are `boxed`, and a part of the others, in their order.

    Fractions are of 0..1. Each image draws a lot from `seed` and its name alone, so that a smaller
    part lies within a larger one, and the parts of the two kinds do not depend on each other.
    """
    with_boxes = [image for image in images if image in boxed]
    without = [image for image in images if image not in boxed]
    kept = {
        *_first(with_boxes, boxes_fraction, seed),
        *_first(without, unboxed_fraction, seed),
    }
    return [image for image in images if image in kept]


def _first(images: Sequence[str], fraction: float, seed: int) -> list[str]:
    if not 0 <= fraction <= 1:
        raise ValueError(f"a fraction is between 0 and 1, not {fraction}")
    return sorted(images, key=lambda image: _lot(seed, image))[: round(fraction * len(images))]


def _lot(seed: int, image: str) -> bytes:
    return blake2b(f"{seed}:{image}".encode()).digest()
