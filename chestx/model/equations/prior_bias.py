"""The bias with which a patch model starts at what is known before any film is seen."""

from math import expm1, log, log1p

from chestx.model.equations.patch_mil import LEAST_FACTOR, SPAN


def prior_bias(prior: float, patches: int, rescale: bool = True) -> float:
    """Return the logit at which a bag of P x P equal patches has the probability `prior`.

    It solves Eq. 2 of Li et al. 2018. As the last layer's bias it starts training at the share of
    films that have the class; with a bias of 0 and rescaling a bag would start at .76, .92 or .98
    for 12, 16 or 20 patches a side.

    Raises:
        ValueError: the prior is not above 0 and below `highest_prior`.
    """
    highest = highest_prior(patches, rescale)
    if not 0 < prior < highest:
        raise ValueError(f"a prior of {prior} is not above 0 and below {highest}")
    patch_absent = log1p(-prior) / patches**2
    if not rescale:
        return log(expm1(-patch_absent))
    p = -expm1(patch_absent) / SPAN
    return log(p) - log1p(-p)


def highest_prior(patches: int, rescale: bool = True) -> float:
    """Return the probability of a bag whose P x P patches are all certain.

    With rescaling .9455, .9943 or .9997 for 12, 16 or 20 patches a side, without it 1.
    """
    return -expm1(patches**2 * log(LEAST_FACTOR)) if rescale else 1.0
