"""A film, drawn from a body, what is found in it, and a visit."""

from collections.abc import Sequence

import numpy as np

from chestx.simulation.film.body import Body
from chestx.simulation.film.boxes import box_of
from chestx.simulation.film.chest import Chest, pose
from chestx.simulation.film.distractors import distractors
from chestx.simulation.film.edges import finish
from chestx.simulation.film.exposure import display, expose
from chestx.simulation.film.frame import Frame
from chestx.simulation.film.frontal import Anatomy, frontal
from chestx.simulation.film.grid import Map
from chestx.simulation.film.lateral import half_depth, lateral
from chestx.simulation.film.lateral_lesions import lateral_changes
from chestx.simulation.film.lesions import LESIONS
from chestx.simulation.film.lesions.lesion import Change
from chestx.simulation.film.physics import BONE, SCATTER, WATER
from chestx.simulation.film.visit import make_visit
from chestx.simulation.study import DrawnFilm, Finding, View


def draw_film(
    body: Body, findings: Sequence[Finding], *, view: View, rows: int, columns: int, seed: int
) -> DrawnFilm:
    """Return a film of `rows` x `columns` pixels; `seed` stands for the visit.

    A finding lies where the body has it, so that it is in the same place at the next visit.
    """
    visit = make_visit(view, seed, body.seed)
    healthy = chest = pose(body, visit)
    for finding in findings:
        chest = LESIONS[finding.label].reshape(chest, finding)
    frame = _frame(healthy, rows, columns)
    grid = frame.grid()
    anatomy = (lateral if view == "LL" else frontal)(grid, chest)
    changes = [
        (finding.label, change)
        for number, finding in enumerate(findings)
        for change in _changes(anatomy, finding, _earlier(findings, number))
    ]
    lung, middle = _levels(healthy)
    line = _attenuation(anatomy, [change for _, change in changes])
    if view != "LL":
        line += distractors(grid, chest)
    reading = expose(line, grid, frame, visit, lung)
    brightness = finish(display(reading, frame, visit, lung, middle), frame, visit)
    boxes = (box_of(label, change, frame) for label, change in changes)
    return DrawnFilm(brightness, tuple(box for box in boxes if box))


def _earlier(findings: Sequence[Finding], number: int) -> int:
    """Return how many findings of the same class were drawn before."""
    return sum(finding.label == findings[number].label for finding in findings[:number])


def _changes(anatomy: Anatomy, finding: Finding, earlier: int) -> list[Change]:
    kind = list(LESIONS).index(finding.label)
    rng = np.random.default_rng([anatomy.chest.body.seed, 61, kind, earlier])
    if anatomy.chest.visit.view == "LL":
        return lateral_changes(anatomy, finding, rng)
    return LESIONS[finding.label].draw(anatomy, finding, rng)


def _frame(chest: Chest, rows: int, columns: int) -> Frame:
    """Return where the film lies: it takes the whole chest, and some more at one of its axes."""
    visit, body = chest.visit, chest.body
    wide = half_depth(chest) if visit.view == "LL" else chest.half_width
    width, height = 2 * (wide + 1.0 + 0.7 * body.fat), body.height + 8.0
    pixel = visit.field * max(width / columns, height / rows)
    spare = rows * pixel - visit.field * height
    top = -3.6 * visit.field - 0.35 * spare + visit.offset[1]
    centre = (visit.offset[0], top + rows * pixel / 2)
    return Frame(centre, np.deg2rad(visit.tilt), pixel, rows, columns)


def _attenuation(anatomy: Anatomy, changes: Sequence[Change]) -> Map:
    """Return the line integral of the attenuation."""
    vessels = anatomy.vessels.copy()
    added = np.zeros_like(vessels)
    for change in changes:
        part = anatomy.grid.part(change.grid)
        added[part] += change.water
        if change.fading is not None:
            vessels[part] *= 1 - change.fading
    air = anatomy.lung * np.float32(1 - anatomy.chest.lung_density) + anatomy.gas
    water = (anatomy.body - air + vessels + added).clip(0, None)
    line = np.float32(WATER) * water + np.float32(BONE) * anatomy.bone
    return line * np.float32(anatomy.chest.body.growth)


def _levels(chest: Chest) -> tuple[float, float]:
    """Return readings of lung and mediastinum that the display is set by."""
    body = chest.body
    if chest.visit.view == "LL":
        through = 2 * (chest.half_width + 1.4 + 0.6 * body.fat)
        wall, deep = through - 1.62 * chest.half_width, 1.62 * chest.half_width
    else:
        wall, deep = 2.2 * (2.2 + body.fat), body.depth
    lung = np.exp(-body.growth * WATER * (wall + 0.30 * deep))
    middle = np.exp(-body.growth * (WATER * (wall + 0.85 * deep) + 0.6 * BONE))
    scattered = SCATTER * 0.35 * lung
    return -float(np.log(lung + scattered)), -float(np.log(middle + scattered))
