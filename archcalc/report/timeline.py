"""Live bytes over the layers of a run, drawn with block characters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archcalc.record import Record
from archcalc.report.numbers import size
from archcalc.report.style import paint

_LEVELS = " ▁▂▃▄▅▆▇█"
_HEIGHT = 8
_LABEL = 10


class Stretch(Record):
    """One part of a run: its name and the most that lives at each of its moments."""

    name: str
    values: Sequence[int]


def timeline(stretches: Sequence[Stretch], *, width: int, colour: bool, ascii_only: bool) -> Iterator[str]:
    """The lines of a chart, stretch after stretch, as many moments a column as it takes; the peak is marked."""
    room = max(width - _LABEL - len(stretches), 8)
    moments = sum(len(stretch.values) for stretch in stretches)
    columns = [_columns(stretch.values, max(-(-moments // room), 1), max(room // moments, 1)) for stretch in stretches]
    top = max(max(values, default=0) for values in columns)
    for level in range(_HEIGHT, 0, -1):
        label = size(top * level // _HEIGHT) if level in (_HEIGHT, _HEIGHT // 2) else ""
        cells = " ".join("".join(_cell(value, top, level, ascii_only) for value in values) for values in columns)
        yield f"{label:>{_LABEL - 1}} {paint(cells.rstrip(), 'macs', colour)}".rstrip()
    yield f"{'':>{_LABEL}}" + " ".join(
        _named(stretch.name, len(of)) for stretch, of in zip(stretches, columns, strict=True)
    )
    place = 0
    for values in columns:
        if top in values:
            yield f"{'':>{_LABEL + place + values.index(top)}}{'^' if ascii_only else '▲'} peak"
            return
        place += len(values) + 1


def _columns(values: Sequence[int], each: int, wide: int) -> list[int]:
    """A column for so many moments, or so many columns for each."""
    most = (max(values[start : start + each]) for start in range(0, len(values), each))
    return [value for value in most for _ in range(wide)]


def _cell(value: int, top: int, level: int, ascii_only: bool) -> str:
    eighths = value * _HEIGHT * 8 // max(top, 1) - (level - 1) * 8
    if ascii_only:
        return "#" if eighths >= 4 else " "
    return _LEVELS[min(max(eighths, 0), 8)]


def _named(name: str, width: int) -> str:
    return name[:width].ljust(width)
