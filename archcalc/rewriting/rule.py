"""``5x5 -> 3x3, 3x3``: which convolutions are swapped for which, as a person writes it."""

from __future__ import annotations

import re
from typing import NoReturn

from archcalc.algebra import Dim, lower_bound
from archcalc.diagnostics import Diagnostic, Fault
from archcalc.layers import Conv, Pair
from archcalc.record import Record
from archcalc.source import Source, Span

_EXAMPLE = "5x5 -> 3x3, 3x3; 7x7/2 -> 3x3, 3x3, 3x3; dw 5x5 -> dw 3x3, dw 3x3; 3x3 -> 1x1@64, 3x3"
_KERNEL = re.compile(
    r"\s*(?P<word>[A-Za-z]+(?:[ -]wise)?)?\s*(?P<height>\d{1,9})\s*[x×]\s*(?P<width>\d{1,9})"
    r"(?:\s*/\s*(?P<stride>\d{1,9})(?:\s*[x×]\s*(?P<wide>\d{1,9}))?)?(?:\s*@\s*(?P<channels>\d{1,9}))?"
    r"(?:\s+dilation\s+(?P<dilation>\d{1,9}))?\s*",
    re.IGNORECASE,
)
_ARROW = re.compile(r"->|→|=>")
_WORDS = {"conv": False, "dw": True, "depthwise": True, "depth-wise": True, "depth wise": True}


class Kernel(Record):
    """A convolution of a rule: its window, on each channel alone if ``depthwise``; stride and channels where said."""

    size: tuple[int, int]
    depthwise: bool = False
    stride: Pair | None = None
    channels: int | None = None
    dilation: int = 1

    def matches(self, layer: Conv, channels: Dim) -> bool | None:
        """Whether a layer that reads so many channels is such a one, of any stride if none is said; None where that
        hangs on an open symbol."""
        pairs: list[tuple[Pair, Pair]] = [(layer.kernel, self.size), (layer.dilation, (self.dilation, self.dilation))]
        if self.stride is not None:
            pairs.append((layer.stride, self.stride))
        sides = [(one, other) for pair, wanted in pairs for one, other in zip(pair, wanted, strict=True)]
        sides += [(layer.channels, self.channels)] if self.channels is not None else []
        if layer.connect or any(isinstance(one, int) and one != other for one, other in sides):
            return False
        depthwise = _is_depthwise(layer.groups, channels)
        if depthwise is not None and depthwise != self.depthwise:
            return False
        return True if depthwise is not None and all(one == other for one, other in sides) else None


def _is_depthwise(groups: Dim, channels: Dim) -> bool | None:
    """Whether there is a group for each of several channels; None where that hangs on an open symbol."""
    if groups == 1:
        return False
    if groups == channels:
        return True if isinstance(groups, int) or (lower_bound(groups) or 0) > 1 else None
    return False if isinstance(groups, int) and isinstance(channels, int) else None


class Swap(Record):
    """A rule: the convolution ``old`` becomes the ``new`` ones; ``text`` is what was written."""

    old: Kernel
    new: tuple[Kernel, ...]
    text: str


def swap_of(text: str) -> Swap:
    """A rule as it is written. Raises Fault with what was expected, underlined."""
    source = Source("--swap", text.expandtabs(1))
    arrow = _ARROW.search(source.text)
    if arrow is None:
        _wrong(source, 0, len(source.text), "a swap is written KERNEL -> KERNEL, KERNEL")
    old = _kernel(source, 0, arrow.start())
    new, start = [], arrow.end()
    for part in source.text[arrow.end() :].split(","):
        new.append(_kernel(source, start, start + len(part)))
        start += len(part) + 1
    return Swap(old, tuple(new), " ".join(text.split()))


def _kernel(source: Source, start: int, stop: int) -> Kernel:
    part = source.text[start:stop]
    found = _KERNEL.fullmatch(part)
    if found is None:
        _wrong(source, start, stop, "a kernel is wanted here" if not part.strip() else "this is no kernel")
    word = (found["word"] or "conv").lower()
    if word not in _WORDS:
        _wrong(source, start + found.start("word"), start + found.end("word"), "a kernel is conv or dw")
    numbers = {
        name: int(found[name]) for name in ("height", "width", "stride", "wide", "channels", "dilation") if found[name]
    }
    for name, value in numbers.items():
        if value < 1:
            _wrong(source, start + found.start(name), start + found.end(name), f"{name} {value}: it is at least 1")
    stride = (numbers["stride"], numbers.get("wide", numbers["stride"])) if "stride" in numbers else None
    return Kernel(
        (numbers["height"], numbers["width"]), _WORDS[word], stride, numbers.get("channels"), numbers.get("dilation", 1)
    )


def _wrong(source: Source, start: int, stop: int, message: str) -> NoReturn:
    """Raises Fault: the part without the blanks around it, or where it is missing."""
    inside = source.text[start:stop]
    start += len(inside) - len(inside.lstrip())
    stop = start + max(len(inside.strip()), 1)
    raise Fault(Diagnostic("A104", message, Span(source, start, stop), help=f"as in {_EXAMPLE}"))
