"""Evaluation counts as the papers do: known answers by hand, on NIH's own boxes, and properties."""

import io
import json
import math
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.metrics import roc_auc_score

from chestx.dataset.entry import Entry
from chestx.dataset.nih.columns import BOX_HEADER, CLASSES
from chestx.dataset.nih.entries import data_entry_text
from chestx.dataset.nih.folder import NihDataset, open_dataset
from chestx.dataset.nih.tables import read_boxes
from chestx.errors import ChestxError
from chestx.model.equations.patch_mask import patch_mask
from chestx.model.equations.pixels import XYWH
from chestx.model.evaluation.bootstrap import draws, interval, resampled_auc
from chestx.model.evaluation.canvas import FOUND, HIT, LINE, MISS, TRUTH, WHITE
from chestx.model.evaluation.figures import draw_roc
from chestx.model.evaluation.grid_ceiling import PATCHES, grid_ceiling
from chestx.model.evaluation.judged_picture import HIT_AT, judged_picture, marked
from chestx.model.evaluation.localization import (
    IOBB_THRESHOLDS,
    IOU_THRESHOLDS,
    localize_boxes,
    localize_regions,
    mean_accuracy,
)
from chestx.model.evaluation.measure import measure
from chestx.model.evaluation.metrics import Metrics, metrics_json
from chestx.model.evaluation.overlap import box_overlap, cover, region_overlap
from chestx.model.evaluation.overlays import Marked, Seen, draw_judged, draw_seen, nice_length
from chestx.model.evaluation.predictions import Predictions
from chestx.model.evaluation.published import published_aucs, published_localizations
from chestx.model.evaluation.roc import THRESHOLDS, auc_by_class, auc_by_thresholds
from chestx.model.evaluation.tables import metrics_markdown
from chestx.model.evaluation.truth import annotated_images, truth_boxes, truth_labels
from chestx.model.methods.registry import make_method

NIH = Path(__file__).parents[2] / "shared" / "data" / "nih"
needs_nih = pytest.mark.skipif(not NIH.is_dir(), reason="needs NIH's tables in ../shared/data")

scored = st.lists(
    st.tuples(st.integers(0, 6), st.booleans(), st.integers(0, 5)), min_size=2, max_size=40
).filter(lambda films: len({positive for _, positive, _ in films}) == 2)


