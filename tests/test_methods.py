"""The two methods: losses, scores, heatmaps and findings of whole networks."""

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from chestx.errors import ChestxError
from chestx.model.batch import Batch
from chestx.model.equations.patch_mil import bag_log_prob, patch_mil_loss
from chestx.model.methods.registry import make_method

torch.set_num_threads(1)

CLASSES = ("Atelectasis", "Mass", "Nodule")
OPTIONS = {
    "wcel": {"backbone": "resnet18", "weights": "none", "map_size": 8, "depth": 16},
    "mil": {"backbone": "resnet18", "weights": "none", "patches": 12},
}
METHODS = list(OPTIONS)


def method_of(name, **options):
    torch.manual_seed(0)
    return make_method(name, CLASSES, **{**OPTIONS[name], **options})


def batch_of(patches: int) -> Batch:
    """Four films; the second has a box of its second class."""
    generator = torch.Generator().manual_seed(1)
    inside = torch.zeros(4, 3, patches, patches, dtype=torch.bool)
    has_box = torch.zeros(4, 3, dtype=torch.bool)
    inside[1, 1, :3, :2] = has_box[1, 1] = True
    return Batch(
        image=torch.randint(0, 256, (4, 1, 64, 64), dtype=torch.uint8, generator=generator),
        targets=torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 0], [1, 1, 0]]),
        inside=inside,
        has_box=has_box,
        rows=torch.arange(4),
        whole=torch.tensor([4.0, 4, 8]),
    )


@pytest.mark.parametrize("name", METHODS)
def test_a_method_keeps_its_face(name):
    method = method_of(name).eval()
    batch = batch_of(method.patches)
    with torch.no_grad():
        output = method(batch.image)
        scores, maps = method.maps(batch.image)
    side = {"wcel": 8, "mil": 12}[name]
    assert (method.name, method.classes) == (name, CLASSES)
    assert output.shape == {"wcel": (4, 3), "mil": (4, 3, 12, 12)}[name]
    assert maps.shape == (4, 3, side, side)
    assert ((scores > 0) & (scores < 1)).all()
    torch.testing.assert_close(scores, method.scores(output))
    torch.testing.assert_close(method(batch.image.float()), output)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("rescale", [True, False])
def test_ranks_are_log_odds_and_order_films_whose_scores_are_one(name, rescale):
    """Bags as warm as an untrained raw product has them, or logits of 18 and more."""
    method = method_of(name, **({"rescale": rescale} if name == "mil" else {}))
    warmth = torch.linspace(0, 1, 50)[:, None]
    if name == "wcel":
        mild, extreme = 8 * warmth - 4, 18 + 20 * warmth
    else:
        patches = torch.randn(50, 1, 12, 12, generator=torch.Generator().manual_seed(2))
        mild, extreme = (patches + base + warmth[..., None, None] for base in (-7, 0))
    torch.testing.assert_close(method.rank(mild), method.scores(mild).logit(), rtol=1e-3, atol=1e-3)
    ranks = method.rank(extreme)
    assert ranks.dtype == torch.float32
    assert ranks.isfinite().all()
    assert len(ranks.unique()) == 50
    if not (name == "mil" and rescale):
        assert (method.scores(extreme) == 1).all()
    if name == "wcel":
        assert (ranks.diff(dim=0) > 0).all()


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("frozen", [False, True])
def test_the_gradient_reaches_every_parameter_that_learns(name, frozen):
    method = method_of(name).train()
    if frozen:
        method.freeze_backbone()
    batch = batch_of(method.patches)
    method.loss(method(batch.image), batch).backward()
    groups = {group: list(parameters) for group, parameters in method.parameter_groups()}
    assert list(groups) == ["backbone", "head"]
    assert sum(map(len, groups.values())) == len(list(method.parameters()))
    assert all(p.grad.isfinite().all() and p.grad.any() for p in groups["head"])
    assert all((p.grad is None) == frozen for p in groups["backbone"])


@pytest.mark.parametrize("name", METHODS)
def test_a_few_steps_lower_the_loss(name):
    method, batch = method_of(name).train(), batch_of(method_of(name).patches)
    optimizer = torch.optim.Adam(method.parameters(), lr=1e-3)
    losses = []
    for _ in range(4):
        loss = method.loss(method(batch.image), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]


@pytest.mark.parametrize("name", METHODS)
def test_saved_and_loaded_it_is_the_same(name, tmp_path):
    method = method_of(name).eval()
    torch.save(method.state_dict(), tmp_path / "method.pt")
    torch.manual_seed(9)
    other = make_method(name, CLASSES, **OPTIONS[name]).eval()
    image = batch_of(method.patches).image
    with torch.no_grad():
        assert not torch.equal(other(image), method(image))
        other.load_state_dict(torch.load(tmp_path / "method.pt", weights_only=True))
        assert torch.equal(other(image), method(image))


@pytest.mark.parametrize("name", METHODS)
def test_under_bfloat16_output_and_loss_are_float32(name):
    method = method_of(name).train()
    batch = batch_of(method.patches)
    exact = method.loss(method(batch.image), batch)
    with torch.autocast("cpu", torch.bfloat16):
        output = method(batch.image)
        loss = method.loss(output, batch)
        scores, maps = method.maps(batch.image)
    assert {t.dtype for t in (output, loss, scores, maps)} == {torch.float32}
    # Logits that went through bfloat16 would all be on its grid.
    assert not torch.equal(output, output.bfloat16().float())
    assert loss.isfinite()
    torch.testing.assert_close(loss, exact, rtol=0.05, atol=0)
    loss.backward()
    assert all(p.grad.isfinite().all() for p in method.parameters())


