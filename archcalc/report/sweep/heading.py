"""What a sweep was of, and what became of its points, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from archcalc.analyses.sweep.latency import LATENCY
from archcalc.record import Configuration
from archcalc.report.numbers import shape

if TYPE_CHECKING:
    from archcalc.analyses.sweep import Request, Sweep, Tally
    from archcalc.analyses.sweep.variables import Variable
    from archcalc.layers import Shape

#: Reasons that are told; the others are counted.
_TOLD = 6


class Swept(Configuration):
    """The network that is swept, and what of it; ``swaps`` are the rules that a variable ``swap`` numbers from 1."""

    network: str
    title: str
    file: str
    input: Shape
    sweep: Sweep
    swaps: tuple[str, ...] = ()

    @property
    def request(self) -> Request:
        return self.sweep.request

    def is_time(self, name: str) -> bool:
        """Whether a column is nanoseconds, and no variable of that name."""
        return name in LATENCY and all(each.name != name for each in self.request.variables)

    def key(self, name: str) -> str:
        """A column as files call it, a time with its unit."""
        return name.replace(" ", "_") + "_ns" * self.is_time(name)


def conditions(swept: Swept) -> Iterator[str]:
    """What the figures are for, line by line."""
    request, space = swept.request, swept.sweep.space
    asked, roles = request.asked, space.roles.values()
    parts = [] if {"H", "W"} & set(roles) else [f"input {shape(swept.input)}"]
    parts += [] if "batch" in roles else [f"batch {asked.batch}"]
    parts += [] if "dtype" in roles else [asked.dtype]
    parts += [f"on {asked.on}"] if asked.on != "cpu" else []
    parts += ["side heads included"] if asked.aux else []
    yield ", ".join(parts)
    for place, each in enumerate(request.variables):
        follows = f", {space.tied} = {each.name}" if space.tied and space.roles[each.name] in ("H", "W") else ""
        yield ("        " if place else "varied: ") + _values(each) + follows
    for number, rule in enumerate(swept.swaps, 1):
        yield f"swap {number}: {rule}"
    yield from _calibrations(swept)
    if request.sample and swept.sweep.size < swept.sweep.grid.size:
        yield f"a sample of {swept.sweep.size:,} of {swept.sweep.grid.size:,} points, seed {request.seed}"
    if request.objectives:
        best = f"best {request.top:,} in order" if request.top else "Pareto front"
        yield f"{best}: {', '.join(f'{each.sense} {each.name}' for each in request.objectives)}"


def _calibrations(swept: Swept) -> Iterator[str]:
    """What latency is predicted from."""
    clock = swept.sweep.space.asked.clock
    if clock is not None:
        from archcalc.report.prediction.text import learnt, where

        for calibration in clock.calibrations.values():
            yield f"latency in {where(calibration)}"
            yield f"        {learnt(calibration)}"


def _values(variable: Variable) -> str:
    """``width = 16 to 256 step 16 (16 values)``."""
    values, count = variable.values, len(variable.values)
    if isinstance(values, range) and count > 1:
        step = f" step {values.step}" if values.step > 1 else ""
        return f"{variable.name} = {values[0]} to {values[-1]}{step} ({count:,} values)"
    listed = ", ".join(str(value) for value in values[:8])
    return f"{variable.name} = {listed}" + (f", ... ({count:,} values)" if count > 8 else "")


def outcome(swept: Swept) -> Iterator[str]:
    """What became of the points, line by line; where none is told, the error says why."""
    tally, request = swept.sweep.tally, swept.request
    whole = swept.sweep.size
    looked = f"{tally.points:,} of {count(whole, 'point')} looked at" if tally.points < whole else count(whole, "point")
    yield f"{looked}, {count(tally.networks, 'network')}, {_told(swept)}"
    if tally.told:
        yield from reasons(tally)
    if tally.undefined:
        names = " or ".join(each.name for each in request.objectives)
        yield f"{count(tally.undefined, 'network')} without {names}"
    if tally.singly:
        yield f"{count(tally.singly, 'point')} worked out one by one: no closed form holds there"
    clock = swept.sweep.space.asked.clock
    if clock is not None and clock.unknown:
        yield f"not calibrated: {', '.join(clock.unknown)}, taken for an average of all others"


def _told(swept: Swept) -> str:
    tally, request = swept.sweep.tally, swept.request
    if not request.objectives:
        return f"{tally.told:,} told"
    return f"the best {tally.told:,}" if request.top else f"{tally.told:,} on the Pareto front"


def reasons(tally: Tally) -> Iterator[str]:
    """Why points are no networks, and what each condition rules out."""
    known = tally.invalid.most_common()
    for why, points in known[:_TOLD]:
        yield f"{count(points, 'point')} {'is' if points == 1 else 'are'} no network: {why}"
    if len(known) > _TOLD:
        rest = sum(points for _, points in known[_TOLD:])
        yield f"{count(rest, 'point')} {'is' if rest == 1 else 'are'} none for {len(known) - _TOLD:,} other reasons"
    for text, networks in tally.failed.items():
        yield f"'{text}' rules out {networks:,} of {count(tally.networks, 'network')}"


def count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def listed(column: Any, size: int) -> Sequence[Any]:
    """A column as Python's own values, one a row."""
    return column.tolist() if hasattr(column, "dtype") else [column] * size
