"""A dataset becomes batches: what is checked, what is kept, and in which order it comes."""

import csv
import gzip
import os
import pickle
import shutil
from collections import Counter, namedtuple
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from chestx.dataset.films.png import encode_png
from chestx.dataset.nih.columns import BOX_HEADER, ENTRY_HEADER
from chestx.dataset.nih.folder import NihDataset, open_dataset
from chestx.errors import ChestxError
from chestx.model.data import cache as cache_module
from chestx.model.data.augment import Augmentation
from chestx.model.data.cache import JOURNAL, PIXELS, Cache, cache_folder, open_cache
from chestx.model.data.check import check_dataset
from chestx.model.data.films import FilmData, film_loader
from chestx.model.data.folds import fold_split, patient_folds
from chestx.model.data.fractions import sample_images
from chestx.model.data.notes import notes_of
from chestx.model.data.order import Batches, Draw
from chestx.model.data.pixels import as_input, read_png
from chestx.model.data.split import DataSplit, split_dataset
from chestx.model.data.uncertain import without_uncertain

SHARED = Path(__file__).parents[2] / "shared" / "data" / "nih"
needs_nih = pytest.mark.skipif(not SHARED.exists(), reason="NIH's films are not on this machine")
SIDE = 48
Box = tuple[str, str, float, float, float, float]


def film(number: int, side: int = SIDE) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 256, (side, side), np.uint8)