@pytest.mark.parametrize("name", METHODS)
def test_channels_last_is_the_same_network(name):
    method = method_of(name).eval()
    image = batch_of(method.patches).image
    with torch.no_grad():
        plain = method(image)
        method.to(memory_format=torch.channels_last)
        torch.testing.assert_close(method(image), plain, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", METHODS)
def test_it_is_one_graph_to_the_compiler(name):
    method = method_of(name).eval()
    image = batch_of(method.patches).image
    with torch.no_grad():
        compiled = torch.compile(method, backend="eager", fullgraph=True)
        torch.testing.assert_close(compiled(image), method(image))


# W-CEL


def test_with_average_pooling_a_heatmaps_mean_and_the_bias_are_the_logit():
    method = method_of("wcel", pooling="avg").eval()
    image = batch_of(1).image
    with torch.no_grad():
        _, heatmaps = method.maps(image)
        logits = heatmaps.mean((2, 3)) + method.network.prediction.bias
        torch.testing.assert_close(logits, method(image))


def test_poolings_are_told_apart_and_lse_lies_between():
    image = batch_of(1).image
    with torch.no_grad():
        network = method_of("wcel").eval().network
        network.prediction.weight.abs_()  # then a higher pool is a higher logit
        pools = {}
        for pooling, r in [("avg", 10.0), ("lse", 1.0), ("lse", 10.0), ("max", 10.0)]:
            network.pool = method_of("wcel", pooling=pooling).network.pool
            network.r = r
            pools[pooling, r] = network(image)
    average, gentle, steep, maximum = pools.values()
    assert (average < gentle).all()
    assert (gentle < steep).all()
    assert (steep < maximum).all()


def test_each_loss_is_its_own():
    output = torch.tensor([[0.5, -2.0, 3.0]] * 4)
    losses = {
        loss: method_of("wcel", loss=loss).loss(output, batch_of(1)).item()
        for loss in ("wcel", "cel", "hinge", "euclidean")
    }
    assert len(set(losses.values())) == 4
    cel = binary_cross_entropy_with_logits(output, batch_of(1).targets)
    assert losses["cel"] == pytest.approx(cel.item())


def test_a_heatmap_gives_boxes_at_both_thresholds():
    heatmap = np.zeros((8, 8), np.float32)
    heatmap[2:5, 1:7] = 100  # above 60 of 255, not above 180
    heatmap[3, 2:4] = 255
    boxes, region = method_of("wcel").localize(heatmap, 512)
    assert boxes == [(64, 128, 384, 192), (128, 192, 128, 64)]
    assert region is None
    assert method_of("wcel").localize(np.ones((8, 8), np.float32), 512).boxes == []


# Patches


def test_the_patch_loss_is_equation_4_with_the_methods_options():
    batch = batch_of(12)
    output = torch.randn(4, 3, 12, 12, generator=torch.Generator().manual_seed(2))
    for lambda_bbox, rescale in [(5.0, True), (1.0, True), (5.0, False)]:
        method = method_of("mil", lambda_bbox=lambda_bbox, rescale=rescale)
        expected = patch_mil_loss(output, *batch[1:4], lambda_bbox, rescale)
        assert torch.equal(method.loss(output, batch), expected)
        assert torch.equal(method.scores(output), bag_log_prob(output, rescale)[0].exp())


@pytest.mark.parametrize("rescale", [False, True])
def test_training_starts_from_the_prior(rescale):
    method = method_of("mil", prior=[0.1, 0.01, 0.3], rescale=rescale).eval()
    image = batch_of(12).image
    with torch.no_grad():
        method.network.prediction.weight.zero_()
        scores = method.scores(method(image))
    torch.testing.assert_close(scores, torch.tensor([[0.1, 0.01, 0.3]] * 4), rtol=1e-4, atol=0)


def test_a_class_that_none_or_all_have_is_no_bias_of_infinity():
    method = method_of("mil", prior=[0.0, 1.0, 0.5])
    assert method.network.prediction.bias.isfinite().all()
    assert method.network.prediction.bias.abs().max() < 15


def test_regions_are_patches_at_or_above_one_half():
    probabilities = np.full((12, 12), 0.49, np.float32)
    probabilities[0, :2] = probabilities[1, 2] = 0.5  # corners touch
    probabilities[8:10, 4:12] = 0.9
    boxes, region = method_of("mil").localize(probabilities, 120)
    assert boxes == [(0, 0, 30, 20), (40, 80, 80, 20)]
    assert np.array_equal(region, probabilities >= 0.5)


@pytest.mark.parametrize(("level", "boxes"), [(0.2, []), (0.8, [(0, 0, 120, 120)])])
def test_a_film_without_contrast_is_seen_wholly_or_not_at_all(level, boxes):
    finding = method_of("mil").localize(np.full((12, 12), level, np.float32), 120)
    assert finding.boxes == boxes
    assert (finding.region == (level > 0.5)).all()


# Names


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("cam", {}, "there is no method 'cam': choose one of wcel, mil"),
        ("wcel", {"loss": "focal"}, "there is no loss 'focal': choose one of wcel, cel"),
        ("wcel", {"pooling": "mean"}, "there is no pooling 'mean': choose one of lse, avg, max"),
    ],
)
def test_an_unknown_name_lists_the_known_ones(name, options, message):
    with pytest.raises(ChestxError, match=message):
        make_method(name, CLASSES, **options)
