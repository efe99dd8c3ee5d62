"""How what differs is said: signed numbers, values, layers in few words, a verdict in a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from archcalc.claims import TIMED
from archcalc.report.columns import field_text
from archcalc.report.numbers import computed as figure
from archcalc.report.numbers import exact, shape
from archcalc.report.spelling import spelling

if TYPE_CHECKING:
    from archcalc.analyses.difference import ClaimChange, Difference
    from archcalc.analyses.difference.change import Change
    from archcalc.analyses.difference.condition import Broken
    from archcalc.analyses.difference.layers import LayerChange

ARROW = "→"
_NAMES = {"macs": "MACs", "flops": "FLOPs", "training_flops": "training FLOPs", "field": "field", "output": "output"}
#: Totals that a verdict names.
_CHIEF = ("params", "macs", "training_peak_bytes")
#: Decimals of a per cent.
_FINEST = 6
#: Things that differ, where all that is wanted is that nothing does.
_FIRST = 3
_STATES = ("changed", "added", "removed", "moved", "renamed", "affected")


def quantity(name: str) -> str:
    """A figure as reports call it, its unit included."""
    return _NAMES.get(name, name.replace("_", " "))


def signed(by: Any) -> str:
    """A difference with its sign: ``+1,234``."""
    if not isinstance(by, int | float | Fraction) or not by:
        return exact(by)
    return f"{'+' if by > 0 else '-'}{exact(abs(by))}"


def per_cent(change: Change) -> str:
    """A difference in per cent of the old value, two decimals at most; nothing where that is 0 or no number."""
    share = change.per_cent
    return "" if share is None else percentage(share)


def percentage(share: Fraction) -> str:
    """``+74.3 %``, ``+0.48 %``, ``+0.002 %``: as many digits as it takes to be something."""
    size, sign = abs(share), "+" if share > 0 else "-" if share else ""
    for digits in (1,) if size >= 1 else range(2, _FINEST + 1):
        scaled = (size * 10**digits * 2 + 1) // 2  # half up
        if scaled or not share:
            whole, rest = divmod(int(scaled), 10**digits)
            return f"{sign}{whole:,}.{rest:0{digits}d} %"
    return f"{sign}0.{'0' * _FINEST}... %"


def value(name: str, it: Any, layout: str = "hwc") -> str:
    """A figure, an attribute or a shape as the notation writes it."""
    if it is None:
        return "none"
    if hasattr(it, "kind"):
        return field_text(it) or "none"
    if isinstance(it, bool):
        return "yes" if it else "no"
    if isinstance(it, Mapping) and name == "input":
        return ", ".join(f"{key} {shape(tuple(dims), layout)}" for key, dims in it.items())
    if name in ("output", "input", "shape"):
        return shape(tuple(it), layout)
    if name == "inputs":
        return ", ".join(it) or "none"
    if isinstance(it, list | tuple):
        parts = list(map(str, it))
        if name == "kernel":
            return "x".join(parts)
        return parts[0] if len(set(parts)) == 1 else " ".join(parts)
    return exact(it) if isinstance(it, int | float | Fraction) else str(it)


def became(change: Change, layout: str = "hwc") -> str:
    """``kernel 3x3 → 5x5``."""
    old, new = value(change.name, change.old, layout), value(change.name, change.new, layout)
    return f"{quantity(change.name)} {old} {ARROW} {new}"


def what(layer: LayerChange) -> str:
    """What a layer is now, or was, in the notation's spelling."""
    row = layer.row
    return spelling(row.kind, row.attributes, row.tensors)


def happened(layer: LayerChange, layout: str = "hwc") -> str:
    """What became of a layer, the cause before the consequence."""
    parts = [became(each, layout) for each in layer.attributes if each.name != "shape" or layer.row.kind != "input"]
    parts += ["moved"] if layer.moved else []
    parts += [became(each, layout) for each in layer.figures if each.name == "output" and not _said(layer, each)]
    parts += [f"was {layer.was}"] if layer.was else []
    if layer.state in ("added", "removed"):
        parts = [layer.state]
    if not parts and layer.figures:
        shown = [each for each in layer.figures if each.name in ("field", "params", "macs", "flops")]
        first = next((each for each in shown if each.name == "field"), None)
        parts = [became(first)] if first else [", ".join(quantity(each.name) for each in shown or layer.figures)]
    return "; ".join(parts)


