"""Films drawn from anatomy: what is drawn is where its box is, and the rest stays as it was."""

import hashlib
import os
import subprocess
import sys
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from chestx.simulation.film.body import Body, make_body
from chestx.simulation.film.chest import pose
from chestx.simulation.film.draw import draw_film
from chestx.simulation.film.grid import Grid
from chestx.simulation.film.lateral import half_depth, lateral
from chestx.simulation.film.lesions import LESIONS
from chestx.simulation.film.visit import make_visit
from chestx.simulation.study import DrawnFilm, Finding, Side, View, Zone

SIZE = 320
PLACES: dict[str, tuple[Side, Zone]] = {
    "Atelectasis": ("right", "base"),
    "Cardiomegaly": ("", ""),
    "Effusion": ("left", "base"),
    "Infiltration": ("right", "lower"),
    "Mass": ("left", "upper"),
    "Nodule": ("right", "middle"),
    "Pneumonia": ("left", "lower"),
    "Pneumothorax": ("left", "apex"),
    "Consolidation": ("right", "lower"),
    "Edema": ("both", "whole"),
    "Emphysema": ("both", "whole"),
    "Fibrosis": ("both", "base"),
    "Pleural_Thickening": ("right", "lower"),
    "Hernia": ("", ""),
}
BODIES = [(1, "F", 34), (2, "M", 71), (5, "F", 88), (8, "M", 20)]
# These change the chest's shape, or both lungs as a whole; the others lie in their box.
SPREAD = {"Cardiomegaly", "Emphysema", "Edema", "Atelectasis", "Fibrosis"}


@lru_cache(maxsize=64)
def film(
    body: tuple[int, str, int], finding: Finding | None = None, view: View = "PA", seed: int = 7
) -> DrawnFilm:
    found = [finding] if finding else []
    return draw_film(build(body), found, view=view, rows=SIZE, columns=SIZE, seed=seed)


def build(body: tuple[int, str, int]) -> Body:
    seed, sex, age = body
    return make_body(seed=seed, sex="F" if sex == "F" else "M", age=age)


def inside(drawn: DrawnFilm) -> npt.NDArray[np.bool_]:
    mask = np.zeros(drawn.brightness.shape, bool)
    for _, x, y, width, height in drawn.boxes:
        mask[int(y) : int(np.ceil(y + height)), int(x) : int(np.ceil(x + width))] = True
    return mask


def test_every_class_has_its_lesion() -> None:
    assert set(LESIONS) == set(PLACES)


def test_same_seed_same_bytes_in_every_process() -> None:
    code = (
        "from chestx.simulation.film.body import make_body\n"
        "from chestx.simulation.film.draw import draw_film\n"
        "from chestx.simulation.study import Finding\n"
        "import cv2, hashlib\n"
        "cv2.setNumThreads(1)\n"
        "f = draw_film(make_body(seed=3, sex='F', age=50), [Finding('Mass', 'left', 'upper', .5)],"
        " view='AP', rows=300, columns=260, seed=9)\n"
        "print(hashlib.sha256(f.brightness.tobytes()).hexdigest(), f.boxes)"
    )
    environment = os.environ | {"OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    body = make_body(seed=3, sex="F", age=50)
    finding = Finding("Mass", "left", "upper", 0.5)
    first, again, next_visit = (
        draw_film(body, [finding], view="AP", rows=300, columns=260, seed=seed)
        for seed in (9, 9, 10)
    )
    digest = hashlib.sha256(first.brightness.tobytes()).hexdigest()
    assert done.stdout == f"{digest} {first.boxes}\n"
    assert first.brightness.tobytes() == again.brightness.tobytes()
    assert first.brightness.tobytes() != next_visit.brightness.tobytes()


@pytest.mark.parametrize("shape", [(256, 256), (300, 220), (220, 300), (1000, 900)])
def test_sizes_and_range(shape: tuple[int, int]) -> None:
    drawn = draw_film(
        build(BODIES[0]),
        [Finding("Effusion", "both", "base", 0.6)],
        view="PA",
        rows=shape[0],
        columns=shape[1],
        seed=3,
    )
    assert drawn.brightness.shape == shape
    assert drawn.brightness.dtype == np.float32
    assert 0 <= drawn.brightness.min() < 0.1
    assert 0.8 < drawn.brightness.max() <= 1
    assert len(drawn.boxes) == 2


def test_the_same_lesion_at_another_size_has_the_same_box() -> None:
    finding = Finding("Mass", "left", "middle", 0.6)
    small, large = (
        draw_film(build(BODIES[1]), [finding], view="PA", rows=size, columns=size, seed=3).boxes[0]
        for size in (256, 1024)
    )
    assert np.allclose(np.array(small[1:]) * 4, large[1:], atol=24)


@pytest.mark.parametrize("label", PLACES)
@pytest.mark.parametrize("body", BODIES[:3], ids=lambda body: str(body[0]))
def test_a_lesion_changes_the_film_in_its_box(label: str, body: tuple[int, str, int]) -> None:
    drawn = film(body, Finding(label, *PLACES[label], 0.7))
    assert {box.label for box in drawn.boxes} == {label}
    assert len(drawn.boxes) == (2 if PLACES[label][0] == "both" else 1)
    for _, x, y, width, height in drawn.boxes:
        assert 0 <= x < x + width <= SIZE
        assert 0 <= y < y + height <= SIZE
        assert min(width, height) >= 2
    difference = cv2.blur(np.abs(drawn.brightness - film(body).brightness), (5, 5))
    mask = inside(drawn)
    within, without = difference[mask].mean(), difference[~mask].mean()
    assert within > 0.012, "not to be seen"
    assert within > (1.5 if label in SPREAD else 4) * without


@pytest.mark.parametrize("label", sorted(set(PLACES) - {"Cardiomegaly", "Hernia"}))
def test_the_patients_left_is_on_the_right(label: str) -> None:
    for side, place in (("left", 1), ("right", -1)):
        finding = Finding(label, "left" if side == "left" else "right", PLACES[label][1], 0.6)
        for box in film(BODIES[1], finding).boxes:
            assert (box.x + box.width / 2 - SIZE / 2) * place > 0


def test_each_of_many_has_a_box() -> None:
    drawn = film(BODIES[1], Finding("Nodule", "both", "whole", 0.6, number=5))
    assert [box.label for box in drawn.boxes] == ["Nodule"] * 5
    assert len({box.x > SIZE / 2 for box in drawn.boxes}) == 2


def test_the_heart_grows_with_cardiomegaly() -> None:
    for body in BODIES:
        chest = pose(build(body), make_visit("PA", 7, body[0]))
        assert chest.heart_width / (2 * chest.half_width) < 0.5
        ratios = []
        for extent in (0.0, 0.5, 1.0):
            wide = LESIONS["Cardiomegaly"].reshape(chest, Finding("Cardiomegaly", "", "", extent))
            ratios.append(wide.heart_width / (2 * wide.half_width))
        assert 0.5 < ratios[0] < ratios[1] < ratios[2] < 0.75
        widths = [
            film(body, Finding("Cardiomegaly", "", "", extent)).boxes[0].width
            for extent in (0.0, 0.5, 1.0)
        ]
        assert widths[0] < widths[1] < widths[2]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: str(body[0]))
