"""Bars of a table: how much of the largest a layer has, in eighths of a character."""

from __future__ import annotations

from collections.abc import Sequence

from archcalc.algebra import Dim

_EIGHTHS = " ▏▎▍▌▋▊▉"


def bars(values: Sequence[Dim | None], width: int, ascii_only: bool) -> list[str]:
    """A bar a value, the largest ``width`` characters long; anything above zero shows. Closed forms have none."""
    numbers = [value if isinstance(value, int) else 0 for value in values]
    largest = max(numbers, default=0)
    if largest == 0:
        return [""] * len(numbers)
    return [_bar(-(-number * width * 8 // largest), ascii_only) for number in numbers]


def _bar(eighths: int, ascii_only: bool) -> str:
    full, rest = divmod(eighths, 8)
    if ascii_only:
        return "#" * full + ("-" if rest else "")
    return "█" * full + _EIGHTHS[rest].strip()
