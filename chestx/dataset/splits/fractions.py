"""The shares of training, validation and test set, as a user types them."""

import math

from chestx.errors import ChestxError

Fractions = tuple[float, float, float]


def parse_fractions(text: str) -> Fractions:
    """Return the shares of train, val and test, which sum to 1, from `70,10,20` or `0.7,0.1,0.2`.

    Raises `ChestxError` for anything else.
    """
    try:
        train, val, test = (float(part) for part in text.split(","))
    except ValueError:
        raise _wrong(text) from None
    total = math.fsum((train, val, test))
    if min(train, val, test) < 0 or not any(math.isclose(total, whole) for whole in (1, 100)):
        raise _wrong(text)
    return train / total, val / total, test / total


def _wrong(text: str) -> ChestxError:
    return ChestxError(
        f"'{text}' is no split: give the percentages of train, val and test, which sum to 100, "
        "such as 70,10,20"
    )
