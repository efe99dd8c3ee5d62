"""A rule of time for each routine, learnt from measured layers: overhead + operations / rate + bytes / rate.

On CPUs the sum fits better than the longer of both, as reading and computing overlap little. Coefficients are not
negative, errors relative and alike for twice and half; far outliers, as a run that another process held up, count less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from math import ceil, exp, log, sqrt
from typing import TYPE_CHECKING

from archcalc.analyses.latency.calibration import ANY, Routine, root_of_squares
from archcalc.analyses.latency.work import IDLE, Work
from archcalc.record import Record

if TYPE_CHECKING:
    from numpy import ndarray

#: Steps of the reweighting, after which coefficients move by less than a thousandth.
_STEPS = 8
#: A logarithm of measured over said beyond this counts less (Huber).
_FAR = 0.25
#: A rule is tried on so many parts of the networks, learnt each time from the others.
_TURNS = 10
#: Nine of ten: an interval of so many measured layers' errors, of at least so many.
_SHARE, _ENOUGH = 0.9, 19
#: No rule says less than a nanosecond.
_LEAST = 1.0
#: What a machine does not repeat itself within, in logarithms.
_FLOOR = 0.1


class Row(Record):
    """One measured layer: its work, nanoseconds, and the network that it ran in."""

    work: Work
    time: int
    network: str


class Fit(Record):
    """A rule for each routine, and by how much the band of a whole network is wider than if each erred for itself."""

    routines: tuple[Routine, ...]
    spread: float


def fit(rows: Sequence[Row]) -> Fit:
    """A rule for each routine among the rows, and one (``ANY``) for those that are not among them.

    The bands tell what rules miss by in networks that they did not learn from.
    """
    by_routine: dict[str, list[Row]] = {}
    for row in rows:
        by_routine.setdefault(row.work.routine, []).append(row)
    working = [row for row in rows if row.work.routine != IDLE]
    found, tried = list[Routine](), list[_Tried]()
    for name in sorted(by_routine):
        own = [*_tried(by_routine[name])]
        found.append(_routine(name, by_routine[name], own))
        tried += own
    any_ = [_routine(ANY, working, [*_tried(working)])] if working else []
    return Fit((*found, *any_), _spread(tried, {rule.name: rule for rule in found}))


def _routine(name: str, rows: Sequence[Row], tried: Sequence[_Tried]) -> Routine:
    rule, missed = _rule(rows), [each.missed for each in tried]
    below, above = _band(sorted(missed))
    all_below, all_above = _band(sorted(_summed(own).missed for own in _networks(tried).values()))
    return Routine(
        name=name,
        overhead=rule[0],
        operation=rule[1],
        byte=rule[2],
        rows=len(rows),
        error=sum(abs(exp(-each) - 1) for each in missed) / len(missed),
        below=exp(below),
        above=exp(above),
        # a sum is no less sure than its parts
        all_below=exp(max(all_below, below)),
        all_above=exp(min(all_above, above)),
        most_bytes=max(row.work.moved_bytes for row in rows),
    )


def _rule(rows: Sequence[Row]) -> tuple[float, float, float]:
    """Nanoseconds: in any case, an operation and a byte."""
    import numpy as np

    features = np.array([_features(row.work) for row in rows])
    times = np.array([max(row.time, _LEAST) for row in rows], dtype=float)
    weights = 1 / times
    for _ in range(_STEPS):
        rule = _non_negative(features * weights[:, None], times * weights)
        said = np.maximum(features @ rule, _LEAST)
        far = np.maximum(np.abs(np.log(said / times)) / _FAR, 1)
        weights = 1 / np.sqrt(said * times * far)
    return float(rule[0]), float(rule[1]), float(rule[2])


def _features(work: Work) -> tuple[float, float, float]:
    return 1.0, float(work.flops), float(work.moved_bytes)


def _non_negative(features: ndarray, target: ndarray) -> ndarray:
    """Least squares without negative coefficients: the best of all choices of which are none."""
    import numpy as np

    count = features.shape[1]
    scale = np.where((largest := np.abs(features).max(axis=0)) == 0, 1, largest)
    best, error = np.zeros(count), float("inf")
    for size in range(1, count + 1):
        for chosen in map(list, combinations(range(count), size)):
            part = features[:, chosen] / scale[chosen]
            found, *_ = np.linalg.lstsq(part, target, rcond=None)
            left = float(((part @ found - target) ** 2).sum())
            if (found >= 0).all() and left < error * (1 - 1e-9):
                best, error = np.zeros(count), left
                best[chosen] = found / scale[chosen]
    return best


class _Tried(Record):
    """A layer, or all of a routine in a network: nanoseconds, and those that a rule says that does not know it."""

    network: str
    routine: str
    time: float
    said: float

    @property
    def missed(self) -> float:
        """The logarithm of measured over said."""
        return log(max(self.time, _LEAST) / max(self.said, _LEAST))


def _tried(rows: Sequence[Row]) -> Iterator[_Tried]:
    """Each row beside what a rule says that was learnt from other networks; from all where there are no others."""
    networks = list(dict.fromkeys(row.network for row in rows))
    for turn in range(min(len(networks), _TURNS)):
        left_out = set(networks[turn::_TURNS])
        rule = _rule([row for row in rows if row.network not in left_out] or rows)
        for row in rows:
            if row.network in left_out:
                said = sum(each * feature for each, feature in zip(rule, _features(row.work), strict=True))
                yield _Tried(row.network, row.work.routine, row.time, said)


def _networks(tried: Iterable[_Tried]) -> dict[str, list[_Tried]]:
    found: dict[str, list[_Tried]] = {}
    for each in tried:
        found.setdefault(each.network, []).append(each)
    return found


def _summed(tried: Sequence[_Tried]) -> _Tried:
    return tried[0].but(time=sum(each.time for each in tried), said=sum(each.said for each in tried))


def _spread(tried: Iterable[_Tried], rules: Mapping[str, Routine]) -> float:
    """What nine of ten networks miss by, in bands of rules that have nothing to do with each other: one, or more where
    all layers of a network err alike."""
    shares = list[float]()
    for own in _networks(tried).values():
        parts: dict[str, list[_Tried]] = {}
        for each in own:
            parts.setdefault(each.routine, []).append(each)
        said = [(rules[name], _summed(part).said) for name, part in parts.items()]
        whole = _summed(own)
        reach = root_of_squares(rule.reach(each, whole.missed > 0) for rule, each in said)
        shares.append((exp(abs(whole.missed)) - 1) * whole.said / reach)
    shares.sort()
    return max([1.0, *shares[: min(ceil(_SHARE * (len(shares) + 1)), len(shares))]])


def _band(missed: Sequence[float]) -> tuple[float, float]:
    """Between which nine of ten new errors lie, as far as these errors (ascending) tell.

    Between the k-th and the last but k of n errors lies a new one with probability 1 - 2 k / (n + 1). Of fewer than 19
    not even the outermost reach nine tenths: the band is widened, the more the fewer they are.
    """
    count = len(missed)
    if count >= _ENOUGH:
        skipped = int((1 - _SHARE) / 2 * (count + 1)) - 1
        return min(missed[skipped], -_FLOOR), max(missed[-1 - skipped], _FLOOR)
    reach = max(abs(missed[0]), abs(missed[-1]), _FLOOR) * sqrt(_ENOUGH / count)
    return -reach, reach
