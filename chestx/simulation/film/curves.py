"""Smooth curves through a few points, and ribbons along them; in cm."""

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.float64]


def smooth(points: npt.ArrayLike, *, closed: bool = False, steps: int = 8) -> Points:
    """Return a Catmull-Rom curve through the points, `steps` pieces between two of them."""
    given = np.asarray(points, np.float64)
    around = (
        np.concatenate([given[-1:], given, given[:2]])
        if closed
        else np.concatenate([given[:1], given, given[-1:]])
    )
    a, b, c, d = around[:-3, None], around[1:-2, None], around[2:-1, None], around[3:, None]
    t = (np.arange(steps) / steps)[None, :, None]
    curve = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    curve = curve.reshape(-1, 2)
    return curve if closed else np.concatenate([curve, given[-1:]])


def moved(points: npt.ArrayLike, x: float, y: float = 0.0) -> Points:
    """Return the points shifted."""
    shifted: Points = np.asarray(points, np.float64) + np.array((x, y))
    return shifted


def ribbon(curve: Points, half_width: npt.ArrayLike) -> Points:
    """Return the outline of a band along the curve; its half width may vary along it."""
    along = np.gradient(curve, axis=0)
    length = np.hypot(along[:, 0], along[:, 1]).clip(1e-6)
    across = np.stack([-along[:, 1], along[:, 0]], 1) / length[:, None]
    offset = across * np.broadcast_to(np.asarray(half_width, np.float64), length.shape)[:, None]
    return np.concatenate([curve + offset, (curve - offset)[::-1]])


def ellipse(centre: tuple[float, float], width: float, height: float, tilt: float = 0.0) -> Points:
    """Return an ellipse of these half axes, turned by `tilt` in radians."""
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    x, y = width * np.cos(angle), height * np.sin(angle)
    turned = (x * np.cos(tilt) - y * np.sin(tilt), x * np.sin(tilt) + y * np.cos(tilt))
    return moved(np.stack(turned, 1), *centre)


def lobed(
    rng: np.random.Generator, centre: tuple[float, float], radius: float, roughness: float
) -> Points:
    """Return a round outline whose radius wanders by about `roughness` of itself."""
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    waves = np.zeros_like(angle)
    for order in range(2, 8):
        waves += rng.normal(0, 1 / order) * np.cos(order * angle + rng.uniform(0, 2 * np.pi))
    reach = radius * (1 + roughness * waves).clip(0.3)
    return moved(np.stack([reach * np.cos(angle), reach * np.sin(angle)], 1), *centre)
