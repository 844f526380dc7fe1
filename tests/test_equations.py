"""The papers' equations against references written from the papers, in 150 decimal digits."""

import math
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from decimal import Context, Decimal, localcontext
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

import chestx.model
from chestx.model import (
    bag_log_prob,
    box_log_likelihood,
    lse_pool,
    patch_mil_loss,
    weighted_cross_entropy,
)
from chestx.model.equations.pointwise import cel, euclidean, hinge
from chestx.model.equations.pooling import POOLINGS
from chestx.model.equations.prior_bias import highest_prior, prior_bias

torch.set_num_threads(1)

RESCALE = pytest.mark.parametrize("rescale", [True, False])
DIGITS = Context(prec=150)


@pytest.fixture(autouse=True)
def many_digits() -> Iterator[None]:
    with localcontext(DIGITS):
        yield


def decimals(tensor: Tensor) -> list[Decimal]:
    return [Decimal(value) for value in tensor.detach().double().flatten().tolist()]


@cache
def exp(z: Decimal) -> Decimal:
    return z.exp()


def logistic(z: Decimal) -> Decimal:
    return 1 / (1 + exp(-z))


def mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


def leaf(values: object, dtype: torch.dtype = torch.float32) -> Tensor:
    return torch.as_tensor(values, dtype=dtype).clone().requires_grad_()


def gradient(value: Tensor, of: Tensor) -> Tensor:
    (found,) = torch.autograd.grad(value.sum(), of, retain_graph=True)
    return found


def agree(found: Tensor, reference: Sequence[Decimal]) -> None:
    """Demand finite values within 1e-5 x max(1, |reference|)."""
    values = decimals(found)
    assert len(values) == len(reference)
    for value, expected in zip(values, reference, strict=True):
        assert value.is_finite()
        assert abs(value - expected) < Decimal("1e-5") * max(Decimal(1), abs(expected))


def drawn(seed: int, *shape: int, scale: float = 1, shift: float = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator) * scale + shift


def extreme(*shape: int) -> dict[str, Tensor]:
    """Tensors as a network may give them, and as it should not."""
    signs = torch.where(drawn(5, *shape) > 0, 60.0, -60.0)
    one = torch.full(shape, -60.0)
    one[..., 0, 0] = 60
    return {
        "random": drawn(1, *shape),
        "wide": drawn(2, *shape, scale=20),
        "low": drawn(3, *shape, scale=2, shift=-16),
        "high": drawn(4, *shape, scale=2, shift=16),
        "signs": signs,
        "one": one,
        "zeros": torch.zeros(shape),
        "-5.5": torch.full(shape, -5.5),
        "-60": torch.full(shape, -60.0),
        "60": torch.full(shape, 60.0),
        "-200": torch.full(shape, -200.0),
        "200": torch.full(shape, 200.0),
    }


# LSE pooling, Eq. 2 of ChestX-ray8


def lse_reference(x: list[Decimal], r: float) -> tuple[Decimal, list[Decimal]]:
    powers = [exp(Decimal(r) * value) for value in x]
    total = sum(powers)
    return mean(powers).ln() / Decimal(r), [power / total for power in powers]


@pytest.mark.parametrize("r", [1e-6, 1e-3, 0.05, 0.1, 1, 5, 10, 12, 100])
@pytest.mark.parametrize("case", extreme(1, 1, 1, 1))
def test_lse_is_the_paper_s(case: str, r: float) -> None:
    maps = leaf(extreme(1, 2, 9, 9)[case])
    pooled = lse_pool(maps, r)
    references = [lse_reference(decimals(part), r) for part in maps[0]]
    agree(pooled, [value for value, _ in references])
    agree(gradient(pooled, maps), [g for _, part in references for g in part])


def test_lse_keeps_its_digits_at_every_r_on_a_large_map() -> None:
    maps = torch.full((1, 1, 32, 32), -60.0)
    maps[..., 0, 0] = 60
    for r in np.geomspace(1e-4, 100, 25).tolist():
        agree(lse_pool(maps, r), [lse_reference(decimals(maps), r)[0]])


@pytest.mark.parametrize("r", [1e-3, 0.5, 10])
def test_lse_gradients(r: float) -> None:
    maps = drawn(0, 1, 2, 3, 3).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda x: lse_pool(x, r), maps)
    assert torch.autograd.gradgradcheck(lambda x: lse_pool(x, r), maps)


