"""Letters for the numbers of a layer, so that its own methods tell formulas."""

from __future__ import annotations

from typing import Any

from archcalc.analyses.explain.traced import letter
from archcalc.layers import IMAGE, TOKENS, Layer, Pad, Shape

#: What a letter stands for; marks behind it tell several apart.
MEANINGS = {
    "H": "input height", "W": "input width", "C": "input channels", "T": "tokens", "N": "inputs", "F": "kernel",
    "S": "stride", "P": "padding of a side", "D": "dilation", "G": "groups", "K": "output channels", "h": "heads",
    "n": "channels normalised over", "f": "factor", "H'": "output height", "W'": "output width", "T'": "output tokens",
    "b": "bytes a number", "r": "field of what it reads", "j": "stride of what it reads", "s": "start of what it reads",
    "M": "multiply-adds", "E": "element operations",
}  # fmt: skip
#: What the marks of a letter add.
MARKS = {"h": "down", "w": "across", "1": "before", "2": "after"}
_PAIRS = {"kernel": "F", "stride": "S", "dilation": "D", "factor": "f"}
_SINGLE = {"channels": "K", "units": "K", "groups": "G", "heads": "h"}
#: Attributes that a formula leaves out where they are one.
_SILENT = ("dilation", "groups")
OF_RANKS = {IMAGE: "CHW", TOKENS: "TC", 1: "N"}


def named_shapes(shapes: tuple[Shape, ...]) -> tuple[Shape, ...]:
    """Input shapes with letters: C, H and W of an image, numbered where there are several inputs."""
    several = len(shapes) > 1
    return tuple(
        tuple(
            letter(f"{name}{place if several else ''}", dim)
            for name, dim in zip(OF_RANKS[len(shape)], shape, strict=True)
        )
        for place, shape in enumerate(shapes, 1)
    )


def meaning(name: str, vector: bool = False) -> str:
    """What a letter stands for with its marks; ``vector``: of a layer that gives outputs without channels."""
    plain = f"{name[:1]}'" if name.endswith("'") else name[:1]
    if plain == "K" and vector:
        return "outputs"
    marks = name[len(plain) :]
    if not marks:
        return MEANINGS[plain]
    where = ", ".join(MARKS[mark] for mark in marks) if plain == "P" or not marks.isdigit() else f"branch {marks}"
    return f"{MEANINGS[plain]} ({where})"


def named(layer: Layer) -> Layer:
    """The layer with letters in place of its numbers; formulas are the same."""
    changes: dict[str, Any] = {}
    for field in layer.fields:
        value = getattr(layer, field)
        if field in _PAIRS and isinstance(value, tuple) and not (field in _SILENT and value == (1, 1)):
            changes[field] = _pair(_PAIRS[field], value)
        elif field in _SINGLE and not (field in _SILENT and value == 1):
            changes[field] = letter(_SINGLE[field], value)
        elif field == "pad" and not value.same:
            changes[field] = _pad(value)
        elif field in layer.letters:
            changes[field] = letter(layer.letters[field], value)
    return layer.but(**changes)


def _pair(name: str, value: Any) -> tuple[Any, ...]:
    """One letter for both axes where they agree."""
    marks = ("", "") if value[0] == value[1] else ("h", "w")
    return tuple(letter(f"{name}{mark}", number) for mark, number in zip(marks, value, strict=True))


def _pad(pad: Pad) -> Pad:
    sides = (*pad.height, *pad.width)
    if len({*sides}) == 1:
        marks = ("",) * 4
    elif pad.height[0] == pad.height[1] and pad.width[0] == pad.width[1]:
        marks = ("h", "h", "w", "w")
    elif pad.height == pad.width:
        marks = ("1", "2", "1", "2")
    else:
        marks = ("h1", "h2", "w1", "w2")
    top, bottom, left, right = (letter(f"P{mark}", side) for mark, side in zip(marks, sides, strict=True))
    return Pad((top, bottom), (left, right))