def arrays(films: list[tuple[int, bool, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    scores, positives, patients = zip(*films, strict=True)
    return np.array(scores) / 6, np.array(positives), np.array(patients)


def pair_count(score: np.ndarray, positive: np.ndarray, weight: np.ndarray) -> float:
    """The AUC by its definition: pairs that are in order, ties as half."""
    wins = pairs = 0.0
    for p, n in product(np.flatnonzero(positive), np.flatnonzero(~positive)):
        both = weight[p] * weight[n]
        pairs += both
        wins += both * ((score[p] > score[n]) + (score[p] == score[n]) / 2)
    return wins / pairs if pairs else math.nan


# AUC


@given(scored)
def test_auc_is_the_share_of_pairs_in_order_in_the_sample_and_in_every_resample(
    films: list[tuple[int, bool, int]],
) -> None:
    score, positive, patients = arrays(films)
    drawn, patient = draws(patients, resamples=5, seed=1)
    assert (drawn.sum(axis=0) == len(set(patients.tolist()))).all()
    found = resampled_auc(score, positive, patient, drawn)
    for resample in range(5):
        weight = drawn[patient, resample].astype(float)
        expected = pair_count(score, positive, weight)
        assert found[resample] == pytest.approx(expected, abs=1e-12, nan_ok=True)
    once = np.ones((len(drawn), 1), np.uint16)
    (whole,) = resampled_auc(score, positive, patient, once)
    assert whole == pytest.approx(roc_auc_score(positive, score), abs=1e-12)
    by_class, mean = auc_by_class(
        score[:, np.newaxis] - 9, score[:, np.newaxis], positive[:, np.newaxis], patients, ["a"]
    )
    assert by_class["a"].value == mean.value == pytest.approx(whole)


@given(scored, st.randoms(use_true_random=False))
def test_the_order_of_films_does_not_matter(films: list, random: object) -> None:
    shuffled = list(films)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    results = []
    for some in (films, shuffled):
        score, positive, patients = arrays(some)
        columns = np.stack([score, -score], axis=1)
        targets = np.stack([positive, positive], axis=1).astype(np.uint8)
        results.append(auc_by_class(columns, columns, targets, patients, "ab", resamples=20))
    assert results[0] == results[1]


def test_intervals_cover_the_truth_though_films_of_a_patient_are_alike() -> None:
    """Binormal scores have AUC = Phi(d / sqrt 2); each patient has four equal films."""
    generator = np.random.default_rng(5)
    distance, trials = 1.0, 150
    truth = (1 + math.erf(distance / 2)) / 2
    covered = {"patients": 0, "films": 0}
    for _ in range(trials):
        positive = np.arange(80) < 30
        score = np.repeat(generator.normal(size=80) + distance * positive, 4)
        positive = np.repeat(positive, 4)
        for unit, ids in (("patients", np.repeat(np.arange(80), 4)), ("films", np.arange(320))):
            drawn, patient = draws(ids, resamples=200, seed=0)
            low, high = interval(resampled_auc(score, positive, patient, drawn))
            assert low is not None
            assert high is not None
            covered[unit] += low <= truth <= high
    assert covered["patients"] / trials > 0.89
    assert covered["films"] / trials < 0.8


def test_the_interval_of_the_mean_is_that_of_the_means_of_the_resamples() -> None:
    generator = np.random.default_rng(2)
    targets = (generator.random((200, 3)) < 0.4).astype(np.uint8)
    scores = generator.random((200, 3)) + 0.4 * targets
    patients = generator.integers(60, size=200)
    _, mean = auc_by_class(scores, scores, targets, patients, "abc", resamples=50, seed=9)
    drawn, patient = draws(patients, resamples=50, seed=9)
    weights = drawn[patient]
    expected = [
        np.mean([roc_auc_score(targets[:, c], scores[:, c], sample_weight=w) for c in range(3)])
        for w in weights.T
    ]
    assert (mean.low, mean.high) == pytest.approx(interval(np.array(expected)))


def test_exact_aucs_are_of_ranks_and_coarse_ones_of_scores() -> None:
    """Scores that are rounded to 1 tell no films apart; the log-odds behind them do."""
    ranks = np.linspace(20, 40, 100, dtype=np.float32)[:, np.newaxis]
    scores, targets = np.ones_like(ranks), ranks > 30
    found, mean = auc_by_class(ranks, scores, targets, np.arange(100), ["a"], resamples=20)
    assert (found["a"].value, found["a"].low, found["a"].value_200) == (1, 1, 0.5)
    assert (mean.value, mean.value_200) == (1, 0.5)


def test_absent_classes_are_shown_and_left_out_of_the_mean() -> None:
    scores = np.array([[0.2, 0.1, 0.3], [0.9, 0.8, 0.7], [0.4, 0.5, 0.6]])
    targets = np.array([[0, 0, 1], [1, 0, 1], [0, 0, 1]])
    found, mean = auc_by_class(scores, scores, targets, np.arange(3), ["there", "none", "all"])
    assert (found["none"].value, found["none"].low, found["none"].value_200) == (None, None, None)
    assert (found["none"].n_pos, found["none"].n_neg) == (0, 3)
    assert (found["all"].value, found["all"].n_pos, found["all"].n_neg) == (None, 3, 0)
    assert mean.value == found["there"].value == 1.0
    _, nothing = auc_by_class(scores[:, 1:], scores[:, 1:], targets[:, 1:], np.arange(3), "ab")
    assert (nothing.value, nothing.low, nothing.high, nothing.value_200) == (None,) * 4


def test_two_hundred_thresholds_are_close_to_exact_and_as_computed_by_hand() -> None:
    generator = np.random.default_rng(0)
    positive = generator.random(3000) < 0.2
    score = 1 / (1 + np.exp(-(generator.normal(size=3000) + positive)))
    coarse = auc_by_thresholds(score, positive)
    assert coarse == pytest.approx(roc_auc_score(positive, score), abs=2e-3)
    points = {(0.0, 0.0)} | {
        (float((score[~positive] >= t).mean()), float((score[positive] >= t).mean()))
        for t in np.linspace(0, 1, THRESHOLDS)
    }
    x, y = zip(*sorted(points), strict=True)
    assert coarse == pytest.approx(np.trapezoid(y, x), abs=1e-12)
    # What lies between two thresholds ties: 0.5010 and 0.5012 are one point of the curve.
    tied = np.array([0.5012, 0.5010])
    assert auc_by_thresholds(tied, np.array([True, False])) == 0.5
    # A score of 1 reaches the last threshold, one of 0 the first.
    ends = np.array([1.0, 0.0])
    assert auc_by_thresholds(ends, np.array([True, False])) == 1.0
    assert auc_by_thresholds(ends, np.array([False, True])) == 0.0


# Overlaps

whole = st.integers(0, 24)
rectangles = st.tuples(whole, whole, st.integers(1, 14), st.integers(1, 14))


def raster(boxes: list[XYWH]) -> np.ndarray:
    """A plane of 40 x 40 pixels, of which the image is the first 24 x 24."""
    plane = np.zeros((40, 40), bool)
    for x, y, width, height in boxes:
        plane[int(y) : int(y + height), int(x) : int(x + width)] = True
    return plane


@given(rectangles, rectangles)
def test_boxes_overlap_as_their_pixels_do(one: XYWH, other: XYWH) -> None:
    a, b = raster([one]), raster([other])
    found = box_overlap([one], [other])
    assert found.iou.item() == (a & b).sum() / (a | b).sum()
    assert found.of_found.item() == (a & b).sum() / a.sum()


@given(
    st.lists(rectangles, min_size=1, max_size=4),
    st.sampled_from([2, 3, 4, 6, 8]),
    st.integers(0, 2**32),
)
def test_regions_overlap_united_boxes_as_their_pixels_do(
    boxes: list[XYWH], patches: int, seed: int
) -> None:
    region = np.random.default_rng(seed).random((patches, patches)) < 0.5
    truth, cell = raster(boxes), 24 // patches
    pixels = np.zeros((40, 40), bool)
    pixels[:24, :24] = np.kron(region, np.ones((cell, cell))).astype(bool)
    covered = cover(boxes, 24, patches)
    assert covered.total == truth.sum()
    by_cell = truth[:24, :24].reshape(patches, cell, patches, cell).sum(axis=(1, 3))
    assert (covered.cells == by_cell).all()
    found = region_overlap(region, covered, 24)
    assert float(found.iou) == pytest.approx((pixels & truth).sum() / (pixels | truth).sum())
    share = (pixels & truth).sum() / pixels.sum() if pixels.any() else 0.0
    assert float(found.of_found) == pytest.approx(share)


def test_parts_of_pixels_count() -> None:
    assert box_overlap([(0.25, 0, 0.5, 1)], [(0, 0, 0.5, 1)]).iou.item() == pytest.approx(1 / 3)
    cells = cover([(0.5, 0.5, 1, 1)], 3, 2).cells
    assert cells == pytest.approx(np.array([[1, 0], [0, 0]]))
    assert cover([(1, 1, 1, 1)], 3, 2).cells == pytest.approx(np.full((2, 2), 0.25))
    # A box that ends on the edge of a cell does not touch the next one.
    assert (cover([(0, 0, 1, 1)], 2, 2).cells > 0).tolist() == [[True, False], [False, False]]
    wide = cover([(0, 0, 4, 1)], (8, 2), 2)
    assert (wide.total, wide.cells.tolist()) == (4, [[4, 0], [0, 0]])
    assert region_overlap(np.array([[True, True], [False, False]]), wide, (8, 2)).iou == 0.5
    assert box_overlap([(3, 3, 0, 0)], [(0, 0, 9, 9)]).of_found.item() == 0
    assert box_overlap([], [(0, 0, 9, 9)]).iou.shape == (0, 1)


# Localization

SIDES = (5, 10, 15, 20, 25, 30, 40, 45, 50, 60, 70, 75, 80, 90, 95)


def test_accuracy_at_every_threshold_by_hand() -> None:
    """Overlaps are 5% to 95% in turn: those above T hit, one that equals T does not."""
    truth = {(str(side), "Mass"): [(10.0, 20.0, 100.0, 100.0)] for side in SIDES}
    tall = {(str(side), "Mass"): [(10.0, 20.0, 100.0, float(side))] for side in SIDES}
    by_iou = localize_boxes(tall, truth, CLASSES).iou
    hits = {0.1: 13, 0.2: 11, 0.3: 9, 0.4: 8, 0.5: 6, 0.6: 5, 0.7: 4}
    assert tuple(by_iou) == IOU_THRESHOLDS == tuple(hits)
    for threshold, number in hits.items():
        score = by_iou[threshold]["Mass"]
        assert (score.accuracy, score.afp, score.n) == (number / 15, (15 - number) / 15, 15)
    # Found and truth change places: now the share of the found box is what varies.
    by_iobb = localize_boxes(truth, tall, CLASSES).iobb
    hits = {0.1: 13, 0.25: 10, 0.5: 6, 0.75: 3, 0.9: 1}
    assert tuple(by_iobb) == IOBB_THRESHOLDS == tuple(hits)
    for threshold, number in hits.items():
        score = by_iobb[threshold]["Mass"]
        assert (score.accuracy, score.afp, score.n) == (number / 15, (15 - number) / 15, 15)


def test_boxes_count_one_by_one_and_false_positives_on_all_annotated_images() -> None:
    a, b, far = (0.0, 0.0, 10.0, 10.0), (20.0, 0.0, 10.0, 10.0), (50.0, 50.0, 10.0, 10.0)
    truth = {("1", "Mass"): [a, b], ("2", "Nodule"): [a], ("3", "Mass"): [b]}
    found = {
        ("1", "Mass"): [a, a, far],  # one box of the truth is hit twice, the other is not
        ("2", "Mass"): [far],  # annotated with another class
        ("2", "Nodule"): [a, far],
        ("4", "Mass"): [far],  # not annotated
        ("1", "Hernia"): [a],  # has no truth
    }
    scores = localize_boxes(found, truth, CLASSES).iou[0.5]
    assert list(scores) == ["Mass", "Nodule"]
    assert (scores["Mass"].accuracy, scores["Mass"].n) == (1 / 3, 3)
    assert scores["Mass"].afp == 2 / 4
    assert (scores["Nodule"].accuracy, scores["Nodule"].afp, scores["Nodule"].n) == (1, 1 / 4, 1)
    assert mean_accuracy(scores) == pytest.approx(2 / 3)
    assert mean_accuracy({}) is None


def test_regions_are_judged_by_image_against_united_boxes_without_afp() -> None:
    left, right = (0.0, 0.0, 8.0, 8.0), (8.0, 0.0, 8.0, 8.0)
    truth = {("1", "Mass"): [left, right], ("2", "Mass"): [left], ("3", "Mass"): [left]}
    top = np.array([[True, True], [False, False]])
    found = localize_regions(
        {("1", "Mass"): top, ("2", "Mass"): top, ("4", "Mass"): top}, truth, CLASSES, 16
    )
    for threshold in IOU_THRESHOLDS:  # overlaps 1, exactly 0.5, and none
        score = found.iou[threshold]["Mass"]
        assert (score.n, score.afp) == (3, None)
        assert score.accuracy == (2 / 3 if threshold < 0.5 else 1 / 3)
    assert found.iobb[0.9]["Mass"].accuracy == 1 / 3
    empty = localize_regions({("2", "Mass"): top & False}, truth, CLASSES, 16)
    assert empty.iou[0.1]["Mass"].accuracy == empty.iobb[0.1]["Mass"].accuracy == 0


def nih_truth() -> dict[tuple[str, str], list[XYWH]]:
    boxes = read_boxes(NIH / "BBox_List_2017.csv.gz")
    dataset = NihDataset(NIH, open_dataset(NIH).entries, boxes, {})
    return truth_boxes(dataset, boxes["image"])


@needs_nih
def test_on_nihs_boxes_afp_is_over_984_boxes_of_880_images() -> None:
    truth = nih_truth()
    images = annotated_images(truth)
    assert (len(images), sum(map(len, truth.values()))) == (880, 984)
    perfect = localize_boxes(truth, truth, CLASSES)
    assert [(s.accuracy, s.afp) for s in perfect.iou[0.7].values()] == [(1, 0)] * 8
    assert perfect.iou[0.1]["Infiltration"].n == 123
    corner: XYWH = (0.0, 0.0, 2.0, 2.0)
    everywhere = {(image, "Nodule"): [corner] for image in images}
    nodule = localize_boxes(everywhere, truth, CLASSES).iou[0.1]["Nodule"]
    assert (nodule.accuracy, nodule.afp, nodule.n) == (0, 880 / 984, 79)
    assert localize_boxes(everywhere, truth, ["Nodule", "Mass"]).iou[0.1]["Nodule"] == nodule
    key = next(key for key in truth if key[1] == "Nodule")
    nodule = localize_boxes({**everywhere, key: truth[key]}, truth, CLASSES).iou[0.1]["Nodule"]
    assert (nodule.accuracy, nodule.afp) == (1 / 79, 879 / 984)


@needs_nih
def test_on_nihs_boxes_the_grid_ceiling_is_as_known() -> None:
    truth = nih_truth()
    ceilings = [grid_ceiling(truth, CLASSES, 1024, patches).iou[0.5] for patches in PATCHES]
    assert PATCHES == (12, 16, 20)
    assert [round(100 * scores["Nodule"].accuracy) for scores in ceilings] == [4, 6, 16]
    assert [round(100 * scores["Atelectasis"].accuracy) for scores in ceilings] == [25, 44, 62]
    for boxes, patches in product(truth.values(), PATCHES):  # what the model is trained on
        trained = np.any([patch_mask(box, 1024, patches).numpy() for box in boxes], axis=0)
        assert (trained == (cover(boxes, 1024, patches).cells > 0)).all()


def test_a_finer_grid_of_a_box_on_its_edges_is_perfect() -> None:
    truth = {("1", "Mass"): [(0.0, 256.0, 512.0, 256.0)]}
    for patches, accuracy in ((4, 1.0), (2, 0.0)):  # by halves: exactly one half, so a miss
        assert grid_ceiling(truth, CLASSES, 1024, patches).iou[0.5]["Mass"].accuracy == accuracy


def test_published_means_are_of_thresholds_that_are_computed() -> None:
    for overlap, thresholds in (("iou", IOU_THRESHOLDS), ("iobb", IOBB_THRESHOLDS)):
        papers = published_localizations(overlap)  # type: ignore[arg-type]
        assert papers
        assert all(set(paper.accuracy) <= set(thresholds) for paper in papers)
        assert all(1 > value > 0 for paper in papers for value in paper.accuracy.values())
    assert {paper.split for paper in published_aucs()} == {"official", "random"}
    wang = next(paper for paper in published_aucs() if paper.title == "Wang et al.")
    assert wang.low == wang.high == 0.7451


# From a dataset to the files


@pytest.fixture
def dataset(tmp_path: Path) -> NihDataset:
    """Forty films of twenty patients: Hernia on none, boxes of Mass on two."""
    labels = ["Mass", "No Finding", "Mass|Nodule", "Effusion"]
    entries = [
        Entry(f"{p:08}_{k:03}.png", labels[2 * (p % 2) + k], k, p, 50, "F", "PA", 9, 9, None)
        for p, k in product(range(20), range(2))
    ]
    (tmp_path / "Data_Entry_2017.csv").write_text(data_entry_text(entries))
    boxes = ["00000000_000.png,Mass,0,0,64,64", "00000000_001.png,Mass,16,16,80,8"]
    (tmp_path / "BBox_List_2017.csv").write_text("\n".join([",".join(BOX_HEADER), *boxes, ""]))
    (tmp_path / "test_list.txt").write_text("".join(f"{entry.image}\n" for entry in entries))
    return open_dataset(tmp_path)


def predicted(dataset: NihDataset, truth: dict) -> Predictions:
    predictions = Predictions(dataset.split("test"), CLASSES, annotated_images(truth))
    generator = np.random.default_rng(0)
    for rows in np.array_split(generator.permutation(40), 7):
        heatmaps = generator.random((len(rows), 14, 4, 4)).astype(np.float32)
        scores = generator.random((len(rows), 14)).astype(np.float32)
        predictions.put(rows, scores, scores - 0.5, heatmaps)
    return predictions


def evaluated(dataset: NihDataset, *, boxes: bool = True, regions: bool = False) -> Metrics:
    truth = truth_boxes(dataset, dataset.split("test") if boxes else ())
    predictions = predicted(dataset, truth)
    if regions:
        masks = {key: predictions.heatmap(*key) >= 0.5 for key in truth}
        found = localize_regions(masks, truth, CLASSES, 128)
    else:
        found = localize_boxes({}, truth, CLASSES)
    labels = truth_labels(dataset, predictions.images, CLASSES)
    return measure("test", predictions, dataset, labels, truth, found, image_size=128, resamples=50)


def test_a_film_counts_for_no_class_of_which_it_is_uncertain(dataset: NihDataset) -> None:
    """An image of an even patient has Mass or nothing: three of them are uncertain of Nodule."""
    before = evaluated(dataset)
    rows = "00000000_000.png,Nodule\n00000002_001.png,Nodule|Hernia\n00000004_001.png,Nodule\n"
    (dataset.folder / "uncertain_labels.csv").write_text(f"Image Index,Uncertain Labels\n{rows}")
    after = evaluated(dataset)
    for name, less in (("Nodule", 3), ("Hernia", 1), ("Mass", 0)):
        assert after.auc[name].n_pos == before.auc[name].n_pos
        assert after.auc[name].n_neg == before.auc[name].n_neg - less
    assert after.auc["Mass"] == before.auc["Mass"]
    predictions = predicted(dataset, {})
    left = [image not in rows for image in predictions.images]
    column = CLASSES.index("Nodule")
    labels = truth_labels(dataset, predictions.images, CLASSES)
    assert set(labels[:, column][np.logical_not(left)].tolist()) == {-1}
    exact = roc_auc_score(labels[left, column], predictions.ranks[left, column])
    assert after.auc["Nodule"].value == pytest.approx(exact)
    assert "uncertain" in metrics_markdown(after)
    assert "uncertain" not in metrics_markdown(before)
    draw_roc(predictions.ranks, labels, after.auc, after.mean_auc)


def refuse(constant: str) -> float:
    raise AssertionError(f"{constant} is no JSON")


@pytest.mark.parametrize(("boxes", "regions"), [(True, False), (True, True), (False, False)])
def test_metrics_json_is_as_agreed_and_has_no_nan(
    dataset: NihDataset, boxes: bool, regions: bool
) -> None:
    metrics = evaluated(dataset, boxes=boxes, regions=regions)
    found = json.loads(metrics_json(metrics), parse_constant=refuse)
    assert (found["split"], found["n_images"], found["n_boxes"]) == ("test", 40, 2 * boxes)
    assert found["auc"]["Hernia"] == dict.fromkeys(("value", "low", "high", "value_200")) | {
        "n_pos": 0,
        "n_neg": 40,
    }
    assert (found["auc"]["Mass"]["n_pos"], found["auc"]["Mass"]["n_neg"]) == (20, 20)
    assert found["mean_auc_low"] < found["mean_auc"] < found["mean_auc_high"]
    values = [auc["value"] for auc in found["auc"].values() if auc["value"] is not None]
    assert len(values) == 3
    assert found["mean_auc"] == pytest.approx(np.mean(values))
    places = found["localization"]
    assert list(places["iou"]) == ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7"]
    assert list(places["iobb"]) == ["0.1", "0.25", "0.5", "0.75", "0.9"]
    assert list(places["grid_ceiling"]) == ["12", "16", "20"]
    if boxes:
        mass = places["iou"]["0.1"]["Mass"]
        assert (set(mass), mass["n"]) == ({"accuracy", "afp", "n"}, 2)
        assert (mass["afp"] is None) == regions
        assert places["grid_ceiling"]["16"]["iou"]["0.7"] == {"Mass": 1.0}
        assert places["grid_ceiling"]["12"]["iou"]["0.7"] == {"Mass": 0.5}
    else:
        assert places["iou"]["0.1"] == {}


@pytest.mark.parametrize(("boxes", "regions"), [(True, False), (True, True), (False, False)])
def test_tables_show_every_class_threshold_and_paper(
    dataset: NihDataset, boxes: bool, regions: bool
) -> None:
    text = metrics_markdown(evaluated(dataset, boxes=boxes, regions=regions))
    assert "nan" not in text.lower()
    assert "None" not in text
    assert all(f"| {name} " in text for name in CLASSES)
    assert "0.7451" in text
    assert "0.8240 to 0.8350" in text
    assert ("Acc." in text) == boxes
    assert ("AFP |" in text) == (boxes and not regions)
    assert ("T(IoR)" in text, "T(IoBB)" in text) == (boxes and regions, boxes and not regions)
    assert text.count("Grid 12") == boxes * (7 + 5)
    for table in text.split("\n\n"):
        if table.startswith("|"):
            assert len({line.count("|") for line in table.splitlines()}) == 1


def test_heatmaps_are_kept_of_annotated_films_alone(dataset: NihDataset) -> None:
    truth = truth_boxes(dataset, dataset.split("test"))
    predictions = predicted(dataset, truth)
    assert sorted(predictions.heatmaps) == ["00000000_000.png", "00000000_001.png"]
    assert predictions.heatmap("00000000_000.png", "Nodule").shape == (4, 4)
    assert np.isfinite(predictions.scores).all()
    batch = np.zeros((1, 14, 4, 4), np.float32)
    predictions.put([0], predictions.scores[:1], predictions.ranks[:1], batch)
    batch += 1  # a buffer that the model uses again
    assert predictions.heatmap("00000000_000.png", "Mass").max() == 0


def test_scores_that_are_no_numbers_are_refused(dataset: NihDataset) -> None:
    predictions = predicted(dataset, {})
    labels = truth_labels(dataset, predictions.images, CLASSES)
    found = localize_boxes({}, {}, CLASSES)
    predictions.scores[3, 1] = np.nan
    with pytest.raises(ChestxError, match="no number for 1 of 40 films"):
        measure("test", predictions, dataset, labels, {}, found, image_size=128)


# Pictures


def pixels(png: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.mode in ("RGB", "RGBA")
        assert not picture.text
        return np.asarray(picture.convert("RGB"))


def has(picture: np.ndarray, colour: tuple[int, int, int]) -> bool:
    """Whether a line of this colour is there, not just a pixel of it."""
    return bool((picture == colour).all(axis=2).sum() > 40 * LINE)


def test_the_roc_figure_is_the_same_every_time(dataset: NihDataset) -> None:
    generator = np.random.default_rng(0)
    targets = (generator.random((300, 14)) < 0.3).astype(np.uint8)
    targets[:, 13] = 0
    scores = generator.random((300, 14))
    auc, mean = auc_by_class(scores, scores, targets, np.arange(300), CLASSES, resamples=20)
    first = draw_roc(scores, targets, auc, mean)
    assert first == draw_roc(scores, targets, auc, mean)
    assert pixels(first).shape[1] > 1200


@given(
    st.tuples(st.integers(8, 90), st.integers(8, 90)),
    st.sampled_from([None, (0.14, 0.14), (0.2, 0.1)]),
    st.booleans(),
)
@settings(max_examples=6, deadline=None)
def test_overlays_draw_what_they_are_given(
    shape: tuple[int, int], spacing: tuple[float, float] | None, hit: bool
) -> None:
    film = np.full(shape, 90, np.uint8)
    half = (shape[1] / 4, shape[0] / 4, shape[1] / 2, shape[0] / 2)
    seen = Seen("Pleural_Thickening", 0.5, np.zeros((8, 8), np.float32), boxes=[Marked(half, hit)])
    picture = pixels(draw_judged(film, seen, [], rule="IoU > 0.3", spacing=spacing))
    assert (has(picture, HIT), has(picture, MISS)) == (hit, not hit)
    region = np.zeros((16, 16), bool)
    region[3:9, 5:8] = True
    whole = Seen("Mass", 0.5, np.eye(16, dtype=np.float32), (0.0, 1.0), (), region, hit)
    judged = pixels(draw_judged(film, whole, [half], spacing=spacing))
    assert has(judged, TRUTH)
    assert has(judged, HIT if hit else MISS)
    alone = whole._replace(region_hits=None)
    assert has(pixels(draw_seen(film, alone, spacing=spacing)), FOUND)
    assert draw_seen(film, alone, spacing=spacing) == draw_seen(film, alone, spacing=spacing)
    empty = pixels(draw_seen(film, alone._replace(region=region & False)))
    assert not any(has(empty, colour) for colour in (TRUTH, HIT, MISS, FOUND))


@pytest.mark.parametrize("name", ["wcel", "mil"])
def test_a_picture_calls_a_hit_what_the_tables_count(name: str) -> None:
    """Regions may hit where boxes around them do not: cells of a diagonal, cells with a hole."""
    generator = np.random.default_rng(6)
    method = make_method(name, ["Mass"], backbone="test_efficientnet", weights="none")
    drawn = {True: 0, False: 0}
    for _ in range(60):
        heatmap = np.zeros((8, 8), np.float32)
        heatmap[2:6, 2:6] = generator.random((4, 4))
        found, truth = method.localize(heatmap, 64), {("1", "Mass"): [(16.0, 16.0, 32.0, 32.0)]}
        shown, region, hits = marked(found, truth["1", "Mass"], 64)
        if name == "mil":
            assert (shown, region is found.region) == ([], True)
            counted = localize_regions({("1", "Mass"): found.region}, truth, ["Mass"], 64)
        else:
            assert ([one.box for one in shown], region) == (found.boxes, None)
            hits = any(one.hit for one in shown)
            counted = localize_boxes({("1", "Mass"): found.boxes}, truth, ["Mass"])
        assert counted.iou[HIT_AT]["Mass"].accuracy == hits
        drawn[bool(hits)] += 1
        if region is not None and region.any():
            film = np.full((64, 64), 90, np.uint8)
            boxes = truth["1", "Mass"]
            picture = pixels(judged_picture(film, method, "Mass", 0.5, heatmap, found, boxes))
            assert (has(picture, HIT), has(picture, MISS)) == (hits, not hits)
    assert min(drawn.values()) > 0 or name == "wcel"


def test_a_region_and_a_box_of_the_same_place_meet_on_the_film() -> None:
    """Row 2 of 8, columns 4 to 5 of 8 of a film that is no square."""
    film = np.zeros((80, 160), np.uint8)
    cold = np.zeros((8, 8), np.float32)
    region = np.zeros((8, 8), bool)
    region[2, 4:6] = True
    outlines = []
    for seen in (
        Seen("Mass", 0.5, cold, region=region),
        Seen("Mass", 0.5, cold, boxes=[Marked((80, 20, 40, 10))]),
    ):
        picture = pixels(draw_seen(film, seen))
        y, x = np.nonzero((picture == FOUND).all(axis=2)[:-40, :660])
        outlines.append([x.min(), x.max(), y.min(), y.max()])
    assert np.abs(np.subtract(*outlines)).max() <= LINE


def test_heat_tints_its_place_and_leaves_the_cold_film_as_it_is() -> None:
    film = np.full((64, 64), 120, np.uint8)
    heatmap = np.zeros((8, 8), np.float32)
    heatmap[6, 1] = 1
    picture = pixels(draw_seen(film, Seen("Mass", 0.5, heatmap, (0.0, 1.0))))
    left = 16 + 640 + 12
    panel = picture[46 : 46 + 640, left : left + 640].astype(int)
    assert (panel[:320, 320:] == 120).all()
    red, _, blue = panel[520, 120]
    assert red - blue > 50
    flat = pixels(draw_seen(film, Seen("Mass", 0.5, heatmap * 0 + 7)))
    assert (flat[46 : 46 + 640, left : left + 640] == 120).all()


@given(st.floats(1e-3, 1e4))
def test_a_scale_bar_has_a_round_length_that_fits(most: float) -> None:
    length = nice_length(most)
    assert most / 2.5 < length * (1 + 1e-9)
    assert length <= most
    assert f"{length:e}"[0] in "125"


def test_the_scale_bar_is_as_long_as_it_says() -> None:
    """A film of 320 mm over 640 pixels: at most 106 mm, so 100 mm, or 200 pixels."""
    film = np.full((320, 320), 60, np.uint8)
    seen = Seen("Mass", 0.5, np.zeros((8, 8), np.float32))
    picture = pixels(draw_seen(film, seen, spacing=(1.0, 1.0)))
    row = picture[46 + 640 - 18, 16 : 16 + 640]
    at = np.flatnonzero((row == WHITE).all(axis=1))
    assert at.max() - at.min() == 200 + LINE - 1
    unknown = pixels(draw_seen(film, seen))
    assert (unknown[46:686, 16:656] == 60).all()