MAPS = st.lists(st.floats(-60, 60, width=32), min_size=4, max_size=4).map(
    lambda values: torch.tensor(values).reshape(1, 1, 2, 2)
)


@settings(deadline=None)
@given(MAPS, st.floats(1e-3, 50), st.floats(1.01, 20), st.permutations(range(4)))
def test_lse_rises_with_r_from_average_to_maximum(
    maps: Tensor, r: float, factor: float, order: list[int]
) -> None:
    steps = [POOLINGS["avg"](maps, 0), lse_pool(maps, r), lse_pool(maps, r * factor)]
    steps.append(POOLINGS["max"](maps, 0))
    for lower, upper in pairwise(steps):
        assert lower.item() <= upper.item() + 1e-5 * max(1, abs(upper.item()))
    mixed = maps.flatten()[order].reshape(maps.shape)
    torch.testing.assert_close(lse_pool(mixed, r), steps[1], rtol=1e-5, atol=1e-5)


def test_lse_pools_each_map_in_float32_and_refuses_what_r_cannot_be() -> None:
    maps = drawn(0, 2, 3, 4, 5)
    pooled = lse_pool(maps, 10)
    assert pooled.shape == (2, 3)
    torch.testing.assert_close(pooled[1, 2], lse_pool(maps[1:, 2:], 10)[0, 0])
    half = maps.bfloat16()
    torch.testing.assert_close(lse_pool(half, 10), lse_pool(half.float(), 10).bfloat16())
    for r in (0, -1, math.nan, math.inf):
        with pytest.raises(ValueError, match="r is"):
            lse_pool(maps, r)


# W-CEL, Eq. 1 of ChestX-ray8, and what it is compared with


def wcel_reference(z: list[Decimal], y: list[bool]) -> tuple[Decimal, list[Decimal]]:
    positives, negatives = sum(y), len(y) - sum(y)
    loss, slopes = Decimal(0), []
    for logit, positive in zip(z, y, strict=True):
        f = logistic(logit)
        beta = Decimal(len(y)) / (positives if positive else negatives)
        loss -= beta * (f if positive else 1 - f).ln() / len(y)
        slopes.append(beta * (f - positive) / len(y))
    return loss, slopes


LOSSES = {"wcel": weighted_cross_entropy, "cel": cel, "hinge": hinge, "euclidean": euclidean}
LABELS = {
    "mixed": drawn(9, 6, 4) > 0.8,
    "one positive": torch.arange(24).reshape(6, 4) == 7,
    "no positives": torch.zeros(6, 4, dtype=torch.bool),
    "no negatives": torch.ones(6, 4, dtype=torch.bool),
}


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("case", extreme(1, 1))
def test_w_cel_is_the_paper_s(case: str, labels: str) -> None:
    logits, targets = leaf(extreme(6, 4)[case]), LABELS[labels]
    for dtype in (torch.float32, torch.int64, torch.bool):
        loss = weighted_cross_entropy(logits, targets.to(dtype))
        value, slopes = wcel_reference(decimals(logits), targets.flatten().tolist())
        agree(loss, [value])
        agree(gradient(loss, logits), slopes)


def test_w_cel_of_an_empty_batch_is_0() -> None:
    logits = leaf(torch.zeros(0, 3))
    loss = weighted_cross_entropy(logits, torch.zeros(0, 3))
    loss.backward()
    assert loss.item() == 0


POINTWISE: dict[str, Callable[[Decimal, bool], tuple[Decimal, Decimal]]] = {
    "cel": lambda z, y: (-(logistic(z) if y else 1 - logistic(z)).ln(), logistic(z) - y),
    "hinge": lambda z, y: (
        max(Decimal(0), 1 - (2 * y - 1) * z),
        Decimal((1 - 2 * y) * ((2 * y - 1) * z < 1)),
    ),
    "euclidean": lambda z, y: (
        (logistic(z) - y) ** 2 / 2,
        (logistic(z) - y) * logistic(z) * (1 - logistic(z)),
    ),
}


