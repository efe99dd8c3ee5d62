"""Ways to reach a receptive field: chains of layers, none of whose figures are known here.

After each convolution stands a ReLU, behind a batch normalisation if that is asked for. Between the convolutions of a
stack there are as many channels as it gives.
"""

from __future__ import annotations

from collections.abc import Iterator

from archcalc.layers import Activation, AvgPool, BatchNorm, Conv, Layer, MaxPool, Pad
from archcalc.record import Configuration, Record

#: Up to this field every mix of kernels and dilations is a way; beyond, only even stacks of small kernels.
EVERY_MIX = 21
_SMALL = (3, 5, 7)
_LISTED = 2

Kernels = tuple[int, ...]


class Way(Record):
    """A chain of layers, what it is called, and the family that it belongs to."""

    family: str
    name: str
    layers: tuple[Layer, ...]


class Style(Configuration):
    """What is asked for: channels ``into`` and ``out``, and what surrounds a convolution.

    ``reduce`` divides the channels inside a bottleneck.
    """

    into: int
    out: int
    bias: bool = False
    bn: bool = False
    reduce: int = 4

    @property
    def narrow(self) -> int | None:
        """Channels inside a bottleneck; None where they are no whole number, or it would not narrow."""
        whole = self.out % self.reduce == 0 and self.reduce > 1
        return self.out // self.reduce if whole else None

    def conv(
        self, channels: int, height: int, width: int, *, stride: int = 1, dilation: int = 1, groups: int = 1
    ) -> tuple[Layer, ...]:
        """A convolution that keeps the size (at stride 2: halves it, rounded up), and what stands behind it."""
        (high, odd), (wide, odd_too) = (divmod(dilation * (side - 1), 2) for side in (height, width))
        pad = Pad(same=True) if odd or odd_too else Pad((high, high), (wide, wide))
        made = Conv(
            channels=channels, kernel=(height, width), stride=(stride, stride), dilation=(dilation, dilation), pad=pad,
            groups=groups, bias=self.bias,
        )  # fmt: skip
        return (made, *([BatchNorm()] if self.bn else []), Activation(function="relu"))

    def stack(self, kernels: Kernels) -> tuple[Layer, ...]:
        """Square kernels in a row."""
        return _joined(self.conv(self.out, kernel, kernel) for kernel in self._ordered(kernels))

    def in_turns(self, kernels: Kernels) -> tuple[Layer, ...]:
        """Each kernel as a column and a row (Szegedy et al. 2016, section 3.2)."""
        sides = (side for kernel in self._ordered(kernels) for side in ((kernel, 1), (1, kernel)))
        return _joined(self.conv(self.out, *side) for side in sides)

    def separable(self, kernels: Kernels) -> tuple[Layer, ...]:
        """Each kernel on every channel alone, then a 1x1 over all channels (Howard et al. 2017)."""
        into, parts = self.into, []
        for kernel in self._ordered(kernels):
            parts += [self.conv(into, kernel, kernel, groups=into), self.conv(self.out, 1, 1)]
            into = self.out
        return _joined(parts)

    def bottleneck(self, kernels: Kernels, narrow: int) -> tuple[Layer, ...]:
        """The kernels between a 1x1 to fewer channels and a 1x1 back (He et al. 2016, section 4.1)."""
        inner = [self.conv(narrow, kernel, kernel) for kernel in kernels if kernel > 1]
        return _joined([self.conv(narrow, 1, 1), *inner, self.conv(self.out, 1, 1)])

    def dilated(self, dilations: Kernels) -> tuple[Layer, ...]:
        return _joined(self.conv(self.out, 3, 3, dilation=dilation) for dilation in dilations)

    def _ordered(self, kernels: Kernels) -> Kernels:
        """Largest first, or last where more channels come in than go out: the first layer alone reads these."""
        return kernels if self.into <= self.out else kernels[::-1]


def ways(field: int, style: Style) -> Iterator[Way]:
    """Every way to see ``field`` x ``field`` and keep the size, the one kernel first."""
    one = (field,)
    bases = tuple(dict.fromkeys((one, even_stack(field, 3))))
    yield Way("one kernel", named(one), style.stack(one))
    for kernels in stacks(field):
        yield Way("stack", named(kernels), style.stack(kernels))
    for kernels in bases:
        if field > 1:
            parts = [f"{kernel}x1, 1x{kernel}" for kernel in kernels]
            yield Way("1xN, Nx1", listed(parts), style.in_turns(kernels))
    for dilations in spreads(field):
        yield Way("dilated", f"3x3 dilation {', '.join(map(str, dilations))}", style.dilated(dilations))
    for kernels in bases:
        if field > 1:
            parts = [f"dw {kernel}x{kernel}, 1x1" for kernel in kernels]
            yield Way("depthwise separable", listed(parts), style.separable(kernels))
    for kernels in bases if style.narrow else ():
        inner = [f"{kernel}x{kernel}" for kernel in kernels if kernel > 1]
        name = ", ".join([f"1x1/{style.reduce}", *([listed(inner)] if inner else []), "1x1"])
        yield Way("bottleneck", name, style.bottleneck(kernels, style.narrow or 1))


