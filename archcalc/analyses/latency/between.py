"""Two measurements that were taken apart, on two days or two machines: what differs, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import sqrt
from typing import Any

from archcalc.analyses.latency.measured import Profile
from archcalc.analyses.latency.timing import CONFIDENCE, median_rank, timing
from archcalc.analyses.latency.verdict import Verdict, verdict
from archcalc.record import Configuration, Record


class Independent(Record):
    """How many times as long as one the other takes, by their medians; ``low`` and ``high`` bound that with at least
    95 % confidence, None of too few samples."""

    ratio: Fraction
    low: Fraction | None
    high: Fraction | None

    @property
    def verdict(self) -> Verdict:
        return verdict(self.ratio, self.low, self.high)


def independent(before: Sequence[int], after: Sequence[int]) -> Independent:
    """The ratio of the medians of samples that were not taken in pairs.

    Each median lies between two order statistics, whatever the distribution, so surely that both do at once with 95 %
    confidence, the square root for each; then their ratio lies between the ratios of the ends.
    """
    ratio = Fraction(timing(after).median, max(timing(before).median, 1))
    old, new = _ends(before), _ends(after)
    if old is None or new is None:
        return Independent(ratio, None, None)
    (least, most), (low, high) = old, new
    return Independent(ratio, Fraction(low, max(most, 1)), Fraction(high, max(least, 1)))


def _ends(samples: Sequence[int]) -> tuple[int, int] | None:
    rank = median_rank(len(samples), sqrt(CONFIDENCE))
    if rank is None:
        return None
    ordered = sorted(samples)
    return ordered[rank - 1], ordered[-rank]


class Difference(Record):
    """A fact that two measurements tell differently, as ``setting.threads``; None where one does not tell it."""

    name: str
    before: Any
    after: Any


class Moved(Record):
    """A layer, or a phase of a training step, before and after, in nanoseconds; None where there was none."""

    name: str
    kind: str
    before: int | None
    after: int | None

    @property
    def change(self) -> int:
        return (self.after or 0) - (self.before or 0)


class Between(Configuration):
    """Two measurements: ``whole``, how their medians stand to each other; ``parts``, what they are made of, those that
    changed most first."""

    before: Profile
    after: Profile
    whole: Independent
    differences: tuple[Difference, ...]
    parts: tuple[Moved, ...]

    @property
    def verdict(self) -> Verdict:
        """That of the samples, or ``doubtful`` where one of the two is noisy: its samples do not tell how it runs."""
        return "doubtful" if self.before.noisy or self.after.noisy else self.whole.verdict


def between(before: Profile, after: Profile) -> Between:
    """What is different in the second of two measurements."""
    return Between(
        before=before,
        after=after,
        whole=independent(before.samples, after.samples),
        differences=tuple(_differences(_facts(before), _facts(after))),
        parts=_parts(before, after),
    )


def _facts(profile: Profile) -> dict[str, Any]:
    """What a measurement hangs on, by names with dots."""
    made: dict[str, Any] = {"network": profile.network, "digest": profile.digest}
    made |= {"inputs": [list(each) for each in profile.inputs]}
    made |= dict(_flat("values", profile.values))
    made |= {f"setting.{name}": getattr(profile.setting, name) for name in profile.setting.fields}
    return made | dict(_flat("machine", profile.machine))


def _flat(name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _flat(f"{name}.{key}", item)
    else:
        yield name, value


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for name in dict.fromkeys((*before, *after)):
        pair = before.get(name), after.get(name)
        if pair[0] != pair[1]:
            yield Difference(name, *pair)


def _parts(before: Profile, after: Profile) -> tuple[Moved, ...]:
    """Layers by name, phases where both have nothing else; none where one of the two has neither."""
    for kind in ("layers", "phases"):
        old, new = ({each.name: each for each in getattr(profile, kind)} for profile in (before, after))
        if old and new:
            break
    else:
        return ()
    made = []
    for name in dict.fromkeys((*old, *new)):
        was, now = old.get(name), new.get(name)
        what = getattr(now or was, "kind", "phase")
        made.append(Moved(name, what, was and was.time.median, now and now.time.median))
    return tuple(sorted(made, key=lambda part: -abs(part.change)))