@pytest.mark.parametrize("name", POINTWISE)
@pytest.mark.parametrize("case", extreme(1, 1))
def test_unweighted_losses_are_means_of_their_formulas(case: str, name: str) -> None:
    logits, targets = leaf(extreme(6, 4)[case]), LABELS["mixed"]
    loss = LOSSES[name](logits, targets.float())
    pairs = zip(decimals(logits), targets.flatten().tolist(), strict=True)
    reference = [POINTWISE[name](z, y) for z, y in pairs]
    agree(loss, [mean([value for value, _ in reference])])
    agree(gradient(loss, logits), [slope / len(reference) for _, slope in reference])


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_has_its_gradient_and_computes_in_float32(name: str) -> None:
    loss, targets = LOSSES[name], LABELS["mixed"].float()
    logits = drawn(0, 6, 4).double().requires_grad_()
    assert torch.autograd.gradcheck(lambda z: loss(z, targets), logits)
    half = drawn(0, 6, 4, scale=20).bfloat16()
    torch.testing.assert_close(loss(half, targets), loss(half.float(), targets))
    with pytest.raises(ValueError):
        loss(drawn(0, 6, 1), torch.zeros(6))


@pytest.mark.parametrize("name", LOSSES)
@settings(deadline=None)
@given(st.integers(0, 10**6), st.permutations(range(6)), st.floats(0.01, 5))
def test_every_loss_falls_towards_the_label_whatever_the_order(
    name: str, seed: int, order: list[int], step: float
) -> None:
    loss, logits = LOSSES[name], drawn(seed, 6, 4).double()
    targets = drawn(seed + 1, 6, 4) > 0.5
    value = loss(logits, targets)
    torch.testing.assert_close(loss(logits[order], targets[order]), value)
    logits[2, 3] += step if targets[2, 3] else -step
    better = loss(logits, targets).item()
    assert better <= value.item() if name == "hinge" else better < value.item()


@pytest.mark.parametrize("case", extreme(1, 1))
@pytest.mark.parametrize("labels", LABELS)
def test_parts_of_w_cel_add_up_to_the_whole_batch(case: str, labels: str) -> None:
    logits, targets = leaf(extreme(6, 4)[case]), LABELS[labels]
    whole = torch.stack([(targets == 1).sum(), (targets != 1).sum()])
    parts = [slice(0, 1), slice(1, 4), slice(4, 6)]
    losses = [weighted_cross_entropy(logits[part], targets[part], whole) for part in parts]
    value, slopes = wcel_reference(decimals(logits), (targets == 1).flatten().tolist())
    together = torch.stack(losses).sum()
    agree(together, [value])
    agree(gradient(together, logits), slopes)


# Patches, Eq. 1, 2 and 4 of Li et al.


def factor(p: Decimal, rescale: bool) -> Decimal:
    return Decimal("0.98") + Decimal("0.02") * p if rescale else p


def product(values: Sequence[Decimal]) -> Decimal:
    return math.prod(values, start=Decimal(1))


def bag_reference(
    z: list[Decimal], rescale: bool
) -> tuple[Decimal, Decimal, list[Decimal], list[Decimal]]:
    """Return log p, log(1 - p) and their slopes."""
    p = [logistic(logit) for logit in z]
    factors = [factor(1 - value, rescale) for value in p]
    absent = product(factors)
    span = Decimal("0.02") if rescale else Decimal(1)
    slopes = [-span * v * (1 - v) / f for v, f in zip(p, factors, strict=True)]
    odds = absent / (1 - absent)
    return (1 - absent).ln(), absent.ln(), [-odds * slope for slope in slopes], slopes


def box_reference(
    z: list[Decimal], inside: list[bool], rescale: bool
) -> tuple[Decimal, list[Decimal]]:
    span = Decimal("0.02") if rescale else Decimal(1)
    factors, slopes = [], []
    for logit, within in zip(z, inside, strict=True):
        p = logistic(logit)
        factors.append(factor(p if within else 1 - p, rescale))
        slopes.append((1 if within else -1) * span * p * (1 - p) / factors[-1])
    return product(factors).ln(), slopes


@RESCALE
@pytest.mark.parametrize("patches", [12, 20])
@pytest.mark.parametrize("case", extreme(1, 1, 1, 1))
def test_bags_are_the_paper_s(case: str, patches: int, rescale: bool) -> None:
    logits = leaf(extreme(1, 1, patches, patches)[case])
    log_present, log_absent = bag_log_prob(logits, rescale)
    assert log_present.shape == log_absent.shape == (1, 1)
    present, absent, present_slopes, absent_slopes = bag_reference(decimals(logits), rescale)
    agree(log_present, [present])
    agree(log_absent, [absent])
    agree(gradient(log_present, logits), present_slopes)
    agree(gradient(log_absent, logits), absent_slopes)
    assert log_present.item() <= 0
    assert log_absent.item() <= 0


