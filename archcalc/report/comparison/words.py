"""How figures of compared networks are written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from archcalc.analyses.latency.band import Latency
from archcalc.analyses.quantities import BYTES_ONLY
from archcalc.report.numbers import exact, shape, short, size

if TYPE_CHECKING:
    from archcalc.analyses.comparison import Comparison, Line

_NAMES = {"macs": "MACs", "flops": "FLOPs", "training flops": "training FLOPs", "out": "output"}
#: Below these a ratio has so many decimals, so that it has three digits.
_DECIMALS = ((Fraction("9.995"), 2), (Fraction("99.95"), 1))
_FINEST = 6
#: Counts below this are as short when exact.
_LONG = 100_000


def quantity(name: str) -> str:
    """A quantity as reports call it."""
    return _NAMES.get(name, name)


def value(name: str, it: Any, *, brief: bool = False) -> str:
    """A figure, exact or in three digits with its unit; nothing where there is none."""
    if isinstance(it, tuple):
        return shape(it) if name == "out" else "x".join(exact(each) or "none" for each in it)
    if isinstance(it, Latency):
        return _time(it, brief)
    if isinstance(it, Fraction):
        return exact(it if it.denominator > 1 and name == "stride" else float(it))
    if not brief or not isinstance(it, int) or (it < _LONG and name not in BYTES_ONLY):
        return exact(it)
    return size(it) if name in BYTES_ONLY else short(it)


def _time(it: Latency, brief: bool) -> str:
    """``89.33 ms (74.69 to 109.18 ms)``, in short without the band; a bound as ``≥ 1.2 ms``."""
    from archcalc.report.latency import band, told

    return told(it) if brief or it.time is None else f"{told(it)} ({band(it)})"


def ratio(by: Fraction | None) -> str:
    """``2.18x``, ``0.041x``; ``1x`` where both are the same, ``1.00x`` where they nearly are."""
    if by is None:
        return ""
    if by in (0, 1):
        return f"{by}x"
    digits = next((digits for limit, digits in _DECIMALS if by < limit), 0)
    while digits < _FINEST and by and by * 10**digits < Fraction(19, 2) and by < Fraction("0.995"):
        digits += 1  # two digits that tell something
    scaled = (by * 10**digits * 2 + 1) // 2  # half up
    whole, rest = divmod(int(scaled), 10**digits)
    return f"{whole:,}.{rest:0{digits}d}x" if digits else f"{whole:,}x"


def conditions(found: Comparison) -> str:
    """What the figures are for: what all networks have in common."""
    from archcalc.report.latency import of

    inputs = dict.fromkeys(contender.input for contender in found.contenders)
    count = len(found.contenders)
    parts = [f"{count:,} network{'s' if count > 1 else ''}"]
    parts += [f"input {shape(dims)}" for dims in inputs if len(inputs) == 1]
    parts += [f"batch {found.under.batch:,}", found.under.dtype]
    parts += [f"{found.under.optimizer} on {found.under.on}"] if _trained(found.totals) else []
    parts += ["side heads included"] if found.aux else []
    parts += [f"latency on {of(found.target)}"] if found.target is not None else []
    return ", ".join(parts)


def _trained(lines: Sequence[Line]) -> bool:
    from archcalc.analyses.conditions import TRAINED

    return any(line.quantity in TRAINED for line in lines)


def legend(found: Comparison, ratios: bool = True) -> str:
    """What ``ratios``, if they are shown, and marks mean; nothing where there are none."""
    if len(found.contenders) == 1:
        return "nothing to compare it with"
    lines = [*found.totals, *(line for stage in found.stages for line in stage.lines)]
    parts = []
    if ratios and any(ratio is not None for line in lines for ratio in line.ratios[1:]):
        parts.append(f"x: so many times {found.names[0]}'s")
    if any(line.marked for line in lines):
        parts.append("*: the least, where less is better")
    return "; ".join(parts)


def bands(found: Comparison) -> str:
    """What the band of a time means; nothing where no time is predicted."""
    times = (value for line in found.totals for value in line.values if isinstance(value, Latency))
    known = any(time.time is not None for time in times)
    return "latency: nine of ten lie in the band; where bands overlap, none is the least" if known else ""


def unknown(found: Comparison) -> Iterator[str]:
    """What the device was not calibrated for; nothing where it was for all, and where no time is predicted."""
    if found.target is not None:
        from archcalc.report.latency import averaged

        graphs = (contender.graph for contender in found.contenders)
        yield from averaged(found.target.unknown(graph if found.aux else graph.without_aux() for graph in graphs))


def inputs(found: Comparison) -> list[str]:
    """Each network's input, where they differ."""
    shapes = [shape(contender.input) for contender in found.contenders]
    return shapes if len(set(shapes)) > 1 else []