def test_air_is_darker_than_lung_and_lung_than_heart_and_belly(
    body: tuple[int, str, int],
) -> None:
    seen = film(body).brightness
    heart = film(body, Finding("Cardiomegaly", "", "", 0.0)).boxes[0]
    lungs = film(body, Finding("Emphysema", "both", "whole", 0.0)).boxes
    middle = int(heart.x + 0.45 * heart.width), int(heart.y + 0.6 * heart.height)
    at = [int(box.x + (0.4 if box.x < SIZE / 3 else 0.6) * box.width) for box in lungs]
    row = int(lungs[0].y + 0.5 * lungs[0].height)
    lung = max(float(seen[row - 9 : row + 9, x - 9 : x + 9].mean()) for x in at)
    mediastinum = float(seen[middle[1] - 6 : middle[1] + 6, middle[0] - 6 : middle[0] + 6].mean())
    low = min(SIZE - 10, int(lungs[0].y + lungs[0].height) + 12)
    belly = float(seen[low : low + 8, SIZE // 3 : SIZE // 2].mean())
    assert seen.min() < 0.06
    assert seen.min() < lung - 0.02
    assert lung < mediastinum - 0.25
    assert lung < belly - 0.25


def test_a_lateral_film_has_the_back_at_its_right() -> None:
    chest = pose(build(BODIES[1]), make_visit("LL", 7, BODIES[1][0]))
    grid = Grid(-25, -10, 4, 220, 200)
    bone = lateral(grid, chest).bone.sum(axis=0)
    assert np.average(grid.x[0], weights=bone) > 0.25 * half_depth(chest)


def test_a_lateral_film_is_another_view() -> None:
    front, side = film(BODIES[1]), film(BODIES[1], view="LL")
    assert np.abs(front.brightness - side.brightness).mean() > 0.1
    symmetry = [
        float(np.corrcoef(one.ravel(), one[:, ::-1].ravel())[0, 1])
        for one in (front.brightness, side.brightness)
    ]
    assert symmetry[0] > symmetry[1] + 0.1
    for label in set(PLACES) - {"Pneumothorax"}:
        assert film(BODIES[1], Finding(label, *PLACES[label], 0.7), view="LL").boxes


def test_extent_zero_is_hardly_to_be_seen_and_one_is_plain() -> None:
    for label in sorted(set(PLACES) - SPREAD):
        changes = []
        for extent in (0.0, 1.0):
            drawn = film(BODIES[1], Finding(label, *PLACES[label], extent))
            changes.append(float(np.abs(drawn.brightness - film(BODIES[1]).brightness).sum()))
        assert changes[1] > 2 * changes[0], label
