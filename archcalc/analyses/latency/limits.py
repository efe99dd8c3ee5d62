"""Limits on latency and throughput held against a prediction: kept, broken, or not to be told."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor
from typing import Any, NamedTuple

from archcalc.analyses.claimed import agrees, written
from archcalc.analyses.latency.asked import Forecast
from archcalc.analyses.latency.band import Latency, Throughput
from archcalc.analyses.memory.setting import OpenSize
from archcalc.analyses.quantities import Answer
from archcalc.analyses.subjects import Subject
from archcalc.claims import Claim, Figure, asked
from archcalc.diagnostics import Diagnostic
from archcalc.history import Unusable
from archcalc.sizes import TIMES

#: Digits of a time in a sentence, and how many of what takes most are told.
_DIGITS, _TOLD = 3, 3
_MOST = 10


class Verdict(NamedTuple):
    """Whether a limit holds, None where that cannot be told; what is predicted; and what is to be said."""

    holds: bool | None
    computed: int | float | None = None
    said: Diagnostic | None = None


def judged(claim: Claim, about: Subject) -> Verdict:
    """What becomes of a limit on a time or a rate."""
    try:
        forecast = about.measure.forecast
    except OpenSize:
        return Verdict(None)
    except Unusable as error:
        return Verdict(None, said=_undecided(claim, about, str(error), None))
    latency = about.measure.latency(about.region)
    found = latency if about.quantity == "latency" else latency.throughput(forecast.batch)
    if found.time is None:
        return _bounded(claim, about, forecast, found)
    holds, sure = (_holds(claim, about, value) for value in (found.time, _worst(claim, found)))
    if not holds:
        return Verdict(False, _computed(found), _broken(claim, about, forecast, found))
    if sure:
        return Verdict(True, _computed(found))
    message = f"{_asked(claim, about)} holds by a prediction of {_band(claim, found)}: it lies within the error"
    notes = (_calibrated(forecast),)
    return Verdict(True, _computed(found), _warning(claim, message, "archcalc profile measures it", notes))


Found = Latency | Throughput


def _computed(found: Found) -> int | float | None:
    return float(found.time) if isinstance(found.time, Fraction) else found.time


def _holds(claim: Claim, about: Subject, value: int | Fraction | None) -> bool:
    return agrees(about.quantity, claim.operator, claim.expected, Answer(value)) is True


def _worst(claim: Claim, found: Found) -> int | Fraction | None:
    """The end of the band that is nearer to breaking the limit, or beyond it."""
    return found.high if claim.operator in ("<=", "<") else found.low


def _bounded(claim: Claim, about: Subject, forecast: Forecast, found: Found) -> Verdict:
    """What is known of a limit without a prediction: what no program passes decides it, or nothing does."""
    target, notes = forecast.target, tuple[str, ...]()
    if found.bound is not None:
        least = about.quantity == "latency"
        bound = _said(claim, found.bound, floor if least else ceil)
        says = f"no program {'is faster than' if least else 'does more than'} {bound}"
        within = _holds(claim, about, found.bound)
        if (claim.operator in ("<=", "<")) is not least:
            if within:
                return Verdict(True)
        elif not within:
            source = f"by the published peaks of {target.name}, in {target.dtype}"
            message = f"expected {_asked(claim, about)}, {says}"
            return Verdict(False, said=Diagnostic("A204", message, claim.span, notes=(source,)))
        notes = (f"{says}, by the published peaks of {target.name}",)
    why, _, repair = target.missing.partition(": ")
    return Verdict(None, said=_undecided(claim, about, why, repair or None, *notes))


def _undecided(claim: Claim, about: Subject, why: str, repair: str | None, *notes: str) -> Diagnostic:
    return _warning(claim, f"whether {_asked(claim, about)} cannot be told: {why}", repair, notes)


def _warning(claim: Claim, message: str, help: str | None, notes: tuple[str, ...]) -> Diagnostic:
    return Diagnostic("A208", message, claim.span, "warning", notes=notes, help=help)


def _broken(claim: Claim, about: Subject, forecast: Forecast, found: Found) -> Diagnostic:
    notes = [_most(about, forecast), _calibrated(forecast)]
    if _holds(claim, about, found.low) or _holds(claim, about, found.high):
        notes.insert(0, "the limit lies within the error: archcalc profile measures what it takes")
    message = f"expected {_asked(claim, about)}, predicted {_band(claim, found)}"
    return Diagnostic("A204", message, claim.span, notes=tuple(notes))


def _asked(claim: Claim, about: Subject) -> str:
    place = f" at {about.name}" if about.name else ""
    return f"{asked(about.quantity, claim.under)}{place} {claim.operator} {written(claim.expected)}"


def _band(claim: Claim, found: Found) -> str:
    """``25.3 ms (nine of ten between 22.1 ms and 29.0 ms)``."""
    assert found.time is not None and found.low is not None and found.high is not None
    said = (_said(claim, value) for value in (found.time, found.low, found.high))
    return "{} (nine of ten between {} and {})".format(*said)


def _said(claim: Claim, value: int | Fraction, rounded: Callable[[Fraction], int] = round) -> str:
    """A time in the unit of the limit, or its own where that is far too long, or a rate; in as many digits as tell it
    from the limit."""
    figure = claim.expected
    assert isinstance(figure, Figure)
    unit = re.search(r"[a-zµμ]+$", figure.text)
    each, name = (TIMES[unit[0]], unit[0]) if unit and claim.quantity == "latency" else (1, "images/s")
    if name in TIMES and value * 10**_DIGITS < each:
        name = next(name for name in ("ms", "us", "ns") if value >= TIMES[name] or name == "ns")
        each = TIMES[name]
    shown = Fraction(value, each)
    for digits in range(max(_DIGITS - len(str(int(shown))), 0) if shown >= 1 else _DIGITS, _MOST):
        nearly = Fraction(rounded(shown * 10**digits), 10**digits)
        if value == figure.value or nearly * each != figure.value:
            break
    return f"{float(nearly):,.{digits}f} {name}"


def _most(about: Subject, forecast: Forecast) -> str:
    """What takes most of the time, as it is run."""
    assert forecast.prediction is not None
    taken: dict[str, int] = {}
    for index in about.region.nodes:
        layer = forecast.prediction.layers[index]
        taken[layer.routine] = taken.get(layer.routine, 0) + layer.time
    whole = max(sum(taken.values()), 1)
    most: list[Any] = sorted(taken, key=lambda routine: -taken[routine])[:_TOLD]
    return "most of it: " + ", ".join(f"{routine} {100 * taken[routine] / whole:.0f} %" for routine in most)


def _calibrated(forecast: Forecast) -> str:
    """By what it was predicted."""
    found = forecast.target.calibration
    assert found is not None
    threads = f", {found.threads} thread{'s' if found.threads > 1 else ''}" if found.threads else ""
    noisy = ", which was noisy" if found.noisy else ""
    missing = forecast.prediction.unknown if forecast.prediction else ()
    other = f"; not among it: {', '.join(missing)}" if missing else ""
    return f"by the calibration of {found.started[:10]} on {found.machine}, {found.dtype}{threads}{noisy}{other}"
