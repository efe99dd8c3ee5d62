"""Measurements made one after the other, or two by turns; noisy ones again, an interrupt ends all."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from archcalc.record import Record

if TYPE_CHECKING:
    from archcalc.analyses.latency.measured import Profile, Setting
    from archcalc.cli.measurements import Sheet
    from archcalc.graph import Graph
    from archcalc.pytorch.profile import Measurable
    from archcalc.report.progress import Progress

#: Seconds that quiet is waited for, and cores that others may keep busy meanwhile.
_PATIENCE, _QUIET = 60.0, 0.1


class Subject(Record):
    """What is measured: its name for a person, its graph if it is of a spec, and how it is run under a setting."""

    name: str
    graph: Graph | None
    under: Callable[[Setting], Measurable]


Pair = tuple[Subject, "Setting"]


def each(pairs: Sequence[Pair], sheet: Sheet, retry: int) -> None:
    """Measures each, and prints it before the next is begun."""
    for place, pair in enumerate(pairs, 1):
        count = f"{place} of {len(pairs)}: " if len(pairs) > 1 else ""
        with sheet.going_on():
            for profile in _measured([pair], retry, sheet, f"{count}{pair[0].name}"):
                sheet.add(profile, pair[0].graph)
        if sheet.stopped:
            return


def alternated(pairs: Sequence[Pair], sheet: Sheet, retry: int) -> None:
    """Measures two by turns, and prints both and their ratio."""
    from archcalc.analyses.latency.ratio import ratio

    with sheet.going_on():
        made = _measured(pairs, retry, sheet, " and ".join(dict.fromkeys(subject.name for subject, _ in pairs)))
        for (subject, _), profile in zip(pairs, made, strict=True):
            sheet.add(profile, subject.graph)
        noisy = any(profile.noisy for profile in made)
        sheet.ratio = ratio(*(profile.samples for profile in made), noisy=noisy)


def _measured(pairs: Sequence[Pair], retry: int, sheet: Sheet, name: str) -> list[Profile]:
    """One measurement of these at once, the least noisy of those that it took; raises what measuring raises."""
    from archcalc.pytorch.profile import alternate

    best: list[Profile] = []
    for attempt in range(retry + 1):
        try:
            wanted = [subject.under(setting) for subject, setting in pairs]
            made = alternate(wanted, say=_told(name, sheet.progress))
            best = min([best, made], key=_noise) if best else made
            sheet.stopped |= any(profile.interrupted for profile in made)
            reasons = {noise.sign: noise.seen for profile in made for noise in profile.noise}
            if not reasons or sheet.stopped or attempt == retry:
                break
            sheet.again(name, reasons.values(), f"measured again once it is quiet, {attempt + 1} of {retry}")
            _wait(sheet.progress)
        except KeyboardInterrupt:
            if not best:
                raise
            sheet.stopped = True
            break
    return best


def _told(name: str, progress: Progress) -> Callable[[str, float], None]:
    """Tells a person at what measuring is; each stage has its own time."""
    last = ""

    def say(stage: str, share: float) -> None:
        nonlocal last
        if stage != last:
            last = stage
            progress.begin()
        progress.tell(f"{name}, {stage}", share)

    return say


def _noise(profiles: Sequence[Profile]) -> tuple[int, float]:
    """How many reasons there are to doubt it, and of as many how wide the medians are bounded."""
    wide = [(each.whole.high or each.whole.maximum) - (each.whole.low or 0) for each in profiles]
    share = max(width / max(each.whole.median, 1) for width, each in zip(wide, profiles, strict=True))
    return sum(len(each.noise) for each in profiles), share


def _wait(progress: Progress) -> None:
    """Until a second passes in which next to nothing runs, or patience ends."""
    import psutil

    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        busy = psutil.cpu_percent(1.0) / 100 * (psutil.cpu_count() or 1)
        if busy <= _QUIET:
            return
        progress.tell(f"waiting for quiet: {busy:.1f} cores are busy")
