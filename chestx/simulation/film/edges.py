"""What the technician leaves on a film: the side marker, and the edges of the collimated field."""

import cv2
import numpy as np

from chestx.simulation.film.frame import Frame
from chestx.simulation.film.grid import Map, as_map
from chestx.simulation.film.visit import Visit

_MARKED, _COLLIMATED = 0.8, 0.35
# cm: strokes and height of the letter.
_STROKE, _LETTER = 0.35, 1.7


def finish(brightness: Map, frame: Frame, visit: Visit) -> Map:
    """Return the film with its marker and its borders."""
    rng = np.random.default_rng([*visit.seed, 73])
    if rng.random() < _MARKED:
        brightness = _marked(brightness, frame, rng)
    if rng.random() < _COLLIMATED:
        brightness = _collimated(brightness, frame, rng)
    return brightness


def _marked(brightness: Map, frame: Frame, rng: np.random.Generator) -> Map:
    """Lay the lead letter L beside the patient's left shoulder."""
    cm = 1 / frame.pixel
    corner = np.array(
        [frame.columns - rng.uniform(2.5, 4.5) * cm, rng.uniform(1.2, 4.0) * cm], np.float64
    )
    tall = _LETTER * rng.uniform(0.6, 1.15)
    letter = np.array([(0.0, 0.0), (0.0, tall), (0.62 * tall, tall)])
    turn = rng.normal(0, 0.15)
    cos, sin = np.cos(turn), np.sin(turn)
    x, y = letter[:, 0], letter[:, 1]
    turned = np.stack([cos * x - sin * y, sin * x + cos * y], 1) * cm + corner
    canvas = np.zeros(brightness.shape, np.uint8)
    width = max(1, round(_STROKE * cm))
    points = np.rint(turned * 16).astype(np.int32)
    cv2.polylines(canvas, [points], False, 255, width, cv2.LINE_AA, 4)
    lead = canvas.astype(np.float32) * np.float32(rng.uniform(0.82, 1.0) / 255)
    return as_map(np.maximum(brightness, lead))


def _collimated(brightness: Map, frame: Frame, rng: np.random.Generator) -> Map:
    """Darken, or leave white, what lies outside of the beam, on one to three sides."""
    shade = np.float32(0.0 if rng.random() < 0.75 else 0.97)
    film = brightness.copy()
    for side in rng.permutation(4)[: rng.integers(1, 4)]:
        across = frame.columns if side % 2 else frame.rows
        depth = rng.uniform(0.005, 0.035) * across
        slant = rng.normal(0, 0.004)
        along = np.arange(frame.rows if side % 2 else frame.columns) * slant
        place = np.arange(across)[None, :] if side % 2 else np.arange(across)[:, None]
        edge = along[:, None] if side % 2 else along[None, :]
        inside = place if side < 2 else across - 1 - place
        open_ = ((inside - depth - edge) * 0.8 + 0.5).clip(0, 1).astype(np.float32)
        film = shade + (film - shade) * open_
    return film
