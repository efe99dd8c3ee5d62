"""The columns that a report's table can show: every key of a layer's row, and how each is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from archcalc.diagnostics import nearest
from archcalc.record import Record
from archcalc.report.numbers import exact, pair, shape, size
from archcalc.report.spelling import spelling

if TYPE_CHECKING:
    from archcalc.analyses.field import Field
    from archcalc.analyses.latency.band import Latency
    from archcalc.analyses.summary import Row, Totals
    from archcalc.layers import Shape


class UnknownColumn(ValueError):
    """``--columns`` names a key that no row has; its text says which, and the nearest known one."""


class Kind(Record):
    """How a column is headed, found in a row, and written for people; its raw value goes to CSV."""

    title: str
    value: Callable[[Any], Any]
    write: Callable[[Any], str] = exact
    right: bool = True


def _field(part: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row.field, part, None)


def _of(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row, name, None)


def what(row: Row) -> str:
    """A row's layer in the notation's canonical spelling; for a folded group what it holds."""
    return spelling(row.kind, row.attributes, row.tensors)


def field_text(field: Field | None) -> str:
    """A field's size: ``35``, ``7x35``, ``<=99`` where it varies, ``all`` or nothing; ``*``: misaligned branches."""
    if field is None or field.kind == "none":
        return ""
    if field.kind == "all":
        return "all"
    assert field.size is not None, "a window has a size"
    return f"{'<=' if field.kind == 'phased' else ''}{pair(field.size)}{'' if field.aligned else '*'}"


def _attributes(value: Any) -> str:
    return "; ".join(f"{name} {item}" for name, item in value.items())


def _words(value: Any) -> str:
    return ", ".join(map(str, value))


def _tensors(value: Any, layout: str = "hwc") -> str:
    return "; ".join(f"{name} {_stored(name, dims, layout)}" for name, dims in value.items())


def _stored(name: str, dims: Shape, layout: str) -> str:
    """A stored tensor's shape: PyTorch's ``32x1x3x3``, or Keras's ``3x3x1x32``, what is made last."""
    if layout == "hwc" and len(dims) > 3:
        *places, made, read, height, width = dims
        dims = (*places, height, width, read, made)
    elif layout == "hwc" and len(dims) == 2 and name.endswith("weight"):
        dims = dims[::-1]
    return shape(dims, layout)


def _pair(value: Any) -> str:
    return "" if value is None or None in tuple(value) else pair(value)


def _yes(value: Any) -> str:
    return "yes" if value else ""


_COUNTS = (
    "params", "weights", "biases", "norms", "others", "trainable", "buffers", "weight_layers", "neurons", "connections",
    "weights_bytes", "activations", "moved_bytes", "line",
)  # fmt: skip

#: Columns of what is predicted.
LATENCY = "latency"
TIMES = ("latency_ns", "latency_low_ns", "latency_high_ns")
PREDICTED = frozenset({LATENCY, *TIMES, "routine"})

COLUMNS: dict[str, Kind] = {
    "name": Kind("layer", _of("name"), str, right=False),
    "what": Kind("what", what, str, right=False),
    "block": Kind("block", _of("block"), str, right=False),
    "kind": Kind("kind", _of("kind"), str, right=False),
    "attributes": Kind("attributes", _of("attributes"), _attributes, right=False),
    "inputs": Kind("inputs", _of("inputs"), _words, right=False),
    "output": Kind("output", _of("output"), shape, right=False),
    "tensors": Kind("tensors", _of("tensors"), _tensors, right=False),
    "shares": Kind("shares", _of("shares"), exact, right=False),
    "aux": Kind("aux", _of("aux"), _yes, right=False),
    **{name: Kind(name.replace("_", " "), _of(name)) for name in _COUNTS},
    "macs": Kind("MACs", _of("macs")),
    "flops": Kind("FLOPs", _of("flops")),
    "training_flops": Kind("training FLOPs", _of("training_flops")),
    "activations_bytes": Kind("act. mem", _of("activations_bytes"), size),
    "intensity": Kind("FLOPs/byte", _of("intensity")),
    LATENCY: Kind("latency", _of(LATENCY), lambda value: _times([value])[0]),
    **{name: Kind(name.replace("_", " "), _of(name)) for name in TIMES},
    "routine": Kind("run as", _of("routine"), exact, right=False),
    "field": Kind("field", _of("field"), field_text),
    "field.kind": Kind("field", _field("kind"), exact, right=False),
    "field.size": Kind("field", _field("size"), _pair),
    "field.stride": Kind("stride", _field("stride"), _pair),
    "field.start": Kind("start", _field("start"), _pair),
    "field.aligned": Kind("aligned", _field("aligned"), lambda value: "no" if value is False else "", right=False),
}

#: What is written in a layout: channels last as papers do, or first as PyTorch does.
_LAID_OUT: dict[str, Callable[[Any, str], str]] = {"output": shape, "tensors": _tensors}
DEFAULT = ("name", "what", "output", "params", "macs", "activations_bytes", "field")


def chosen(names: Sequence[str]) -> tuple[str, ...]:
    """The keys that ``--columns`` asks for. Raises UnknownColumn."""
    for name in names:
        if name not in COLUMNS:
            hint = nearest(name, COLUMNS) or f"known: {', '.join(COLUMNS)}"
            raise UnknownColumn(f"no column '{name}'; {hint}")
    return tuple(names) or DEFAULT


def cells(rows: Sequence[Row], key: str, layout: str = "hwc") -> list[str]:
    """One column as text, a cell a row; shapes height x width x channels unless ``layout`` is ``chw``."""
    if key == "what":
        return _spellings(rows)
    if key == LATENCY:
        return _times([getattr(row, LATENCY, None) for row in rows])
    kind, write = COLUMNS[key], _writer(key, layout)
    # equal layers have the same objects, and of them each is written once; it is kept, so that no other has its place
    written: dict[int, tuple[Any, str]] = {}
    found = []
    for row in rows:
        value = kind.value(row)
        if id(value) not in written:
            written[id(value)] = value, write(value)
        found.append(written[id(value)][1])
    return found


def _times(found: Sequence[Latency | None]) -> list[str]:
    from archcalc.report.latency import cells

    return cells(found) if any(found) else [""] * len(found)


def times(rows: Sequence[Row], totals: Totals) -> list[str]:
    """The column of predicted times, the whole network's at the end."""
    return _times([getattr(each, LATENCY, None) for each in (*rows, totals)])


def _writer(key: str, layout: str) -> Callable[[Any], str]:
    laid_out = _LAID_OUT.get(key)
    return COLUMNS[key].write if laid_out is None else lambda value: laid_out(value, layout)


def _spellings(rows: Sequence[Row]) -> list[str]:
    """What each layer is, equal ones spelled once."""
    spelled: dict[tuple[str, int, int], str] = {}
    found = []
    for row in rows:
        key = row.kind, id(row.attributes), id(row.tensors)
        if key not in spelled:
            spelled[key] = what(row)
        found.append(spelled[key])
    return found


def total_cell(totals: Totals, key: str) -> str:
    """What stands under a column: the whole network's figure where it has one."""
    if key == "name":
        return "total"
    return COLUMNS[key].write(getattr(totals, key)) if hasattr(totals, key) else ""


def raw(row: Row, key: str, layout: str = "hwc") -> Any:
    """A cell for a program: a number, or text where the value is a list or record; shapes in a ``layout``."""
    value = COLUMNS[key].value(row)
    if value is None or isinstance(value, int | float | str):
        return value
    return str(value) if isinstance(value, Fraction) else _writer(key, layout)(value)
