"""Paths through the chest become the grey of a film."""

import cv2
import numpy as np

from chestx.simulation.film.frame import Frame
from chestx.simulation.film.grid import Grid, Map, as_map, rise
from chestx.simulation.film.physics import (
    DETECTOR_BLUR,
    SCATTER,
    SCATTER_REACH,
)
from chestx.simulation.film.visit import Visit


def expose(line: Map, grid: Grid, frame: Frame, visit: Visit, lung: float) -> Map:
    """Return the detector's reading on the film: minus the logarithm of what arrives, noisy.

    `line` is the integral of the attenuation along the beam.
    """
    primary = np.exp(-line)
    inside = 1 - np.exp(-line)
    arrived = primary + SCATTER * grid.blur(primary * inside, SCATTER_REACH)
    reading = grid.blur(-np.log(arrived), DETECTOR_BLUR)
    film = cv2.warpAffine(
        reading,
        frame.warp(grid),
        (frame.columns, frame.rows),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    film = as_map(film)
    return film + _noise(film, frame, visit, lung)


def _noise(reading: Map, frame: Frame, visit: Visit, lung: float) -> Map:
    """Return what counting single photons does to the reading, slightly smeared as plates do."""
    rng = np.random.default_rng([*visit.seed, 53])
    grain = as_map(cv2.GaussianBlur(rng.standard_normal(reading.shape, np.float32), (0, 0), 0.6))
    per_pixel = visit.photons * frame.pixel**2
    counted = np.float32(per_pixel) * np.exp(np.float32(lung) - reading)
    # The blur leaves half of the grain's deviation; the detector's own noise is that of 20 photons.
    return as_map(2 * grain / np.sqrt(counted + 20))


def display(reading: Map, frame: Frame, visit: Visit, lung: float, middle: float) -> Map:
    """Return brightness 0..1 by a smooth curve between the readings of lung and mediastinum."""
    grid = Grid(0.0, 0.0, 1 / frame.pixel, frame.rows, frame.columns)
    broad = grid.blur(reading, 1.6)
    lifted = reading + np.float32(visit.detail) * (reading - broad)
    width = (middle - lung) / (2.3 * visit.contrast)
    centre = lung + 0.39 * (middle - lung) + visit.level * width
    return rise((lifted - np.float32(centre)) / np.float32(width))
