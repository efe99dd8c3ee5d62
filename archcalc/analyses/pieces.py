"""What the outputs along one axis see of the network's input: exact, periodic, composed window by window.

After an upsampling, neighbouring outputs see windows of different sizes, but the pattern repeats: a Piece holds one
period of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import gcd, lcm
from typing import NamedTuple

from archcalc.algebra import Dim, largest, smallest
from archcalc.layers import Window

#: The first and the last input that an output sees; None if it sees nothing.
Span = tuple[Dim, Dim] | None
Stride = Dim | Fraction

#: Longer periods come from enlarging a thousandfold: no network does, and a hostile text shall not fill the memory.
LONGEST_PERIOD = 1024


class Undecided(Exception):
    """An open symbol, or a period past all use, leaves the field without an answer."""


class Piece(NamedTuple):
    """Output ``period * t + r`` sees ``spans[r]`` moved by ``advance * t``: period outputs go ``advance`` inputs on."""

    period: int
    advance: Dim
    spans: tuple[Span, ...]

    @property
    def stride(self) -> Stride:
        """Inputs between neighbouring outputs, on average."""
        if self.period == 1 or not isinstance(self.advance, int):
            return self.advance
        return self.advance // self.period if self.advance % self.period == 0 else Fraction(self.advance, self.period)

    @property
    def affine(self) -> bool:
        """Whether every output sees what its neighbour sees, moved by a whole stride."""
        if self.period == 1:
            return True
        return isinstance(self.stride, int) and self.spans == tuple(
            span and (span[0] + phase * self.stride, span[1] + phase * self.stride)
            for phase, span in enumerate(self.spans[:1] * self.period)
        )

    def at(self, output: Dim) -> Span:
        """What one output sees."""
        if self.period == 1:
            turn, span = output, self.spans[0]
        elif isinstance(output, int):
            turn, phase = divmod(output, self.period)
            span = self.spans[phase]
        else:
            raise Undecided
        return span and (span[0] + self.advance * turn, span[1] + self.advance * turn)

    def hull(self, outputs: range) -> Span:
        """What some outputs, evenly spaced, see together; empty ones left out."""
        # whatever a phase sees moves on from turn to turn: its first turn has the lowest input, its last the highest
        ahead = [span for output in outputs[: self.period] if (span := self.at(output))]
        behind = [span for output in outputs[-self.period :] if (span := self.at(output))]
        return (smallest(*(low for low, _ in ahead)), largest(*(high for _, high in behind))) if ahead else None

    def through(self, window: Window) -> Piece:
        """What the outputs of a layer see that reads these by ``window``."""
        step, first, last, per = window.step, window.first, window.last, window.per
        if self.period == 1 and per == 1:
            span = self.spans[0]
            moved = span and (span[0] + self.advance * first, span[1] + self.advance * last)
            return Piece(1, self.advance * step, (moved,))
        if not all(isinstance(dim, int) for dim in (self.advance, step, first, last, per, window.gap)):
            raise Undecided
        period = within_reach(int(per * self.period // gcd(int(per * self.period), int(step))))
        spans = tuple(self.hull(inputs_of(window, output)) for output in range(period))
        return Piece(period, self.advance * (step * period // (per * self.period)), spans)

    def over(self, period: int) -> Iterable[Span]:
        """The spans of the first ``period`` outputs."""
        return self.spans if period == self.period else map(self.at, range(period))


#: Along one axis: pieces of different strides, side by side.
Axis = tuple[Piece, ...]

#: The input itself.
ITSELF: Axis = (Piece(1, 1, ((0, 0),)),)
#: Outputs that see nothing, wherever they are: a transposed convolution leaves holes, and a stride may hit only them.
NOTHING: Axis = (Piece(1, 0, (None,)),)


def _seeing(pieces: Iterable[Piece]) -> Axis:
    """Those that see something: what sees nothing has no stride that others could differ from."""
    return tuple([piece for piece in pieces if any(piece.spans)]) or NOTHING


def read(axis: Axis, window: Window) -> Axis:
    """What the outputs of a layer see that reads this axis by ``window``."""
    return _seeing([piece.through(window) for piece in axis])


def inputs_of(window: Window, output: int) -> range:
    """The inputs that one output reads (all numbers known)."""
    step, first, last, per, gap = (int(dim) for dim in (window.step, window.first, window.last, window.per, window.gap))
    common = gcd(per, gap)
    every, target = gap // common, step * output + last
    if target % common:
        return range(0)
    low = (step * output + first) // per
    low += (target // common * pow(per // common, -1, every) - low) % every
    return range(low, target // per + 1, every)


def within_reach(period: int) -> int:
    """The period, if it is not past all use."""
    if period > LONGEST_PERIOD:
        raise Undecided
    return period


def hull(spans: Iterable[Span]) -> Span:
    """The smallest span around several, empty ones left out."""
    seen = [span for span in spans if span]
    if len(seen) < 2:
        return seen[0] if seen else None
    lows, highs = zip(*seen, strict=True)
    return smallest(*lows), largest(*highs)


def merge(branches: Iterable[Axis]) -> Axis:
    """What outputs see that read the same position of every branch: pieces of equal stride become one."""
    by_stride: dict[Stride, Piece] = {}
    for piece in _seeing([piece for branch in branches for piece in branch]):
        other = by_stride.get(piece.stride)
        by_stride[piece.stride] = piece if other is None or other == piece else _together(other, piece)
    return tuple(by_stride.values())


def _together(one: Piece, other: Piece) -> Piece:
    period = within_reach(lcm(one.period, other.period))
    spans = tuple(map(hull, zip(one.over(period), other.over(period), strict=True)))
    return Piece(period, one.advance * (period // one.period), spans)


def aligned(one: Axis, other: Axis) -> bool:
    """Whether two branches have the same stride and, on average over a period, the same centre, or one sees nothing."""
    if NOTHING in (one, other):
        return True
    if len(one) != 1 or len(other) != 1 or one[0].stride != other[0].stride:
        return False
    period = within_reach(lcm(one[0].period, other[0].period))
    pairs = zip(one[0].over(period), other[0].over(period), strict=True)
    off: Dim = 0
    for left, right in pairs:
        if left and right:
            off = off + left[0] + left[1] - right[0] - right[1]
    return off == 0


class Along(NamedTuple):
    """The field along one axis; ``regular``: every output sees a window of this size, moved by a whole stride."""

    size: Dim
    stride: Stride | None
    start: Dim | None
    regular: bool


def along(axis: Axis, outputs: Dim) -> Along:
    """The field of the outputs 0 to ``outputs`` - 1."""
    first = axis[0].spans[0] if len(axis) == 1 else hull(piece.at(0) for piece in axis)
    start = first[0] if first else None
    if len(axis) > 1:
        return Along(largest_size(axis, outputs), None, start, False)
    piece = axis[0]
    size = _size(first) if piece.period == 1 else largest_size(axis, outputs)
    return Along(size, piece.stride, start, piece.affine)


def _size(span: Span) -> Dim:
    return span[1] - span[0] + 1 if span else 0


def largest_size(axis: Axis, outputs: Dim) -> Dim:
    """The most inputs that any of the outputs 0 to ``outputs`` - 1 sees, first to last.

    In each phase the size is a convex function of the turn (a maximum of lines less a minimum of lines): its largest
    value stands at the first or the last turn.
    """
    period = within_reach(lcm(*(piece.period for piece in axis)))
    positions: Iterable[Dim]
    if period == 1:
        positions = (0, outputs - 1)
    elif isinstance(outputs, int):
        positions = {*range(min(period, outputs)), *range(max(0, outputs - period), outputs)}
    else:
        raise Undecided
    return largest(*(_size(hull(piece.at(position) for piece in axis)) for position in positions))
