"""What happens at an image's edge: inputs that no window reads, outputs that see padding."""

from __future__ import annotations

from collections.abc import Iterator

from archcalc.analyses.memory.setting import numeric
from archcalc.analyses.pieces import inputs_of
from archcalc.layers import IMAGE, Layer, Shape, Window
from archcalc.record import Record

#: Longer axes, and windows that read more inputs all in all, are not gone through.
LONGEST, MOST = 1 << 16, 1 << 28


class Edge(Record):
    """One axis: inputs that are read by none, and outputs at the start and at the end that see padding; all counted
    from 0, in order. ``nothing``: outputs that read no input at all."""

    size: int
    outputs: int
    unread: tuple[int, ...]
    padded: tuple[int, ...]
    nothing: tuple[int, ...]


def edges(layer: Layer, shapes: tuple[Shape, ...], output: Shape) -> tuple[Edge, ...] | None:
    """Height and width of a layer that reads by windows; nothing of others, None where that is past all use."""
    reading = layer.reads(*shapes) if shapes else "same"
    if not isinstance(reading, tuple) or len(shapes[0]) != IMAGE:
        return ()
    axes = [(numeric(size), numeric(made)) for size, made in zip(shapes[0][1:], output[1:], strict=True)]
    reaches = [numeric((window.last - window.first) // window.per) + 1 for window in reading]
    if any(max(size, made) > LONGEST or made * reach > MOST for (size, made), reach in zip(axes, reaches, strict=True)):
        return None
    return tuple(_edge(window, size, made) for window, (size, made) in zip(reading, axes, strict=True))


def _edge(window: Window, size: int, outputs: int) -> Edge:
    seen = bytearray(size)
    padded: list[int] = []
    nothing: list[int] = []
    for output in range(outputs):
        read = inputs_of(window, output)
        if not len(read):
            nothing.append(output)
            continue
        first = read.start if read.start >= 0 else read.start % read.step
        inside = range(first, min(read.stop, size), read.step)
        if len(inside) < len(read):
            padded.append(output)
        if inside:  # a stop below 0 would count from the end
            seen[inside.start : inside.stop : read.step] = bytes([1]) * len(inside)
    unread = tuple(place for place in range(size) if not seen[place])
    return Edge(size, outputs, unread, tuple(padded), tuple(nothing))


def told(found: tuple[Edge, ...] | None) -> tuple[str, ...]:
    """Sentences about rows and columns, together where they are alike."""
    if found is None:
        return (f"not worked out: a side above {LONGEST:,}, or windows too large",)
    if not found:
        return ()
    height, width = found
    if height == width:
        return tuple(_sentences(height, "rows and columns", "down and across"))
    return (*_sentences(height, "rows", "down"), *_sentences(width, "columns", "across"))


def _sentences(edge: Edge, many: str, along: str) -> Iterator[str]:
    if edge.unread:
        yield f"never read: {_which(edge.unread, edge.size, many)}"
    else:
        yield f"all {edge.size:,} {many} are read"
    if edge.padded:
        yield f"outputs that reach past the edge, {along}: {_which(edge.padded, edge.outputs)}"
    if edge.nothing:
        yield f"outputs that read nothing, {along}: {_which(edge.nothing, edge.outputs)}"


def _which(places: tuple[int, ...], size: int, many: str = "") -> str:
    """``the last 2 of 224 rows``, ``the first and the last of ...``, ``112 of 224 rows: 1, 3, 5, 7, ... 223``."""
    many = many and f" {many}"
    first = next((count for count, place in enumerate(places) if place != count), len(places))
    rest = places[first:]
    last = len(rest) if rest == tuple(range(size - len(rest), size)) else None
    if first == size:
        return f"all {size:,}{many}"
    if last is None:
        return f"{len(places):,} of {size:,}{many}: {_listed(places)}"
    ends = [
        f"the {end} {count:,}" if count > 1 else f"the {end}"
        for end, count in (("first", first), ("last", last))
        if count
    ]
    return f"{' and '.join(ends)} of {size:,}{many}"


def _listed(places: tuple[int, ...]) -> str:
    return ", ".join(map(str, places[:4])) + (f", ... {places[-1]}" if len(places) > 4 else "")
