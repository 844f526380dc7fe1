"""Boxes on the grid of patches, boxes from heatmaps, regions of patches."""

import csv
import gzip
import math
from collections import defaultdict
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chestx.model import heatmap_boxes, patch_mask
from chestx.model.equations.regions import region
from chestx.model.evaluation.overlap import cover

NIH = Path(__file__).parents[2] / "shared/data/nih/BBox_List_2017.csv.gz"
Edges = tuple[float, float, float, float]


def touched(box: Edges, image_size: int | tuple[int, int], patches: int) -> list[list[int]]:
    return patch_mask(box, image_size, patches).int().tolist()


def test_a_box_touches_patches_with_which_it_shares_more_than_an_edge() -> None:
    assert touched((25, 50, 25, 50), 100, 4) == [
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 1, 0, 0],
    ]
    assert touched((24.9, 50, 25.2, 1), 100, 4)[2] == [1, 1, 1, 0]
    assert touched((0, 0, 100, 100), 100, 2) == [[1, 1], [1, 1]]


def test_width_and_height_of_the_image_scale_columns_and_rows() -> None:
    assert touched((100, 0, 50, 10), (200, 50), 4) == [
        [0, 0, 1, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
    ]


def test_what_lies_outside_touches_nothing() -> None:
    assert touched((-30, -30, 40, 40), 100, 2) == [[1, 0], [0, 0]]
    assert touched((90, 90, 40, 40), 100, 2) == [[0, 0], [0, 1]]
    for box in ((-30, 0, 30, 10), (100, 0, 30, 10), (0, 100, 0, 0), (0, -9, 10, 5)):
        assert not patch_mask(box, 100, 2).any()


def test_a_point_or_a_line_lies_in_patches() -> None:
    assert touched((60, 10, 0, 0), 100, 2) == [[0, 1], [0, 0]]
    assert touched((50, 0, 0, 100), 100, 2) == [[0, 1], [0, 1]]


@pytest.mark.parametrize("bad", [(0, 0, -1, 5), (0, 0, 5, -1), (math.nan, 0, 1, 1)])
def test_a_box_that_is_none_is_refused(bad: Edges) -> None:
    with pytest.raises(ValueError, match="interval"):
        patch_mask(bad, 100, 4)
    with pytest.raises(ValueError, match="interval"):
        patch_mask((0, 0, math.inf, 1), 100, 4)


EIGHTHS = st.integers(-400, 1600).map(lambda value: value / 8)


@settings(deadline=None)
@given(
    st.tuples(EIGHTHS, EIGHTHS, EIGHTHS.map(abs), EIGHTHS.map(abs)),
    st.tuples(st.integers(1, 200), st.integers(1, 200)),
    st.integers(1, 20),
)
def test_a_patch_is_set_where_its_intersection_with_the_box_has_an_area(
    box: Edges, size: tuple[int, int], patches: int
) -> None:
    """Areas in whole numbers: pixels x 8 x patches."""
    x, y, w, h = (round(8 * value) * patches for value in box)
    w, h = max(w, patches), max(h, patches)
    width, height = 8 * size[0], 8 * size[1]
    expected = [
        [
            min(x + w, (i + 1) * width) > max(x, i * width)
            and min(y + h, (j + 1) * height) > max(y, j * height)
            for i in range(patches)
        ]
        for j in range(patches)
    ]
    scaled = (x / patches / 8, y / patches / 8, w / patches / 8, h / patches / 8)
    assert patch_mask(scaled, size, patches).tolist() == expected


def exactly_touched(box: Edges, frame: int, patches: int) -> npt.NDArray[np.bool_]:
    """The patches that a box touches, in fractions of the decimals that it is written with."""
    x, y, w, h = (Fraction(repr(edge)) * patches / frame for edge in box)
    mask = np.zeros((patches, patches), np.bool_)
    mask[math.floor(y) : math.ceil(y + h), math.floor(x) : math.ceil(x + w)] = True
    return mask


def as_the_model_has_it(box: Edges, frame: int, size: int) -> Edges:
    x, y, w, h = (edge / frame * size for edge in box)
    return x, y, w, h


@pytest.mark.parametrize(("frame", "size"), [(300, 448), (1000, 512), (2500, 224), (600, 600)])
@pytest.mark.parametrize("patches", [12, 16, 20])
def test_rounding_moves_no_box_over_a_line_of_the_grid(frame: int, size: int, patches: int) -> None:
    """Boxes in whole pixels, a third of whose edges are on lines between patches."""
    rng = np.random.default_rng(patches)
    lines = [edge for edge in range(frame + 1) if edge * patches % frame == 0]
    for _ in range(300):
        edges = np.where(rng.random(4) < 1 / 3, rng.choice(lines, 4), rng.integers(0, frame, 4))
        (left, right), (top, bottom) = np.sort(edges.reshape(2, 2)).astype(float).tolist()
        box = (left, top, max(right - left, 1.0), max(bottom - top, 1.0))
        wanted = exactly_touched(box, frame, patches)
        scaled = as_the_model_has_it(box, frame, size)
        assert (patch_mask(scaled, size, patches).numpy() == wanted).all()
        assert ((cover([scaled], size, patches).cells > 0) == wanted).all()


@pytest.mark.skipif(not NIH.exists(), reason="NIH's box list is not on this machine")
def test_the_masks_of_the_real_boxes_are_exact() -> None:
    with gzip.open(NIH, "rt", newline="") as file:
        boxes = [tuple(map(float, row[2:6])) for row in list(csv.reader(file))[1:]]
    for (x, y, w, h), patches in product(boxes, (12, 16, 20)):
        wanted = exactly_touched((x, y, w, h), 1024, patches)
        scaled = as_the_model_has_it((x, y, w, h), 1024, 512)
        assert (patch_mask(scaled, 512, patches).numpy() == wanted).all()
        assert ((cover([scaled], 512, patches).cells > 0) == wanted).all()


@pytest.mark.skipif(not NIH.exists(), reason="NIH's box list is not on this machine")
def test_a_perfect_mask_reaches_the_known_ceilings_on_the_real_boxes() -> None:
    """Shares of truth boxes that all the patches they touch meet at an IoU above .5."""
    boxes = defaultdict(list)
    with gzip.open(NIH, "rt", newline="") as file:
        for row in list(csv.reader(file))[1:]:
            boxes[row[1]].append(tuple(float(value) for value in row[2:6]))
    assert sum(len(found) for found in boxes.values()) == 984
    ceilings = {"Nodule": (4, 6, 16), "Atelectasis": (25, 44, 62)}
    for label, percents in ceilings.items():
        for patches, percent in zip((12, 16, 20), percents, strict=True):
            hits = [
                w * h / (int(patch_mask((x, y, w, h), 1024, patches).sum()) * (1024 / patches) ** 2)
                > 0.5
                for x, y, w, h in boxes[label]
            ]
            assert round(100 * sum(hits) / len(hits)) == percent


def picture(text: str) -> npt.NDArray[np.float32]:
    """Return a map of digits, one line of text a row."""
    rows = text.split()
    return np.array([[float(digit) for digit in row] for row in rows], dtype=np.float32)


def test_boxes_of_both_thresholds_are_pooled_and_equal_ones_count_once() -> None:
    heatmap = picture("90000 09000 00050 00000 00006")
    # Above 60 the two of 9 meet at a corner; above 180 they alone are left, with the same box.
    assert heatmap_boxes(heatmap, 100) == [(0, 0, 40, 40), (60, 40, 20, 20), (80, 80, 20, 20)]


def test_a_region_at_each_threshold_has_its_own_box() -> None:
    heatmap = picture("0000 0490 0440 0000")
    assert heatmap_boxes(heatmap, (400, 200)) == [(100, 50, 200, 100), (200, 50, 100, 50)]
    assert heatmap_boxes(heatmap, 4, thresholds=(200,)) == [(2, 1, 1, 1)]
    assert heatmap_boxes(heatmap, 4, thresholds=()) == []


def test_thresholds_are_strict_and_on_the_scale_of_0_to_255() -> None:
    heatmap = np.array([[0, 60], [180, 255]], dtype=np.float32)
    assert heatmap_boxes(heatmap, 2) == [(0, 1, 2, 1), (1, 1, 1, 1)]
    above = np.nextafter(heatmap, np.float32(300), dtype=np.float32)
    above[0, 0], above[1, 1] = 0, 255
    assert heatmap_boxes(above, 2) == [(0, 0, 2, 2), (0, 1, 2, 1)]


def test_order_is_that_of_thresholds_then_of_rows_then_of_columns() -> None:
    heatmap = picture("00900 00000 90909 00000 00300")
    assert heatmap_boxes(heatmap, 5) == [
        (2, 0, 1, 1),
        (0, 2, 1, 1),
        (2, 2, 1, 1),
        (4, 2, 1, 1),
        (2, 4, 1, 1),
    ]


@pytest.mark.parametrize("value", [0.0, -3.5, 1e30, math.nan, math.inf])
def test_a_constant_map_has_no_boxes(value: float) -> None:
    assert heatmap_boxes(np.full((8, 8), value, dtype=np.float32), 1024) == []


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_map_that_is_not_finite_has_no_boxes(value: float) -> None:
    heatmap = np.arange(64.0).reshape(8, 8)
    heatmap[3, 3] = value
    assert heatmap_boxes(heatmap, 1024) == []


CELLS = st.lists(st.integers(0, 255), min_size=36, max_size=36).map(
    lambda values: np.array(values, dtype=np.float32).reshape(6, 6)
)


def grown(mask: npt.NDArray[np.bool_], y: int, x: int) -> Edges:
    """Return the box of the region at a cell, grown from neighbour to neighbour."""
    region, edge = {(y, x)}, [(y, x)]
    while edge:
        b, a = edge.pop()
        for cell in ((b + i, a + j) for i in (-1, 0, 1) for j in (-1, 0, 1)):
            if min(cell) >= 0 and max(cell) < len(mask) and mask[cell] and cell not in region:
                region.add(cell)
                edge.append(cell)
    rows, columns = zip(*region, strict=True)
    left, top = min(columns), min(rows)
    return left * 10, top * 10, (max(columns) + 1 - left) * 10, (max(rows) + 1 - top) * 10


@settings(deadline=None)
@given(CELLS, st.floats(0.01, 100), st.floats(-100, 100))
def test_boxes_enclose_the_regions_whatever_the_map_s_range(
    heatmap: npt.NDArray[np.float32], gain: float, offset: float
) -> None:
    heatmap[0, 0], heatmap[5, 5] = 0, 255
    # Away from the thresholds, where rounding could decide.
    heatmap[np.isin(heatmap, (60, 180))] += 1
    expected = {
        grown(heatmap > level, y, x)
        for level in (60, 180)
        for y, x in np.argwhere(heatmap > level).tolist()
    }
    found = heatmap_boxes(heatmap.astype(np.float64) * gain + offset, 60)
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_a_region_is_of_patches_from_one_half_on() -> None:
    probabilities = np.array([[0.5, np.nextafter(0.5, 0)], [math.nan, 1]])
    assert region(probabilities).tolist() == [[True, False], [False, True]]
    assert region(probabilities, 0.6).tolist() == [[False, False], [False, True]]
