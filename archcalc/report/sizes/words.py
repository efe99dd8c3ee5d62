"""What the formats of input sizes have in common: the sentences about them, and the cells of a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from archcalc.report.formula import conditions
from archcalc.report.numbers import exact, shape, size

if TYPE_CHECKING:
    from archcalc.analyses.formula.numbers import Numbers
    from archcalc.analyses.sizes import Axis, Sizes
    from archcalc.analyses.sizes.rows import Row

_SIDES = {"H": "height", "W": "width"}
_FIRST = 4
#: Columns of a row: key, title, whether it is a number.
COLUMNS = (
    ("size", "size", False), ("scale", "scale", True), ("grid", "last map", False), ("output", "output", False),
    ("macs", "MACs", True), ("macs_ratio", "MACs ratio", True), ("activations_bytes", "act. mem", True),
    ("inference_peak_bytes", "inference peak", True), ("memory_ratio", "peak ratio", True),
)  # fmt: skip


def sentences(found: Sizes) -> Iterator[tuple[str, str]]:
    """What is true of all sizes: a heading and a sentence each."""
    if found.smallest is None:
        yield "smallest input", "none: no size fits" if _impossible(found) else "not found: sizes hang on each other"
    else:
        yield "smallest input", "x".join(map(str, found.smallest))
    yield from _sided("can be built", found, lambda axis: told(axis.accepted, axis.name))
    yield from _fitting(found)
    yield from _sided("read to the end", found, _whole)
    if found.gapped:
        more = f" and {len(found.gapped) - _FIRST} more" if len(found.gapped) > _FIRST else ""
        named = ", ".join(found.gapped[:_FIRST]) + more
        yield "", f"not counted: what a stride wider than its window passes over, in {named}"
    for condition in found.others:
        yield "and", conditions.text(condition)
    if found.side_heads != "none":
        yield "side heads", f"{found.side_heads}{': --aux counts them' if found.side_heads == 'left out' else ''}"


def _fitting(found: Sizes) -> Iterator[tuple[str, str]]:
    """The sizes at which weights keep their shapes, and which layers ask for that."""
    if not found.wants:
        yield "weights fit", "every such size: no weight hangs on it"
        return
    if any(want.shape is not None for want in found.wants):
        yield from _sided("weights fit", found, lambda axis: told(axis.fitting, axis.name))
    else:
        yield "weights fit", "the size that they are made for: --input says which"
    for want in found.wants[:_FIRST]:
        yield "", f"{want.layer} wants {shape(want.form if want.shape is None else want.shape)}"
    if len(found.wants) > _FIRST:
        yield "", f"and {len(found.wants) - _FIRST} more layers theirs"


def _impossible(found: Sizes) -> bool:
    return any(axis.fitting.empty for axis in found.axes)


def _sided(label: str, found: Sizes, say: Callable[[Axis], str]) -> Iterator[tuple[str, str]]:
    """A sentence for both sides where they are alike, else one each."""
    height, width = (say(axis) for axis in found.axes)
    if height.replace("H", "W") == width:
        yield label, height
    else:
        yield label, f"{height} (height)"
        yield "", f"{width} (width)"


def _whole(axis: Axis) -> str:
    if axis.whole is None:
        return "it cannot be told"
    if axis.whole == axis.accepted:
        return "every such size"
    fits = axis.whole.meet(axis.fitting)
    only = ""
    if fits is not None and axis.fitting != axis.accepted:
        only = "; none of those that fit" if fits.empty else f"; of those that fit {listed(fits)}"
    return told(axis.whole, axis.name) + only


def told(numbers: Numbers, name: str) -> str:
    """``every size from 32``, ``227 to 258``, ``H = 32·n + 3: 67, 99, 131, 163, ...``, ``63 to 66, 71 to 74, ...``."""
    if numbers.empty:
        return "none"
    if numbers.most == numbers.least:
        return f"{numbers.least} alone"
    if numbers.modulus == 1 and not numbers.without:
        return f"every size from {numbers.least}" if numbers.most is None else f"{numbers.least} to {numbers.most}"
    forms = [f"{numbers.modulus}·n{f' + {r}' if r else ''}" for r in numbers.remainders]
    rule = f"{name} = {', '.join(forms)}: " if numbers.modulus > 1 and len(forms) <= _FIRST else ""
    return rule + listed(numbers)


def listed(numbers: Numbers) -> str:
    """The first few, those in a row as from and to, and dots if there are more."""
    runs = numbers.runs(_FIRST + 1)
    return ", ".join(map(_run, runs[:_FIRST])) + (", ..." if len(runs) > _FIRST else "")


def _run(run: tuple[int, int | None]) -> str:
    first, last = run
    if last is None:
        return f"every size from {first}"
    return f"{first}" if first == last else f"{first} to {last}"


def cells(row: Row, first: Row | None) -> dict[str, str]:
    """A row as text, its ratios to ``first``."""
    if row.why:
        return {"size": _size(row), "scale": _scale(row.scale)}
    macs, peak = (first.macs, first.inference_peak_bytes) if first is not None else (None, None)
    return {
        "size": _size(row),
        "scale": _scale(row.scale),
        "grid": shape(row.grid),
        "output": shape(row.output),
        "macs": exact(row.macs),
        "macs_ratio": _ratio(row.macs, macs),
        "activations_bytes": size(row.activations_bytes),
        "inference_peak_bytes": size(row.inference_peak_bytes),
        "memory_ratio": _ratio(row.inference_peak_bytes, peak),
    }


def original(found: Sizes) -> Row | None:
    """The row of the text's own size, which ratios are to."""
    return next((row for row in found.rows if row.scale == 1 and not row.why), None)


def _size(row: Row) -> str:
    return f"{row.size[0]}x{row.size[1]}"


def _scale(scale: Fraction | None) -> str:
    return "" if scale is None else f"{float(scale):g}"


def _ratio(value: object, to: object) -> str:
    if not isinstance(value, int) or not isinstance(to, int) or not to:
        return ""
    return exact(float(Fraction(value, to)))


def ratio(value: object, to: object) -> float | None:
    """One number over another; None where one is missing."""
    return float(Fraction(value, to)) if isinstance(value, int) and isinstance(to, int) and to else None