@RESCALE
def test_bags_agree_where_one_form_hands_over_to_the_next(rescale: bool) -> None:
    for shift in np.linspace(-26, 2, 57).tolist():
        logits = leaf(drawn(0, 1, 1, 4, 4, shift=shift))
        present, _, slopes, _ = bag_reference(decimals(logits), rescale)
        log_present, _ = bag_log_prob(logits, rescale)
        agree(log_present, [present])
        agree(gradient(log_present, logits), slopes)


@RESCALE
@pytest.mark.parametrize("case", extreme(1, 1, 1, 1))
def test_boxes_are_the_paper_s(case: str, rescale: bool) -> None:
    logits = leaf(extreme(1, 2, 20, 20)[case])
    inside = torch.zeros(1, 2, 20, 20, dtype=torch.bool)
    inside[0, 0, 3:9, 5:6] = inside[0, 1, 0, 0] = True
    log_boxed = box_log_likelihood(logits, inside, rescale)
    references = [
        box_reference(decimals(logits[0, k]), inside[0, k].flatten().tolist(), rescale)
        for k in range(2)
    ]
    agree(log_boxed, [value for value, _ in references])
    agree(gradient(log_boxed, logits), [g for _, slopes in references for g in slopes])


@RESCALE
@pytest.mark.parametrize("case", extreme(1, 1, 1, 1))
def test_the_loss_is_the_paper_s(case: str, rescale: bool) -> None:
    """Every pair of a label and a box, in three images of two classes."""
    logits = leaf(extreme(3, 2, 5, 5)[case])
    targets = torch.tensor([[1.0, 0], [1, 1], [0, 0]])
    has_box = torch.tensor([[True, False], [False, True], [False, False]])
    inside = drawn(8, 3, 2, 5, 5) > 0
    loss = patch_mil_loss(logits, targets, inside, has_box, 5.0, rescale)
    expected, slopes = Decimal(0), []
    for n in range(3):
        for k in range(2):
            z = decimals(logits[n, k])
            if has_box[n, k]:
                value, slope = box_reference(z, inside[n, k].flatten().tolist(), rescale)
                value, slope = 5 * value, [5 * s for s in slope]
            else:
                present, absent, up, down = bag_reference(z, rescale)
                value, slope = (present, up) if targets[n, k] else (absent, down)
            expected -= value / 3
            slopes += [-s / 3 for s in slope]
    agree(loss, [expected])
    agree(gradient(loss, logits), slopes)


@RESCALE
@pytest.mark.parametrize("shift", [-40, -17, -4, 0, 4])
def test_patch_gradients(shift: float, rescale: bool) -> None:
    logits = drawn(0, 2, 2, 3, 3, shift=shift).double().requires_grad_()
    inside = drawn(1, 2, 2, 3, 3) > 0
    targets = torch.tensor([[1.0, 1], [0, 1]])
    has_box = torch.tensor([[True, False], [False, False]])
    check = torch.autograd.gradcheck
    assert check(lambda z: bag_log_prob(z, rescale), logits)
    assert check(lambda z: patch_mil_loss(z, targets, inside, has_box, 5.0, rescale), logits)


@RESCALE
@settings(deadline=None)
@given(st.integers(0, 10**6), st.floats(-20, 20), st.permutations(range(16)), st.floats(0.1, 5))
def test_patches_count_by_what_they_are_not_where(
    rescale: bool, seed: int, shift: float, order: list[int], step: float
) -> None:
    logits = drawn(seed, 1, 1, 4, 4, shift=shift).double()
    inside = drawn(seed + 1, 1, 1, 4, 4) > 0
    inside[..., 0, 0], inside[..., 3, 3] = True, False

    def outcome(z: Tensor, mask: Tensor) -> list[Tensor]:
        return [*bag_log_prob(z, rescale), box_log_likelihood(z, mask, rescale)]

    def mixed(tensor: Tensor) -> Tensor:
        return tensor.flatten()[order].reshape(tensor.shape)

    before = outcome(logits, inside)
    torch.testing.assert_close(outcome(mixed(logits), mixed(inside)), before)
    torch.testing.assert_close(before[0].exp() + before[1].exp(), torch.ones(1, 1).double())
    for place, boxed in ((0, 1), (3, -1)):
        raised = logits.clone()
        raised[..., place, place] += step
        present, absent, box = (
            (after - value).item()
            for after, value in zip(outcome(raised, inside), before, strict=True)
        )
        assert present >= 0 >= absent
        assert boxed * box >= 0
        if abs(shift) < 8:
            assert present > 0 > absent
            assert boxed * box > 0


