"""A rule of time for each routine, learnt from measured layers: overhead + operations / rate + bytes / rate.

On CPUs the sum fits better than the longer of both, as reading and computing overlap little. Coefficients are not
negative, errors relative and alike for twice and half; far outliers, as a run that another process held up, count less.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import exp, log, sqrt
from typing import TYPE_CHECKING

from archcalc.analyses.latency.calibration import ANY, Routine
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


def fit(rows: Sequence[Row]) -> tuple[Routine, ...]:
    """A rule for each routine among the rows, and one (``ANY``) for those that are not among them.

    The band of a rule is what it misses layers by that stood in networks it did not learn from.
    """
    by_routine: dict[str, list[Row]] = {}
    for row in rows:
        by_routine.setdefault(row.work.routine, []).append(row)
    working = [row for row in rows if row.work.routine != IDLE]
    return tuple(_routine(name, of) for name, of in sorted({**by_routine, ANY: working}.items()) if of)


def _routine(name: str, rows: Sequence[Row]) -> Routine:
    rule = _rule(rows)
    missed = sorted(_missed(rows))
    below, above = _band(missed)
    return Routine(
        name=name,
        overhead=rule[0],
        operation=rule[1],
        byte=rule[2],
        rows=len(rows),
        error=sum(abs(exp(-each) - 1) for each in missed) / len(missed),
        below=exp(below),
        above=exp(above),
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


def _missed(rows: Sequence[Row]) -> Iterator[float]:
    """Logarithms of measured over said, by rules learnt from other networks; from all where there are no others."""
    networks = list(dict.fromkeys(row.network for row in rows))
    for turn in range(min(len(networks), _TURNS)):
        left_out = set(networks[turn::_TURNS])
        rule = _rule([row for row in rows if row.network not in left_out] or rows)
        for row in rows:
            if row.network in left_out:
                said = sum(each * feature for each, feature in zip(rule, _features(row.work), strict=True))
                yield log(max(row.time, _LEAST) / max(said, _LEAST))


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
