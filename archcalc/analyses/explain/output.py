"""How the shape of a layer's output comes about."""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.algebra import product
from archcalc.analyses.explain.layer import SIZES, Working
from archcalc.analyses.explain.naming import named
from archcalc.analyses.explain.sides import joined, short, unrounded
from archcalc.analyses.explain.traced import tree_of
from archcalc.analyses.explain.tree import Number, Quotient
from archcalc.analyses.explain.values import Equation, Part
from archcalc.analyses.memory.setting import numeric
from archcalc.graph import windows_over
from archcalc.layers import IMAGE, TOKENS

_SIDES = ("height", "width")


def output(working: Working) -> Part:
    """Each size of the output that is worked out."""
    told = _padding(working) + [
        Equation(what, tree, size)
        for (what, _), tree, size in zip(SIZES[len(working.output)], working.sizes, working.output, strict=True)
        if tree in working.known
    ]
    told.sort(key=lambda each: each.what == "channels")
    if not working.known and working.layer.view and working.output != working.shapes[0]:
        told = _same_numbers(working)
    equations = [each for one in joined(told) for each in unrounded(one)]
    brief = tuple(each.but(what=short(each.what)) for each in equations if not each.exact)
    equations += _keeping(working)
    return Part(
        title="output", equations=tuple(equations), source=working.layer.source if told else "",
        notes=(*_fit(working, equations), *(_told(working) or (() if told else (_taken(working),)))),
        brief=brief,
    )  # fmt: skip


def _fit(working: Working, equations: Sequence[Equation]) -> tuple[str, ...]:
    """What is done where a division leaves something over; only inputs that no window reads are a misfit."""
    rounded = [each for each in equations if each.exact]
    if not rounded:
        return ()
    way = "up" if rounded[0].tree.value > rounded[0].value else "down"
    if any(numeric(axis.unread) > 0 for axis in windows_over(working.layer, working.shapes)):
        return (f"does not fit: rounded {way}",)
    return ("rounded down; only padding is left over" if way == "down" else "rounded up; all is read to the end",)


def _told(working: Working) -> tuple[str, ...]:
    """How many filters or neurons give how many channels or outputs."""
    if working.units is None:
        return ()
    place = 1 if len(working.output) == TOKENS else 0
    what = SIZES[len(working.output)][place][0]
    if working.output_depth == 1:
        return (f"one {working.layer.unit}, one {what.removesuffix('s')}",)
    return (f"{working.output_depth:,} {working.layer.unit}s, as many {what}",)


def _taken(working: Working) -> str:
    """Where a shape comes from that nothing is worked out for."""
    if working.output not in working.shapes:
        return "nothing to work out"
    if len(working.shapes) == 1 or len({*working.shapes}) == 1:
        return f"the shape of its input{'s' if len(working.shapes) > 1 else ''}"
    return f"the shape of input {working.shapes.index(working.output) + 1}"


def _padding(working: Working) -> list[Equation]:
    """What ``pad same`` adds."""
    sides = working.layer.same_padding(*working.shapes) if working.shapes else ()
    trees = map(tree_of, named(working.layer).same_padding(*working.inputs)) if sides else ()
    return [
        Equation(f"padding of the {axis}", tree, numeric(value))
        for axis, tree, value in zip(("height", "width"), trees, sides, strict=sides != ())
    ]


def _keeping(working: Working) -> list[Equation]:
    """The padding that keeps a size, where a window of stride 1 has it."""
    if not working.shapes:
        return []
    plain, reading = working.layer.reads(*working.shapes), working.reading
    if not isinstance(plain, tuple) or not isinstance(reading, tuple) or len(working.output) != IMAGE:
        return []
    told = []
    for axis, (window, traced) in enumerate(zip(plain, reading, strict=True)):
        reach, kept = numeric(window.last - window.first), working.output[axis + 1] == working.shapes[0][axis + 1]
        if kept and (window.step, window.per) == (1, 1) and reach == -2 * numeric(window.first) != 0:
            side = Quotient(tree_of(traced.last - traced.first), Number(2))
            told.append(Equation(f"padding that keeps the {_SIDES[axis]}", side, reach // 2))
    return [each.but(what="padding that keeps the size") for each in told[:1]] if _alike(told) else told


def _same_numbers(working: Working) -> list[Equation]:
    """A view has the numbers of its input."""
    numbers = product(working.output)
    if numbers != product(working.shapes[0]):
        return []
    return [Equation("numbers", tree_of(product(working.inputs[0])), numeric(numbers))]


def _alike(told: Sequence[Equation]) -> bool:
    return len(told) == 2 and told[0].tree == told[1].tree
