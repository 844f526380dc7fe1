"""Multiple instance learning on patches (Li et al. 2018, Eq. 1, 2 and 4), in logarithms.

p is a patch's probability, the logistic function of its logit. With `rescale`, the factors p and
1 - p of the products are moved from [0, 1] to [0.98, 1], as in the paper: 1 - 0.02 (1 - p) and
1 - 0.02 p. The products have up to 400 factors; only their logarithms are ever computed.
"""

from math import log, nan

import torch
import torch.nn.functional as F
from torch import Tensor

from chestx.model.equations.tensors import at_least_float32, require_shape

LEAST_FACTOR = 0.98
"""Where rescaling puts a factor of 0."""
SPAN = 1 - LEAST_FACTOR
SIDES = (-2, -1)


def bag_log_prob(patch_logits: Tensor, rescale: bool = True) -> tuple[Tensor, Tensor]:
    """Return log p and log(1 - p) of each image and class, Eq. 2: p = 1 - product of (1 - p_j).

    Args:
        patch_logits: [N, K, P, P]; a half precision is computed in float32.
        rescale: whether factors lie in [0.98, 1]; p is then below 1 - 0.98^(P^2).

    Returns:
        Two tensors [N, K], in float32 at least, finite with finite gradients.
    """
    z = at_least_float32(patch_logits)
    log_absent = _log_factor(-z, rescale).sum(SIDES)
    # A bag that is all but surely empty: p is the sum of the p_j, which may itself underflow.
    log_sum = F.logsigmoid(z).logsumexp(SIDES) + (log(SPAN) if rescale else 0)
    empty = log_absent > -torch.finfo(z.dtype).eps
    # torch.where lets NaN through from the gradient of the side that is not taken.
    log_present = _log_1_minus_exp(log_absent.masked_fill(empty, -1))
    return torch.where(empty, log_sum, log_present), log_absent


def box_log_likelihood(patch_logits: Tensor, inside: Tensor, rescale: bool = True) -> Tensor:
    """Return log p of each image and class given its box, Eq. 1.

    p is the product of p_j over the patches inside and of 1 - p_j over those outside.

    Args:
        patch_logits: [N, K, P, P]; a half precision is computed in float32.
        inside: bool [N, K, P, P].
        rescale: whether factors lie in [0.98, 1].

    Returns:
        [N, K], in float32 at least.

    Raises:
        ValueError: the shapes differ.
    """
    require_shape("inside", inside, patch_logits.shape)
    z = at_least_float32(patch_logits)
    return _log_factor(torch.where(inside, z, -z), rescale).sum(SIDES)


def patch_mil_loss(
    patch_logits: Tensor,
    targets: Tensor,
    inside: Tensor,
    has_box: Tensor,
    lambda_bbox: float = 5.0,
    rescale: bool = True,
) -> Tensor:
    """Return Eq. 4, summed over classes, its mean over images.

    A class with a box adds -lambda_bbox times Eq. 1's log p; one without adds -log p or, where
    the label is 0, -log(1 - p) of Eq. 2.

    Args:
        patch_logits: [N, K, P, P]; a half precision is computed in float32.
        targets: [N, K], 0 or 1.
        inside: bool [N, K, P, P], the boxes of a class united; read only where has_box.
        has_box: bool [N, K], per image and class.
        lambda_bbox: the weight of a box; the paper's 5 is for rescaled factors.
        rescale: whether factors lie in [0.98, 1].

    Returns:
        A scalar, in float32 at least.

    Raises:
        ValueError: shapes that do not agree; on the CPU, a box where the target is 0. On another
            device a look would hold up its queue at every step: there the loss is NaN instead.
    """
    require_shape("targets", targets, patch_logits.shape[:2])
    require_shape("has_box", has_box, patch_logits.shape[:2])
    positive = targets > 0.5
    refuted = has_box & ~positive
    if refuted.device.type == "cpu" and bool(refuted.any()):
        raise ValueError("has_box is set where the target is 0")
    log_present, log_absent = bag_log_prob(patch_logits, rescale)
    log_bag = torch.where(positive, log_present, log_absent)
    log_boxed = lambda_bbox * box_log_likelihood(patch_logits, inside, rescale)
    losses = -torch.where(has_box, log_boxed, log_bag).masked_fill(refuted, nan)
    return losses.sum(1).mean()


def _log_factor(logits: Tensor, rescale: bool) -> Tensor:
    """Return log p of each patch, with p in [0.98, 1] where rescaled."""
    return (-SPAN * (-logits).sigmoid()).log1p() if rescale else F.logsigmoid(logits)


def _log_1_minus_exp(x: Tensor) -> Tensor:
    """Return log(1 - exp(x)) for x well below 0 or just below, with its digits."""
    low = x < -log(2)
    from_exp = (-x.masked_fill(~low, -1).exp()).log1p()
    return torch.where(low, from_exp, (-x.masked_fill(low, -log(2)).expm1()).log())
