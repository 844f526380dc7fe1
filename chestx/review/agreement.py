"""How far two readers agree on each class, in the four states and in present or not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from chestx.review.kappa import Kappa, cohen_kappa, counts
from chestx.review.settle import Cell
from chestx.review.states import PRESENT, STATES, Judgement

ALL = "All"
Pair = tuple[Judgement, Judgement]


@dataclass(frozen=True, slots=True)
class Measured:
    """Pairs of judgements that were compared, the share that agree (None of none), and kappa."""

    n: int
    agreement: float | None
    kappa: Kappa


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two readers, by number, on the cells of a class that both have judged, `both` in number.

    A pair is left out of a measure where a reader who named no state may or may not agree.
    """

    label: str
    readers: tuple[int, int]
    both: int
    states: Measured
    present: Measured


def compare(
    cells: Sequence[Cell], classes: Sequence[str], readers: Sequence[int]
) -> list[Agreement]:
    """Compare each two readers, by class and on all classes together."""
    found = []
    for first, second in combinations(range(len(readers)), 2):
        pairs: dict[str, list[Pair]] = {name: [] for name in classes}
        for cell in cells:
            one, other = cell.judged[first], cell.judged[second]
            if one and other:
                pairs[cell.label].append((one, other))
        numbers = (readers[first], readers[second])
        found += [_agreement(name, numbers, own) for name, own in pairs.items()]
        every = [pair for own in pairs.values() for pair in own]
        found.append(_agreement(ALL, numbers, every))
    return found


def _agreement(label: str, readers: tuple[int, int], pairs: Sequence[Pair]) -> Agreement:
    # Cells of one report depend on each other: the interval for all classes would be too narrow.
    interval = label != ALL
    states = _measured(map(_in_states, pairs), len(STATES) + 1, interval)
    present = _measured(map(_in_present, pairs), 2, interval)
    return Agreement(label, readers, len(pairs), states, present)


def _measured(pairs: Iterable[tuple[int, int] | None], categories: int, interval: bool) -> Measured:
    known = [pair for pair in pairs if pair is not None]
    kappa = cohen_kappa(counts(known, categories))
    alike = sum(first == second for first, second in known)
    share = alike / len(known) if known else None
    return Measured(len(known), share, kappa if interval else Kappa(kappa.value))


def _in_states(pair: Pair) -> tuple[int, int] | None:
    """Return the readers' categories: a state, or another than the other reader's."""
    first, second = pair
    sizes = sorted((len(first), len(second)))
    if sizes[0] > 1 or (sizes[1] > 1 and first & second):
        return None
    return _category(first), _category(second)


def _category(judgement: Judgement) -> int:
    return STATES.index(next(iter(judgement))) if len(judgement) == 1 else len(STATES)


def _in_present(pair: Pair) -> tuple[int, int] | None:
    first, second = map(is_present, pair)
    return None if first is None or second is None else (int(first), int(second))


def is_present(judgement: Judgement) -> bool | None:
    """Tell whether a reader holds a class present, None where it is left open."""
    if PRESENT not in judgement:
        return False
    return True if len(judgement) == 1 else None