def make(
    folder: Path,
    labels: Mapping[str, str],
    boxes: Sequence[Box] = (),
    lists: Mapping[str, Sequence[str]] | None = None,
) -> NihDataset:
    """Write a dataset in NIH's layout; a film's number is its place, its patient in its name."""
    (folder / "images").mkdir(parents=True)
    with (folder / "Data_Entry_2017.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(ENTRY_HEADER)
        for number, (image, findings) in enumerate(labels.items()):
            patient, follow_up = image.removesuffix(".png").split("_")
            row = (image, findings, int(follow_up), int(patient), 50, "F", "PA", 99, 99, 0.1, 0.1)
            table.writerow(row)
            (folder / "images" / image).write_bytes(encode_png(film(number)))
    if boxes:
        with (folder / "BBox_List_2017.csv").open("w", newline="") as file:
            csv.writer(file).writerows([BOX_HEADER, *boxes])
    for name, images in (lists or {}).items():
        (folder / f"{name}_list.txt").write_text("\n".join(images))
    return open_dataset(folder)


def name(patient: int, follow_up: int = 0) -> str:
    return f"{patient:08d}_{follow_up:03d}.png"


A, B, C, D, E = map(name, range(5))
LABELS = {A: "Mass", B: "Nodule|Mass", C: "No Finding", D: "Nodule", E: "Hernia"}
ALL = DataSplit([A, B, C], [D], [E])


def open_here(dataset: NihDataset, folder: Path, size: int = 16) -> Cache:
    return open_cache(dataset, dataset.entries["image"], size, folder / "caches", workers=2)


def direct(dataset: NihDataset, names: Sequence[str], size: int) -> np.ndarray:
    return np.stack([as_input(read_png(dataset.path_of(name)), size) for name in names])


def pixels_file(folder: Path) -> Path:
    return next(folder.glob(f"caches/*/{PIXELS}"))


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two films of 16 x 16 a block."""
    monkeypatch.setattr(cache_module, "_BLOCK_BYTES", 2 * 16**2)


@pytest.fixture
def developed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The films that are decoded for a cache from here on."""
    read, names = cache_module.read_png, []

    def noted(path: Path) -> np.ndarray:
        names.append(path.name)
        return read(path)

    monkeypatch.setattr(cache_module, "read_png", noted)
    return names


# The cache


@pytest.mark.usefixtures("small_blocks")
def test_a_cache_is_what_direct_reading_gives(tmp_path: Path, developed: list[str]) -> None:
    dataset = make(tmp_path / "data", LABELS)
    cache = open_here(dataset, tmp_path)
    assert cache.names == (A, B, C, D, E)
    assert np.array_equal(cache.images, direct(dataset, cache.names, 16))
    assert cache.rows([D, A]).tolist() == [3, 0]
    assert sorted(developed) == sorted(cache.names)
    again = pickle.loads(pickle.dumps(open_here(dataset, tmp_path)))
    assert np.array_equal(again.images, cache.images)
    assert len(pickle.dumps(again)) < 1000  # names and a path, not the films
    assert sorted(developed) == sorted(cache.names)


def test_what_kinds_of_png_become(tmp_path: Path) -> None:
    grey = film(1)
    with_alpha = np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    Image.fromarray(with_alpha).save(tmp_path / "four.png")
    (tmp_path / "deep.png").write_bytes(encode_png(grey.astype(np.uint16) * 257))
    assert np.array_equal(as_input(read_png(tmp_path / "four.png"), SIDE), grey)
    assert np.array_equal(as_input(read_png(tmp_path / "deep.png"), SIDE), grey)
    quarters = grey.reshape(SIDE // 2, 2, SIDE // 2, 2).mean(axis=(1, 3))
    assert np.abs(as_input(grey, SIDE // 2) - quarters).max() <= 0.5


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 100)


def flip(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-1, 2)
        byte = file.read(1)[0]
        file.seek(-1, 2)
        file.write(bytes([byte ^ 1]))


def forget_journal(path: Path) -> None:
    (path.parent / JOURNAL).unlink()


def spoil_journal(path: Path) -> None:
    journal = path.parent / JOURNAL
    journal.write_bytes(journal.read_bytes()[:-4] + b"\xff")


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    ("damage", "again"),
    [
        (truncate, {E}),
        (flip, {E}),
        (spoil_journal, {E}),
        (forget_journal, set(LABELS)),
        (Path.unlink, set(LABELS)),
    ],
)
def test_a_damaged_cache_is_mended(
    tmp_path: Path, developed: list[str], damage: Callable[[Path], None], again: set[str]
) -> None:
    dataset = make(tmp_path / "data", LABELS)
    open_here(dataset, tmp_path)
    damage(pixels_file(tmp_path))
    developed.clear()
    cache = open_here(dataset, tmp_path)
    assert set(developed) == again
    assert np.array_equal(cache.images, direct(dataset, cache.names, 16))
    developed.clear()
    open_here(dataset, tmp_path)
    assert developed == []


@pytest.mark.usefixtures("small_blocks")
def test_an_image_that_has_changed_is_read_again(tmp_path: Path, developed: list[str]) -> None:
    dataset = make(tmp_path / "data", LABELS)
    open_here(dataset, tmp_path)
    developed.clear()
    dataset.path_of(D).write_bytes(encode_png(film(77)))
    cache = open_here(dataset, tmp_path)
    assert set(developed) == {C, D}  # a block
    assert np.array_equal(cache.images[3], as_input(film(77), 16))


@pytest.mark.usefixtures("small_blocks")
def test_an_interrupted_build_goes_on(
    tmp_path: Path, developed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = make(tmp_path / "data", LABELS)
    write, blocks = cache_module._write_whole, []

    def interrupted(file: object, films: np.ndarray) -> None:
        if blocks:
            raise KeyboardInterrupt
        blocks.append(len(films))
        write(file, films)

    monkeypatch.setattr(cache_module, "_write_whole", interrupted)
    with pytest.raises(KeyboardInterrupt):
        open_here(dataset, tmp_path)
    monkeypatch.setattr(cache_module, "_write_whole", write)
    developed.clear()
    cache = open_here(dataset, tmp_path)
    assert set(developed) == {C, D, E}
    assert np.array_equal(cache.images, direct(dataset, cache.names, 16))


def test_another_dataset_with_the_same_names_has_its_own_cache(tmp_path: Path) -> None:
    one = make(tmp_path / "one", LABELS)
    other = make(tmp_path / "other", dict(reversed(LABELS.items())))
    open_here(one, tmp_path)
    assert np.array_equal(open_here(other, tmp_path).images[0], as_input(film(4), 16))
    assert np.array_equal(open_here(one, tmp_path).images[0], as_input(film(0), 16))


@pytest.mark.usefixtures("small_blocks")
def test_corrupt_images_are_named_once_the_others_are_kept(
    tmp_path: Path, developed: list[str]
) -> None:
    dataset = make(tmp_path / "data", LABELS)
    for image in (C, D):
        path = dataset.path_of(image)
        whole = bytearray(path.read_bytes())
        whole[len(whole) // 2] ^= 0x55
        path.write_bytes(whole)
    check_dataset(dataset, ALL)  # the ends of the files are whole
    with pytest.raises(ChestxError, match=f"^2 images cannot be used, the first is {C} .*again"):
        open_here(dataset, tmp_path)
    developed.clear()
    dataset.path_of(C).write_bytes(encode_png(film(2)))
    dataset.path_of(D).write_bytes(encode_png(film(3)))
    cache = open_here(dataset, tmp_path)
    assert set(developed) == {C, D}
    assert np.array_equal(cache.images, direct(dataset, cache.names, 16))


def test_no_space_is_told_before_the_work(
    tmp_path: Path, developed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = make(tmp_path / "data", LABELS)
    usage = namedtuple("usage", "free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(5 * 16**2 - 1))
    with pytest.raises(ChestxError, match=r"^no space for the cache: it takes .* make room"):
        open_here(dataset, tmp_path)
    assert developed == []
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(5 * 16**2))
    open_here(dataset, tmp_path)


def test_a_disk_that_fills_up_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = make(tmp_path / "data", LABELS)

    def full(file: object, films: object) -> None:
        Path("/dev/full").write_bytes(b"\0")

    monkeypatch.setattr(cache_module, "_write_whole", full)
    with pytest.raises(ChestxError, match=r"^no space left for .* it goes on where it stopped$"):
        open_here(dataset, tmp_path)


def test_caches_lie_beside_the_runs() -> None:
    assert cache_folder(Path("runs/mil")) == Path("runs/.cache")


# What is checked before


def test_a_sound_dataset_is_described(tmp_path: Path) -> None:
    boxes = [(B, "Mass", 12, 0, 24, 6), (B, "Nodule", 0, 0, 48, 48), (E, "Hernia", 1, 1, 1, 1)]
    dataset = make(tmp_path / "data", LABELS, boxes)
    checked = check_dataset(dataset, ALL, ["Nodule", "Mass", "Hernia", "Edema"])
    assert checked.sizes == dict.fromkeys(LABELS, (SIDE, SIDE))
    assert checked.boxes[B] == ((1, 0.25, 0, 0.5, 0.125), (0, 0, 0, 1, 1))
    assert set(check_dataset(dataset, ALL, ["Hernia", "Nodule"]).boxes) == {B, E}
    assert check_dataset(dataset, ALL, ["Nodule"]).boxes == {B: ((0, 0, 0, 1, 1),)}
    halved = check_dataset(dataset, ALL, frame=(2 * SIDE, 2 * SIDE))
    assert halved.boxes[B][0][1:] == (0.125, 0, 0.25, 0.0625)


def test_what_is_noted_is_of_the_films_that_are_learned_from(tmp_path: Path) -> None:
    boxes = [(B, "Mass", 12, 0, 24, 6)]
    dataset = make(tmp_path / "data", LABELS, boxes)
    checked = check_dataset(dataset, ALL, ["Nodule", "Mass", "Hernia", "Edema"])
    absent = "has no positive image in the training set"
    notes = partial(notes_of, dataset, checked, with_boxes=True)
    assert notes([A, B, C], [C, D]) == (f"Hernia, Edema: {absent}",)
    positives, unboxed, unjudged = notes([A, C], [C])
    assert positives == f"Nodule, Hernia, Edema: {absent}"
    assert "no image that is learned from has a box" in unboxed
    assert unboxed.endswith("(of all images of the sets 1 have one)")
    assert notes_of(dataset, checked, [A, C], [C], with_boxes=False) == (positives, unjudged)
    assert "no AUC" in unjudged
    with pytest.raises(ChestxError, match="has any of the classes"):
        notes([C], [A])


def remove(data: Path) -> None:
    (data / "images" / D).unlink()


def cut(data: Path) -> None:
    truncate(data / "images" / D)


def other_kind(data: Path) -> None:
    (data / "images" / D).write_bytes(b"\xff\xd8\xff\xe0")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (remove, f"1 of 5 images is missing, the first is {D}: put them into "),
        (cut, f"1 of 5 images is damaged or no PNG, the first is {D}: get them again"),
        (other_kind, f"1 of 5 images is damaged or no PNG, the first is {D}: get them again"),
    ],
)
def test_missing_and_damaged_images_are_one_line(
    tmp_path: Path, spoil: Callable[[Path], None], message: str
) -> None:
    make(tmp_path / "data", LABELS)
    spoil(tmp_path / "data")
    with pytest.raises(ChestxError) as error:
        check_dataset(open_dataset(tmp_path / "data"), ALL)
    assert str(error.value).startswith(message)
    check_dataset(open_dataset(tmp_path / "data"), ALL._replace(val=[]))  # D is not used


@pytest.mark.parametrize(
    ("box", "message"),
    [
        ((B, "Mass", 40, 0, 9, 5), "1 of 2 boxes is empty or not inside of the image"),
        ((B, "Mass", -1, 0, 9, 5), "1 of 2 boxes is empty or not inside of the image"),
        ((B, "Mass", 1, 1, 0, 5), "1 of 2 boxes is empty or not inside of the image"),
        ((B, "Mass", 1, 1, "inf", 5), "1 of 2 boxes is empty or not inside of the image"),
        ((B, "Hernia", 1, 1, 2, 2), "1 of 2 boxes is of a class that the image does not have"),
    ],
)
def test_boxes_that_cannot_be_are_one_line(tmp_path: Path, box: Box, message: str) -> None:
    dataset = make(tmp_path / "data", LABELS, [(A, "Mass", 0, 0, 5, 5), box])
    with pytest.raises(ChestxError, match=f"^{message}.*the first is {B}.*mend the list"):
        check_dataset(dataset, ALL)


def test_classes_that_cannot_be_learned_are_one_line(tmp_path: Path) -> None:
    dataset = make(tmp_path / "data", LABELS)
    for classes, message in (
        (["Mass", "Mass"], "named twice"),
        (["Gout"], "has the class 'Gout'"),
    ):
        with pytest.raises(ChestxError, match=message):
            check_dataset(dataset, ALL, classes)


# The order

sizes = st.tuples(st.integers(0, 60), st.integers(1, 7), st.integers(1, 4))


def taken(count: int, batch: int, rank: int, world: int, **options: int) -> list[list[int]]:
    batches = Batches(count, batch, seed=options.get("seed", 0), rank=rank, world=world)
    epoch, start = options.get("epoch", 0), options.get("start", 0)
    batches.begin(epoch, start)
    batches.set_epoch(epoch)  # as Lightning says of an epoch that is gone on with too
    draws = list(batches)
    assert len(draws) == len(batches) - start
    assert {draw.epoch for draw in draws} <= {epoch}
    return [draw.films for draw in draws]


@given(sizes, st.integers(0, 2**40), st.integers(0, 99))
def test_an_epoch_is_a_permutation_and_its_end_is_that_of_a_resumed_one(
    size: tuple[int, int, int], seed: int, epoch: int
) -> None:
    count, batch, _ = size
    whole = taken(count, batch, 0, 1, seed=seed, epoch=epoch)
    lonely = batch > 1 and count % batch == 1
    flat = [film for step in whole for film in step]
    assert len(flat) == count - lonely
    assert len(set(flat)) == len(flat)
    assert set(flat) <= set(range(count))
    assert all(len(step) == batch for step in whole[:-1])
    assert batch == 1 or all(len(step) > 1 for step in whole)
    for start in range(len(whole) + 1):
        assert taken(count, batch, 0, 1, seed=seed, epoch=epoch, start=start) == whole[start:]


@given(sizes)
def test_ranks_together_do_the_steps_of_one_process(size: tuple[int, int, int]) -> None:
    count, batch, world = size
    ranks = [taken(count, batch, rank, world) for rank in range(world)]
    assert len({len(steps) for steps in ranks}) == 1
    together = [[*chain(*parts)] for parts in zip(*ranks, strict=True)]
    single = taken(count, batch * world, 0, 1)
    assert together == single[: len(together)]
    assert len(single) - len(together) <= 1
    assert sum(map(len, single)) - sum(map(len, together)) < 2 * world
    assert batch == 1 or all(len(step) > 1 for steps in ranks for step in steps)


def test_epochs_and_seeds_differ_and_validation_keeps_its_order() -> None:
    orders = {
        tuple(taken(50, 50, 0, 1, seed=seed, epoch=epoch)[0])
        for seed in range(3)
        for epoch in range(3)
    }
    assert len(orders) == 9
    plain = Batches(7, 3, shuffled=False)
    assert [draw.films for draw in plain] == [[0, 1, 2], [3, 4, 5], [6]]


@given(sizes, st.integers(1, 5))
def test_a_batch_knows_its_whole_step(size: tuple[int, int, int], accumulate: int) -> None:
    count, batch, world = size
    ranks = [
        [*Batches(count, batch, accumulate=accumulate, rank=rank, world=world)]
        for rank in range(world)
    ]
    for first in range(0, len(ranks[0]), accumulate):
        parts = [draw for draws in ranks for draw in draws[first : first + accumulate]]
        together = sorted(film for draw in parts for film in draw.films)
        assert all(sorted(draw.whole) == together for draw in parts)


# Batches


def test_a_loader_gives_films_with_labels_and_masks(tmp_path: Path) -> None:
    boxes = [(B, "Mass", 0, 0, 12, 12), (B, "Mass", 36, 36, 12, 12), (E, "Hernia", 0, 24, 48, 24)]
    dataset = make(tmp_path / "data", LABELS, boxes)
    cache = open_here(dataset, tmp_path)
    classes = ["Mass", "Nodule", "Hernia"]
    checked = check_dataset(dataset, ALL, classes)
    films = FilmData(dataset, cache, checked, [E, B, C], patches=4)
    first, last = film_loader(films, Batches(3, 2, accumulate=2, shuffled=False))
    assert first.image.dtype == torch.uint8
    assert first.image.shape == (2, 1, 16, 16)
    assert np.array_equal(first.image[:, 0], direct(dataset, [E, B], 16))
    assert first.targets.dtype == torch.float32
    assert first.targets.tolist() == [[0, 0, 1], [1, 1, 0]]
    assert first.rows.tolist() == [4, 1]
    assert last.rows.tolist() == [2]
    assert first.whole.tolist() == last.whole.tolist() == [3, 3, 6]
    assert float(last.share) == pytest.approx(1 / 3)
    assert first.has_box.tolist() == [[False, False, True], [True, False, False]]
    corners = torch.zeros(4, 4, dtype=torch.bool)
    corners[0, 0] = corners[3, 3] = True
    assert torch.equal(first.inside[1, 0], corners)
    assert first.inside[0, 2].nonzero().tolist() == [[i, j] for i in (2, 3) for j in range(4)]
    assert first.inside.sum() == 2 + 8
    assert not last.has_box.any()
    assert not last.targets.any()

    as_li = FilmData(dataset, cache, checked, [E, B, C], patches=1, annotated_negative=True)
    assert as_li.targets.tolist() == [[0, 0, 1], [1, 0, 0], [0, 0, 0]]
    assert as_li[Draw(0, [1], [1])].inside[0, :, 0, 0].tolist() == [True, False, False]


def test_worker_processes_change_nothing(tmp_path: Path) -> None:
    dataset = make(tmp_path / "data", LABELS, [(B, "Mass", 0, 0, 12, 12)])
    cache = open_here(dataset, tmp_path)
    films = FilmData(
        dataset, cache, check_dataset(dataset, ALL), list(LABELS), patches=4,
        augmentation=Augmentation(), seed=3,
    )  # fmt: skip
    batches = Batches(5, 2, seed=3)
    batches.begin(7)
    alone, helped = film_loader(films, batches), film_loader(films, batches, workers=1)
    for one, other in zip(alone, helped, strict=True):
        assert all(map(torch.equal, one, other))
    drawn, later = Draw(7, [1], [1]), Draw(8, [1], [1])
    assert torch.equal(films[drawn].image, films[drawn].image)
    assert not torch.equal(films[later].image, films[drawn].image)


# Augmentation

WILD = Augmentation(shift=0.3, turn=15, scale=0.3, brightness=0.5)


@given(
    st.integers(0, 2**40), st.integers(0, 9), st.integers(0, 200_000),
    st.integers(0, 63), st.integers(0, 63), st.integers(8, 40),
)  # fmt: skip
def test_a_bright_square_and_its_box_move_together(
    seed: int, epoch: int, place: int, x: int, y: int, side: int
) -> None:
    size = 96
    black = np.zeros((size, size), np.uint8)
    black[y : y + side, x : x + side] = 200
    side_x, side_y = min(side, size - x), min(side, size - y)
    where = {"seed": seed, "epoch": epoch, "place": place}
    moved, (box,) = WILD.apply(black, [(x, y, side_x, side_y)], **where)
    again, _ = WILD.apply(black, [], **where)
    assert np.array_equal(moved, again)
    bright = moved > 0.25 * 200
    if box is None:
        assert not bright[1:-1, 1:-1].any()
        return
    left, upper, right, lower = box[0], box[1], box[0] + box[2], box[1] + box[3]
    assert 0 <= left < right <= size
    assert 0 <= upper < lower <= size
    if bright.any():
        rows, columns = np.flatnonzero(bright.any(axis=1)), np.flatnonzero(bright.any(axis=0))
        found = (columns[0], rows[0], columns[-1] + 1, rows[-1] + 1)
        # Turned corners are soft: a pixel or two of them are dark.
        assert np.abs(np.subtract(found, (left, upper, right, lower))).max() <= 2.5


def test_no_change_asked_for_is_no_change() -> None:
    still = Augmentation(0, 0, 0, 0)
    moved, boxes = still.apply(film(1), [(1, 2, 3, 4)], seed=1, epoch=2, place=3)
    assert np.array_equal(moved, film(1))
    assert boxes == [(1, 2, 3, 4)]


# Parts, folds and splits


@given(st.integers(0, 99), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_smaller_part_lies_within_a_larger_one(
    seed: int, one: float, other: float, unboxed: float
) -> None:
    images = [name(i) for i in range(40)]
    boxed = set(images[::3])

    def part(boxes: float) -> list[str]:
        return sample_images(
            images, boxed, boxes_fraction=boxes, unboxed_fraction=unboxed, seed=seed
        )

    small, large = part(min(one, other)), part(max(one, other))
    assert set(small) <= set(large)
    assert small == [image for image in images if image in set(small)]
    assert len(set(small) & boxed) == round(min(one, other) * len(boxed))
    assert set(small) - boxed == set(large) - boxed
    assert len(set(small) - boxed) == round(unboxed * (40 - len(boxed)))


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> NihDataset:
    """200 films of 80 patients, one in four with a mass, one in ten with a hernia."""
    source = np.random.default_rng(0)
    labels = {}
    for number in range(200):
        patient = int(source.integers(80))
        found = [c for c, p in (("Mass", 0.25), ("Hernia", 0.1)) if source.random() < p]
        labels[name(patient, number)] = "|".join(found) or "No Finding"
    return make(tmp_path_factory.mktemp("crowd") / "data", labels)


def patients(images: Sequence[str]) -> set[str]:
    return {image.split("_")[0] for image in images}


def assert_split(dataset: NihDataset, split: DataSplit, images: Sequence[str]) -> None:
    assert sorted(split.images) == sorted(images)
    of_sets = [patients(part) for part in split[:3]]
    assert sum(map(len, of_sets)) == len(set.union(*of_sets))


@pytest.mark.parametrize("folds", [2, 5])
def test_folds_share_no_patient_and_have_their_part_of_each_class(
    crowd: NihDataset, folds: int
) -> None:
    images = crowd.entries["image"].tolist()
    dealt = patient_folds(crowd, images, folds=folds, seed=4)
    assert sorted(chain(*dealt)) == sorted(images)
    assert Counter(p for fold in dealt for p in patients(fold)).most_common(1)[0][1] == 1
    counts = np.array([crowd.targets()[crowd.rows(fold)].sum(axis=0) for fold in dealt])
    assert np.abs(counts - counts.mean(axis=0)).max() <= 2
    assert patient_folds(crowd, images, folds=folds, seed=4) == dealt
    assert patient_folds(crowd, images, folds=folds, seed=5) != dealt
    for at in range(folds):
        split = fold_split(crowd, dealt, at, seed=4)
        assert split.test == dealt[at]
        assert_split(crowd, split, images)
        assert len(split.val) == pytest.approx((len(images) - len(split.test)) / 8, abs=4)


def test_more_folds_than_patients_is_one_line(crowd: NihDataset) -> None:
    with pytest.raises(ChestxError, match="patients cannot be dealt out to 500 folds"):
        patient_folds(crowd, crowd.entries["image"].tolist(), folds=500, seed=0)


def relisted(dataset: NihDataset, **lists: Sequence[str]) -> NihDataset:
    return NihDataset(dataset.folder, dataset.entries, dataset.boxes, lists)


def test_the_split_is_what_the_lists_say(crowd: NihDataset) -> None:
    images = crowd.entries["image"].tolist()
    train, val, test = split_dataset(crowd, seed=0)[:3]
    assert [len(part) for part in (train, val, test)] == pytest.approx([140, 20, 40], abs=4)
    drawn = split_dataset(crowd, seed=0)
    assert_split(crowd, drawn, images)
    assert "no lists" in drawn.told
    assert split_dataset(crowd, seed=1) != drawn

    ours = relisted(crowd, train_val=[*train, *val], train=train, val=val, test=test)
    assert split_dataset(ours, seed=9) == (train, val, test, "")

    nih = split_dataset(relisted(crowd, train_val=[*train, *val], test=test), seed=0)
    assert nih.test == test
    assert "an eighth" in nih.told
    assert_split(crowd, nih, images)
    assert len(nih.val) == pytest.approx(20, abs=4)

    for lists in ({"test": test}, {"val": val, "test": test}, {"train": train, "test": test}):
        split = split_dataset(relisted(crowd, **lists), seed=0)
        assert split.test == test
        assert split.train
        assert split.val
        assert split.told
        assert_split(crowd, split, [*train, *test] if "train" in lists else images)


HOMES = st.sampled_from(["train", "val", "test", None])
LISTS = ("train_val", "train", "val", "test")


@settings(deadline=None)
@given(st.data())
def test_a_patient_is_in_one_set_whatever_the_lists_name(
    crowd: NihDataset, data: st.DataObject
) -> None:
    """Lists may name a part of a patient's images; each patient has a home, as folders must."""
    images = crowd.entries["image"].tolist()
    home = {patient: data.draw(HOMES) for patient in sorted(patients(images))}
    named = data.draw(st.sets(st.sampled_from(images)))
    lists: dict[str, list[str]] = {list_: [] for list_ in LISTS}
    for image in images:
        mine = home[image.split("_")[0]]
        if image in named and mine:
            lists[mine].append(image)
        if mine in ("train", "val") and data.draw(st.booleans()):
            lists["train_val"].append(image)
    there = data.draw(st.sets(st.sampled_from(LISTS)))
    split = split_dataset(relisted(crowd, **{k: lists[k] for k in LISTS if k in there}), seed=0)
    assert_split(crowd, split, split.images)
    for kept in {"val", "test"} & there:
        assert getattr(split, kept) == lists[kept]


def test_images_that_are_left_out_by_patient_are_told(tmp_path: Path) -> None:
    """A patient with two images, of which val names one and train_val both."""
    labels = {name(0, 0): "Mass", name(0, 1): "Mass", B: "Mass", C: "Nodule"}
    lists = {"train_val": list(labels), "val": [name(0, 1)]}
    split = split_dataset(make(tmp_path / "data", labels, lists=lists), seed=0)
    assert split[:3] == ([B, C], [name(0, 1)], [])
    assert "1 image of train_val left out" in split.told


def test_uncertain_labels_are_left_out_of_training(tmp_path: Path) -> None:
    dataset = make(tmp_path / "data", LABELS)
    assert without_uncertain(dataset, [A, B, C], ["Mass"]) == [A, B, C]
    (tmp_path / "data" / "uncertain_labels.csv").write_text(
        f"Image Index,Uncertain Labels\n{A},Nodule|Edema\n{B},Edema\n"
    )
    assert without_uncertain(dataset, [A, B, C], ["Mass", "Nodule"]) == [B, C]


# NIH's own


@needs_nih
def test_nihs_radiographs(tmp_path: Path) -> None:
    dataset = open_dataset(SHARED)
    split = split_dataset(dataset, seed=0)
    checked = check_dataset(dataset, split, frame=(1024, 1024))
    assert len(checked.sizes) == 400
    assert set(checked.sizes.values()) == {(512, 512)}
    assert 0 < len(checked.boxes) <= 20
    with pytest.raises(ChestxError, match="NIH's of 1024 x 1024"):
        check_dataset(dataset, split)  # the images were made smaller, the boxes were not
    images = sorted(split.images)[:24]
    cache = open_cache(dataset, images, 96, tmp_path, workers=2)
    assert np.array_equal(cache.images, direct(dataset, images, 96))


@needs_nih
def test_nihs_lists_have_no_box_to_train_with() -> None:
    dataset = open_dataset(SHARED)
    lists = {
        kind: gzip.decompress((SHARED / f"official_{kind}_list.txt.gz").read_bytes())
        for kind in ("train_val", "test")
    }
    named = {kind: lines.decode().split() for kind, lines in lists.items()}
    split = split_dataset(relisted(dataset, **named), seed=0)
    assert len(split.images) == 400
    assert set(split.test) <= set(named["test"])
    checked = check_dataset(dataset, split, frame=(1024, 1024))
    notes = notes_of(dataset, checked, split.train, split.val, with_boxes=True)
    assert any("no image that is learned from has a box" in note for note in notes)


def test_two_trainings_do_not_write_one_cache(tmp_path: Path) -> None:
    dataset = make(tmp_path / "data", LABELS)
    with ThreadPoolExecutor(2) as pool:
        both = pool.map(lambda _: open_here(dataset, tmp_path), range(2))
        for cache in both:
            assert np.array_equal(cache.images, direct(dataset, cache.names, 16))