def _said(layer: LayerChange, output: Change) -> bool:
    """Whether the attributes tell the new output: only its channels are others, and they say so."""
    return output.old[1:] == output.new[1:] and any(each.name in ("channels", "units") for each in layer.attributes)


def verdict(found: Difference) -> str:
    """A whole difference in a line."""
    if found.state in ("added", "removed"):
        side = found.new or found.old
        assert side is not None and side.totals is not None, "a network has totals"
        return f"{found.state}: {exact(side.totals.params)} params, {exact(side.totals.macs)} MACs"
    if found.state == "same":
        return "no difference"
    chief = [each for each in found.totals if each.name in _CHIEF]
    parts = [f"{quantity(each.name)} {per_cent(each) or f'{ARROW} {value(each.name, each.new)}'}" for each in chief]
    parts += [became(each) for each in (found.input, found.output) if each is not None]
    if not found.figures_differ:
        parts.append("same figures")
    counts: Counter[str] = Counter(layer.state for layer in found.layers)
    told = [f"{counts[state]:,} {state}" for state in _STATES if counts[state]]
    layers = f"layers: {', '.join(told)}" if told else ""
    return "; ".join(filter(None, (", ".join(parts), layers)))


def claims(changed: Sequence[ClaimChange]) -> Iterator[str]:
    """What became of each claim that is not what it was."""
    for each in changed:
        if each.state == "same":
            continue
        claim = each.new or each.old
        assert claim is not None, "a claim is on one side at least"
        place = f" at {claim.at}" if claim.at else ""
        said = f"{claim.quantity}{place} {claim.operator} {claim.expected}"
        if each.old is None or each.new is None:
            yield f"{each.state}: {said}{_verdict(each.new)}"
        elif each.old.expected != each.new.expected:
            figures = f"{each.old.expected} {ARROW} {each.new.expected}"
            yield f"{claim.quantity}{place} {claim.operator} {figures}{_verdict(each.new)}"
        else:
            computed = f"{_computed(each.old)} {ARROW} {_computed(each.new)}"
            yield f"{said}{_verdict(each.new, each.old)}: {computed}"


def _verdict(new: Any, old: Any = None) -> str:
    if new is None:
        return ""
    if new.holds:
        return ", holds now" if old is not None and not old.holds else ", still holds" if old is not None else ", holds"
    if new.holds is None:
        return ", cannot be told" if new.quantity in TIMED else ", left open by a symbol"
    return ", no longer holds" if old is not None and old.holds else ", does not hold"


def _computed(claim: Any) -> str:
    return figure(claim.quantity, claim.computed)


def failing(broken: Broken, found: Difference) -> str:
    """A condition that a change meets, and the change; of a network that is another, the first things that differ."""
    old, new = broken.old, broken.new
    if old is None and new is None:
        return f"{broken.condition.text}: {_differing(found)}"
    from archcalc.analyses.difference.change import Change

    change = Change(name=broken.condition.quantity, old=old, new=new)
    by = change.difference
    sizes = ", ".join(filter(None, (signed(by) if by is not None else "", per_cent(change))))
    name = "output" if broken.condition.quantity == "out" else broken.condition.quantity
    return f"{broken.condition.text}: {value(name, old)} {ARROW} {value(name, new)}{f' ({sizes})' if sizes else ''}"


def _differing(found: Difference) -> str:
    """The first things that differ, causes before consequences."""
    if found.old is None or found.new is None:
        return "the network is new" if found.old is None else "the network is gone"
    layers = [each for each in found.layers if each.state != "same"]
    layers = [each for each in layers if each.state != "affected"] or layers
    parts = [became(each) for each in (*found.settings, *filter(None, (found.input, found.output)))]
    parts += [f"{each.row.name} {happened(each)}" for each in layers]
    parts += [became(each) for each in found.totals]
    parts += list(claims(found.claims))
    more = f" and {len(parts) - _FIRST} more" if len(parts) > _FIRST else ""
    return ", ".join(parts[:_FIRST]) + more