@RESCALE
def test_the_loss_computes_in_float32(rescale: bool) -> None:
    logits = drawn(0, 2, 3, 12, 12).bfloat16()
    targets, inside = torch.ones(2, 3), drawn(1, 2, 3, 12, 12) > 1
    has_box = torch.tensor([[True, False, False], [False, True, False]])
    found = patch_mil_loss(logits, targets, inside, has_box, rescale=rescale)
    torch.testing.assert_close(
        found, patch_mil_loss(logits.float(), targets, inside, has_box, rescale=rescale)
    )


def test_a_box_of_a_class_that_the_image_does_not_have_is_refused() -> None:
    logits, inside = torch.zeros(2, 2, 3, 3), torch.ones(2, 2, 3, 3, dtype=torch.bool)
    targets, has_box = torch.ones(2, 2), torch.ones(2, 2, dtype=torch.bool)
    patch_mil_loss(logits, targets, inside, has_box)
    targets[1, 0] = 0
    with pytest.raises(ValueError, match="has_box"):
        patch_mil_loss(logits, targets, inside, has_box)
    for wrong in (targets[:1], has_box[:, :1]):
        with pytest.raises(ValueError, match="not"):
            patch_mil_loss(logits, wrong, inside, has_box)
    with pytest.raises(ValueError, match="inside"):
        patch_mil_loss(logits, has_box, inside[..., :1, :1], has_box)


def test_no_loss_waits_for_a_device() -> None:
    """A tensor on `meta` has no values: whoever looks at one fails."""
    logits, flags = torch.empty(2, 3, 4, 4, device="meta"), torch.empty(2, 3, device="meta").bool()
    assert patch_mil_loss(logits, flags, logits.bool(), flags).shape == ()
    assert lse_pool(logits, 10).shape == (2, 3)
    for loss in LOSSES.values():
        assert loss(logits[..., 0, 0], flags).shape == ()


@pytest.mark.parametrize("patches", [12, 16, 20])
@pytest.mark.parametrize("prior", [1e-6, 0.0019, 0.18, 0.5, 0.94])
@RESCALE
def test_a_bag_starts_at_the_prior(prior: float, patches: int, rescale: bool) -> None:
    bias = prior_bias(prior, patches, rescale)
    logits = torch.full((1, 1, patches, patches), bias, dtype=torch.float64)
    assert bag_log_prob(logits, rescale)[0].exp().item() == pytest.approx(prior, rel=1e-9)


def test_rescaling_caps_the_bag() -> None:
    caps = {12: 0.9455, 16: 0.9943, 20: 0.9997}
    starts = {12: 0.76, 16: 0.92, 20: 0.98}
    for patches, cap in caps.items():
        assert highest_prior(patches) == pytest.approx(cap, abs=5e-5)
        sure = torch.full((1, 1, patches, patches), 60.0)
        assert bag_log_prob(sure)[0].exp().item() == pytest.approx(cap, abs=5e-5)
        start = bag_log_prob(0 * sure)[0].exp().item()
        assert start == pytest.approx(starts[patches], abs=0.01)
        for prior in (0, highest_prior(patches), 1, math.nan):
            with pytest.raises(ValueError, match="prior"):
                prior_bias(prior, patches)
    for prior in (0, 1):
        with pytest.raises(ValueError, match="prior"):
            prior_bias(prior, 12, rescale=False)


def test_the_model_s_names_import_torch_when_asked_for() -> None:
    for name in chestx.model.__all__:
        assert callable(getattr(chestx.model, name))
    with pytest.raises(AttributeError):
        chestx.model.no_such_name  # noqa: B018
    lean = "import sys, chestx.model; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", lean], check=False).returncode == 0
