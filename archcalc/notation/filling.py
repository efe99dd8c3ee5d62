"""What the cells of a row add to its layers: window, channels, stride, padding."""

from __future__ import annotations

import re
from collections.abc import Callable

from archcalc.algebra import product
from archcalc.layers import Shape
from archcalc.notation import tree
from archcalc.notation.draft import Draft
from archcalc.notation.headings import CHANNELS, DILATIONS, GROUPS, PADS, STRIDES, WINDOWS
from archcalc.notation.syntax import parse_expression
from archcalc.notation.text import Line
from archcalc.notation.tokens import Unreadable
from archcalc.notation.vocabulary import KINDS

#: 3x3, 3x3/2, 3x3x32x64 (inputs, then outputs), 3x3x64 dw, Pool 7x7.
_PATCH = re.compile(r"(?:pool\s+)?(?P<sizes>\d+(?:\s*x\s*\d+)*)\s*(?P<dw>dw)?\s*(?:/\s*s?(?P<stride>\d+))?", re.I)
#: What a window's cell says of a layer without one.
_NO_WINDOW = re.compile(r"(?:classifier|global|n/a|[-–—]?)$", re.I)

Find = Callable[[frozenset[str]], Line | None]


def filled(find: Find, draft: Draft, turn: int, entering: Shape) -> Draft:
    """A phrase with what its row's cells say and itself does not; the first ``turn`` alone strides."""
    draft = _windowed(find(WINDOWS), draft, entering)
    takes = KINDS[draft.settled].attributes if draft.settled else frozenset()
    said = dict(draft.said)
    stride, pad = find(STRIDES), find(PADS)
    if stride is not None and "stride" not in said and "stride" in takes:
        said["stride"] = (number("1") if turn else number(stride.text),)
    if pad is not None and "pad" not in said and "pad" in takes:
        word = pad.text.strip().lower()
        said["pad"] = word if word in ("same", "valid", "half") else _both(pad)
    for names, attribute in ((DILATIONS, "dilation"), (GROUPS, "groups")):
        cell = find(names)
        if cell is not None and attribute not in said and attribute in takes:
            said[attribute] = (number(cell.text),)
    channels = find(CHANNELS)
    if channels is not None and not draft.numbers and draft.kind in ("conv", "fc", "deconv", "local", None):
        draft = draft.but(numbers=(number(channels.text),))
    return draft.but(said=said)


def _windowed(cell: Line | None, draft: Draft, entering: Shape) -> Draft:
    """The window that a cell says; four sizes say the maps read and given too, two of an fc its inputs and units."""
    if cell is None or _NO_WINDOW.match(cell.text.strip()):
        return draft
    match = _PATCH.fullmatch(cell.text.strip())
    if match is None:
        raise Unreadable(f"'{cell.text}' is no window", (0, len(cell.text)), "3x3 or 3x3/2", "A110").within(cell)
    sizes = [int(piece) for piece in re.findall(r"\d+", match["sizes"])]
    if draft.settled == "fc":
        return _connected(cell, sizes, draft, entering)
    if draft.settled is not None and "window" not in KINDS[draft.settled].attributes:
        return draft
    if match["dw"] and draft.settled == "conv":
        draft = draft.but(kind="depthwise")
    if len(sizes) > 3 and not draft.numbers:
        draft = draft.but(numbers=(number(str(sizes.pop())),))
    if match["stride"] and "stride" not in draft.said:
        draft = draft.but(said={**draft.said, "stride": (number(match["stride"]),)})
    sizes = sizes * 2 if len(sizes) == 1 else sizes
    return draft if draft.window else draft.but(window=tuple(number(str(size)) for size in sizes))


def _connected(cell: Line, sizes: list[int], draft: Draft, entering: Shape) -> Draft:
    """A fully connected layer of a matrix ``1024x1000``: its inputs are checked, its units taken."""
    if len(sizes) == 2 and isinstance(product(entering), int) and sizes[0] != product(entering):
        message = f"a layer over {sizes[0]} numbers: {product(entering)} enter"
        raise Unreadable(message, (0, len(cell.text)), code="A302").within(cell)
    return draft if draft.numbers or len(sizes) > 2 else draft.but(numbers=(number(str(sizes[-1])),))


def _both(cell: Line) -> tuple[tree.Arithmetic, ...]:
    """``1`` or ``0x3``."""
    return tuple(number(piece) for piece in re.split(r"\s*x\s*", cell.text.strip()))


def number(text: str) -> tree.Arithmetic:
    """A cell's number, or its arithmetic over parameters."""
    plain = text.strip().replace(",", "")
    return tree.Number(int(plain), (0, len(text))) if plain.isdigit() else parse_expression(plain)