def halvings(field: int, style: Style, odd: bool) -> Iterator[Way]:
    """Ways to halve the size with such a kernel, the strided one first; ``odd``: a size is, and pools round up as
    strides do."""
    one, small = (field,), even_stack(field, 3)
    largest, mean = (kind(kernel=(2, 2), stride=(2, 2), ceil=odd) for kind in (MaxPool, AvgPool))
    strided = style.conv(style.out, field, field, stride=2)
    yield Way("strided", f"{named(one)}/2", strided)
    yield Way("pooled", f"{named(one)}, max pool 2x2", (*style.stack(one), largest))
    yield Way("pooled", f"{named(one)}, avg pool 2x2", (*style.stack(one), mean))
    yield Way("pooled", f"max pool 2x2, {named(one)}", (largest, *style.stack(one)))
    # a strided convolution in the place of the pool (Springenberg et al. 2015, All-CNN)
    yield Way("strided", f"{named(one)}, 3x3/2", (*style.stack(one), *style.conv(style.out, 3, 3, stride=2)))
    if small != one:
        *before, last = small
        end = style.conv(style.out, last, last, stride=2)
        name = f"{listed([f'{kernel}x{kernel}' for kernel in before])}, {last}x{last}/2"
        yield Way("strided", name, (*style.stack(tuple(before)), *end))
        yield Way("pooled", f"{named(small)}, max pool 2x2", (*style.stack(small), largest))


def alone(field: int, style: Style) -> Iterator[Way]:
    """One convolution of each size: small ones, and that of the field."""
    for kernel in sorted({1, *_SMALL, field}):
        if kernel <= field:
            yield Way("one kernel", named((kernel,)), style.stack((kernel,)))


def stacks(field: int) -> Iterator[Kernels]:
    """Two kernels or more, largest first, whose (k - 1) sum to field - 1: odd ones, one even where the field is."""
    if field > EVERY_MIX:
        yield from dict.fromkeys(even_stack(field, kernel) for kernel in _SMALL[::-1])
        return
    # one part is the kernel of the field's own size
    found = [parts for parts in _sums(field - 1, field - 2) if parts and sum(part % 2 for part in parts) <= 1]
    for parts in sorted(found, key=len):
        yield tuple(part + 1 for part in parts)


def even_stack(field: int, kernel: int) -> Kernels:
    """As many of one kernel as the field holds, and one of what is left; the field's own where it holds none."""
    count, rest = divmod(field - 1, kernel - 1)
    return tuple(sorted([kernel] * count + [rest + 1] * (rest > 0), reverse=True)) or (1,)


def spreads(field: int) -> Iterator[Kernels]:
    """Dilations of 3x3s, all different and the smallest first, whose sum is half of field - 1; none is all 1s."""
    half, odd = divmod(field - 1, 2)
    if odd or half < 2:
        return
    if field > EVERY_MIX:
        yield (half,)
        doubled = [1]
        while sum(doubled) + 2 * doubled[-1] <= half:
            doubled.append(2 * doubled[-1])
        rest = half - sum(doubled)
        yield tuple(sorted([*doubled, *([rest] if rest else [])]))
        return
    found = [parts for parts in _sums(half, half) if len(set(parts)) == len(parts)]
    for parts in sorted(found, key=len):
        yield parts[::-1]


def _sums(total: int, most: int) -> Iterator[Kernels]:
    """Every way to write a number as a sum, largest first, none above ``most``."""
    if total == 0:
        yield ()
    for part in range(min(total, most), 0, -1):
        for others in _sums(total - part, part):
            yield (part, *others)


def named(kernels: Kernels) -> str:
    return listed([f"{kernel}x{kernel}" for kernel in kernels])


def listed(parts: list[str]) -> str:
    """Parts one by one, or counted where several are alike: ``3x3, 3x3``, but ``3x (3x3)`` and ``2x (3x1, 1x3)``."""
    if len(parts) <= _LISTED and not any("," in part for part in parts):
        return ", ".join(parts)
    groups = dict.fromkeys(parts)
    counted = [f"{parts.count(part)}x ({part})" if parts.count(part) > 1 else part for part in groups]
    return ", ".join(counted)


def _joined(parts: Iterator[tuple[Layer, ...]] | list[tuple[Layer, ...]]) -> tuple[Layer, ...]:
    return tuple(layer for part in parts for layer in part)
